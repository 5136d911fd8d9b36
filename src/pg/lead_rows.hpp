// The rows of a transition table, by the lead that they are about.
#pragma once

#include "pg/postgres.hpp"

#include <vector>

#include "pg/guard.hpp"
#include "pg/session.hpp"
#include "pg/transition_table.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

// Calls `visit(key, row)` for every row of the table whose column `key` has a key of the model's.
template <typename Visit>
void for_each_lead(const CompiledModel &model, Relation relation, const Column &key, Tuplestorestate *store, Visit visit) {
  if (store == nullptr) return;
  TransitionTable table(store, relation);
  ScratchMemory scratch;
  while (table.next()) {
    const Row row = table.row();
    const NullableDatum value = call([&row, &key] { return row.attribute(key.number); });
    if (const auto converted = value.isnull ? std::nullopt : convert_key(value.value, key.type, model.key_type))
      visit(*converted, row);
    scratch.reset();
  }
}

// The leads that a statement's rows, old and new, are about, in the order of their keys.
[[nodiscard]] inline std::vector<Datum> leads_of(const CompiledModel &model, const StatementTrigger &trigger, const Column &key) {
  LeadWrites leads(model);
  const auto collect = [&leads](Datum lead, const Row &) { (void)leads[lead]; };
  for_each_lead(model, trigger.relation(), key, trigger.old_rows(), collect);
  for_each_lead(model, trigger.relation(), key, trigger.new_rows(), collect);
  return leads.take_keys();
}

}  // namespace leadscore::pg
