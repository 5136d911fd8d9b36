#include "pg/pending.hpp"

#include <algorithm>
#include <iterator>

#include "pg/guard.hpp"
#include "pg/lock_order.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace leadscore::pg {

namespace {

std::string table_of(const CompiledModel &model, const char *table) { return quoted(model.name) + "." + table; }

Parameter keys_parameter(const CompiledModel &model, const std::vector<Datum> &keys) {
  return {.type = model.key_type.array_type, .value = key_array(model, keys)};
}

// Those of the leads, in their order, whose states exist and are locked now, without having waited for one.
std::vector<Datum> lock_what_is_free(const CompiledModel &model, const std::vector<Datum> &leads) {
  const Rows rows = run_query("SELECT s.lead FROM " + table_of(model, "state") + " s WHERE " + model.is_live("s") + " AND s.lead " +
                                  model.key_type.equality + " ANY ($1) ORDER BY s.lead FOR UPDATE SKIP LOCKED",
                              {keys_parameter(model, leads)}, false);
  std::vector<Datum> locked;
  for (std::uint64_t i = 0; i < rows.count(); ++i) locked.push_back(rows.datum_of_type(i, 1, model.key_type.base_type));
  return locked;
}

void postpone(const CompiledModel &model, std::span<const LeadWrite> writes) {
  const std::array<Datum, 2> values = write_arrays(model, writes, WriteKind::add_events, Cause::event, clock_instant());
  (void)run_query("INSERT INTO " + table_of(model, "pending") + " (lead, state) SELECT d.lead::" + model.key_type.name +
                      ", d.state FROM unnest($1, $2) AS d(lead, state)",
                  {{.type = model.key_type.array_type, .value = values[0]}, {.type = state_array_type(), .value = values[1]}},
                  false);
}

// A table without a block has no rows. One that had some keeps its blocks for a while, which only costs a look.
bool may_have_pending(const CompiledModel &model) {
  return call([&model] {
    Relation table = table_open(model.pending, AccessShareLock);
    const BlockNumber blocks = RelationGetNumberOfBlocks(table);
    table_close(table, NoLock);
    return blocks > 0;
  });
}

}  // namespace

void add_events_to_states(const CompiledModel &model, std::vector<LeadWrite> writes) {
  const KeyType &key = model.key_type;
  const auto is_behind = [&model](const LeadWrite &write) { return is_behind_lock(model, write.lead); };
  const auto ahead = std::ranges::partition_point(writes, is_behind);
  if (ahead != writes.begin()) {
    const std::vector<Datum> locked = lock_what_is_free(model, keys_of({writes.begin(), ahead}));
    const auto is_locked = [&key, &locked](const LeadWrite &write) {
      return std::ranges::binary_search(locked, write.lead,
                                        [&key](Datum left, Datum right) { return key.compare(left, right) < 0; });
    };
    const auto postponed = std::stable_partition(writes.begin(), ahead, is_locked);
    if (postponed != ahead) postpone(model, {postponed, ahead});
    writes.erase(postponed, ahead);
  }
  (void)take_over_pending(model, keys_of(writes));
  (void)write_states(model, writes, WriteKind::add_events, Cause::event, clock_instant());
}

std::int64_t take_over_pending(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty() || !may_have_pending(model)) return 0;
  lock_states(model, leads);
  const Rows rows = run_query("DELETE FROM " + table_of(model, "pending") + " p WHERE p.lead " + model.key_type.equality +
                                  " ANY ($1) RETURNING p.lead, p.state",
                              {keys_parameter(model, leads)}, false);
  LeadWrites taken(model);
  for (std::uint64_t i = 0; i < rows.count(); ++i)
    merge(model.program, taken[rows.datum_of_type(i, 1, model.key_type.base_type)],
          bind_state(rows.datum_of_type(i, 2, state_type())).state);
  // Written at their own instant, when they came to be: what time has changed since, it has changed with them.
  return write_states(model, taken.take(), WriteKind::add_events, Cause::event, distant_past);
}

}  // namespace leadscore::pg
