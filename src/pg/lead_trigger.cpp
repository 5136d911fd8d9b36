// Leads came, went or changed: what their rows answer to the rules is replaced, inside the same statement.

#include "pg/guard.hpp"
#include "pg/lead_rows.hpp"
#include "pg/pending.hpp"
#include "pg/recompute.hpp"
#include "pg/scorer.hpp"
#include "pg/writers.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// What the trigger was called about.
struct Leads {
  const StatementTrigger &trigger;
  ModelPointer model;
  Column key;
};

// For where the rows that the trigger was given may not be the newest any more: the table is asked.
void recompute_changed_leads(const Leads &leads) {
  recompute_leads(*leads.model, RecomputePart::lead, leads_of(*leads.model, leads.trigger, leads.key), Cause::lead);
}

// What a lead's row says is what its new row says; without one it is gone.
void replace_leads(const Leads &leads) {
  Scorer scorer(leads.model);
  LeadWrites writes(*leads.model);
  const CompiledModel &model = *leads.model;
  Relation relation = leads.trigger.relation();
  for_each_lead(model, relation, leads.key, leads.trigger.old_rows(), [&writes](Datum key, const Row &) { (void)writes[key]; });
  for_each_lead(model, relation, leads.key, leads.trigger.new_rows(),
                [&writes, &scorer](Datum key, const Row &row) { scorer.read_lead(row, writes[key]); });
  const std::vector<LeadWrite> ready = writes.take();
  std::vector<Datum> gone;
  for (const LeadWrite &write : ready)
    if (!write.state.has_lead) gone.push_back(write.lead);
  // What this statement removed it may have inserted as well, which another trigger was told of.
  if (!gone.empty() && settled_since_statement_began(RecomputePart::lead) == Settled::by_this_statement)
    return recompute_changed_leads(leads);
  note_changed(*leads.model, keys_of(ready));
  (void)take_over_pending(*leads.model, keys_of(ready));
  (void)write_states(*leads.model, ready, WriteKind::replace_lead, Cause::lead, clock_instant());
  delete_empty_states(*leads.model, gone);
  note_settled(RecomputePart::lead);
}

void follow(const Leads &leads) {
  const WriterScope scope(leads.model);
  if (leads.trigger.is_truncate())
    recompute_all_leads(*leads.model, RecomputePart::lead, Cause::lead);
  else if (settled_since_statement_began(RecomputePart::lead) == Settled::by_later_statement)
    recompute_changed_leads(leads);
  else
    replace_leads(leads);
}

}  // namespace

LEADSCORE_FUNCTION(leads_changed) {
  const StatementTrigger trigger(fcinfo);
  if (trigger.is_idle()) return PointerGetDatum(nullptr);
  const ModelPointer model = model_to_write(trigger.argument(0));
  if (model == nullptr) return PointerGetDatum(nullptr);
  trigger.require_family(*model, model->leads);
  const std::optional<Column> key = find_column(RelationGetDescr(trigger.relation()), model->key);
  if (!key || !is_convertible_key(key->type, model->key_type)) {
    // The configuration no longer fits the table: the team's statement goes on, and is told.
    warn(ERRCODE_UNDEFINED_COLUMN, "leads are not scored by model \"" + model->name + "\"",
         "Key column \"" + model->key + "\" does not exist or has another type.");
    return PointerGetDatum(nullptr);
  }
  follow({.trigger = trigger, .model = model, .key = *key});
  return PointerGetDatum(nullptr);
}
