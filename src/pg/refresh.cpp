#include "pg/refresh.hpp"

#include "pg/lock_order.hpp"
#include "pg/pending.hpp"
#include "pg/time.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

namespace {

// Of so many leads with the highest ceilings those that have become too high are lowered. What sinks makes room for the next.
constexpr int looked_at_ceilings = 1000;

// The leads that a query gives, in the order of their keys.
std::vector<Datum> leads_of(const CompiledModel &model, const std::string &sql, std::initializer_list<Parameter> parameters) {
  const Rows rows = run_query(sql, parameters, false);
  LeadWrites leads(model);
  for (std::uint64_t i = 0; i < rows.count(); ++i) (void)leads[rows.datum_of_type(i, 1, model.key_type.base_type)];
  return leads.take_keys();
}

// What refresh has to write: pending events, changes of tier that are due, and ceilings that have become too high among the
// highest. The condition on infinity lets the index serve.
std::string query_of_work(const CompiledModel &model) {
  const std::string from_live = " FROM " + model.state_table() + " s WHERE " + model.is_live("s");
  return "SELECT p.lead FROM " + quoted(model.name) + ".pending p UNION SELECT s.lead" + from_live +
         " AND s.due_at < 'infinity' AND s.due_at <= $1"
         " UNION SELECT h.lead FROM (SELECT s.lead, s.state" +
         from_live + " AND s.ceiling IS NOT NULL ORDER BY s.ceiling DESC LIMIT " + std::to_string(looked_at_ceilings) +
         ") h WHERE leadscore.has_stale_ceiling(h.state, $1)";
}

}  // namespace

std::int64_t refresh(const CompiledModel &model, Instant at) {
  // In one pass, so that all are locked in one order.
  const std::vector<Datum> leads = leads_of(model, query_of_work(model), {instant_parameter(to_timestamp(at))});
  lock_states(model, leads);
  const std::int64_t pending_changes = take_over_pending(model, leads);
  std::vector<LeadWrite> writes;
  writes.reserve(leads.size());
  for (const Datum lead : leads) writes.push_back({.lead = lead, .state = empty_state(model.program)});
  const std::int64_t due_changes = write_states(model, writes, WriteKind::nothing, Cause::time, at);
  // A state that was due, and was deleted before it could be locked, has come back empty.
  delete_empty_states(model, leads);
  return pending_changes + due_changes;
}

}  // namespace leadscore::pg
