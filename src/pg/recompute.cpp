#include "pg/recompute.hpp"

#include <algorithm>
#include <array>

#include "pg/adjustments.hpp"
#include "pg/cause.hpp"
#include "pg/guard.hpp"
#include "pg/lock_order.hpp"
#include "pg/row.hpp"
#include "pg/write.hpp"
#include "pg/writers.hpp"

namespace leadscore::pg {

namespace {

// The key condition of a part of the query; `column` is a column of the team's.
std::string among_given(const CompiledModel &model, const std::string &column) {
  return column + " " + model.key_type.equality + " ANY ($2)";
}

std::string lead_part(const CompiledModel &model, bool only_given) {
  const std::string key = "r." + quoted(model.key);
  return "SELECT " + key + "::" + model.key_type.name + " AS lead, leadscore.lead_state(" + quoted_literal(model.name) +
         ", r.*) AS state FROM " + qualified_table(model.leads) + " r" + (only_given ? " WHERE " + among_given(model, key) : "");
}

std::string event_part(const CompiledModel &model, const EventSource &source, bool only_given) {
  const std::string lead = "r." + quoted(source.lead);
  const Oid type =
      call([&source] { return getBaseType(get_atttype(source.relation, get_attnum(source.relation, source.lead.c_str()))); });
  std::string condition = only_given ? among_given(model, lead) : lead + " IS NOT NULL";
  if (const std::string convertible = convertible_condition(lead, type, model.key_type); !convertible.empty())
    condition += " AND " + convertible;
  return "SELECT " + lead + "::" + model.key_type.name + " AS lead, leadscore.event_state(" + quoted_literal(model.name) +
         ", r.*, $1) AS state FROM " + qualified_table(source.relation) + " r WHERE " + condition + " GROUP BY " + lead;
}

std::string adjustment_part(const CompiledModel &model, bool only_given) {
  return "SELECT r.lead::" + model.key_type.name + " AS lead, " + adjustment_state_of("r", model) + " AS state FROM " +
         adjustments_table(model) + " r" + (only_given ? " WHERE " + among_given(model, "r.lead") : "");
}

std::string empty_state_of(const CompiledModel &model) { return "leadscore.empty_state(" + quoted_literal(model.name) + ")"; }

// No state can come meanwhile, as it could if only those that there are were locked.
void lock_all_states(const CompiledModel &model) {
  const std::string pending = quoted(model.name) + ".pending";
  (void)run_query("LOCK TABLE " + model.state_table() + ", " + pending + " IN SHARE ROW EXCLUSIVE MODE", {}, false);
}

void write_recomputed(const CompiledModel &model, RecomputePart part, const Datum *keys, Cause cause) {
  const std::string kind = part == RecomputePart::lead     ? "replace_lead"
                           : part == RecomputePart::events ? "replace_events"
                                                           : "replace_all";
  const std::string source = "SELECT q.lead, leadscore.as_write(q.state, '" + kind + "', '" + cause_name(cause) + "', $1) FROM (" +
                             recompute_query(model, part, keys != nullptr ? RecomputeKeys::given : RecomputeKeys::stored) +
                             ") q ORDER BY q.lead";
  // The recomputation counts the events that are pending: they must not be taken over any more.
  const bool has_events = part != RecomputePart::lead;
  const Parameter now = instant_parameter(GetCurrentTimestamp());
  if (keys == nullptr) {
    (void)run_query(write_query(model, source, has_events ? "true" : ""), {now}, false);
    (void)run_query("DELETE FROM " + model.state_table() + " s WHERE " + model.is_live("s") + " AND leadscore.is_empty(s.state)",
                    {}, false);
    return;
  }
  (void)run_query(write_query(model, source, has_events ? among_given(model, "p.lead") : ""),
                  {now, {.type = model.key_type.array_type, .value = *keys}}, false);
}

// What is known of how up to date a part is in this transaction: the latest command whose trigger has brought it up to date, and
// the command before which all rows had been read by then. Commands that run inside a statement come after it.
struct SettledAt {
  LocalTransactionId transaction = InvalidLocalTransactionId;
  CommandId statement = 0;
  CommandId before = 0;
};

SettledAt settled_lead;
SettledAt settled_events;

SettledAt &settled_at(RecomputePart part) noexcept { return part == RecomputePart::lead ? settled_lead : settled_events; }

// The command whose trigger is running: its snapshot is the active one. Outside of triggers, the command that is running.
CommandId running_statement() { return ActiveSnapshotSet() ? GetActiveSnapshot()->curcid : 0; }

}  // namespace

std::string recompute_query(const CompiledModel &model, RecomputePart part, RecomputeKeys keys) {
  const bool only_given = keys == RecomputeKeys::given;
  std::string parts;
  const auto add = [&parts](const std::string &query) { parts += (parts.empty() ? "" : " UNION ALL ") + query; };
  if (only_given)
    add("SELECT k.lead::" + model.key_type.name + " AS lead, " + empty_state_of(model) + " AS state FROM unnest($2) AS k(lead)");
  if (keys == RecomputeKeys::stored)
    add("SELECT s.lead, " + empty_state_of(model) + " AS state FROM " + model.state_table() + " s WHERE " + model.is_live("s"));
  if (part != RecomputePart::events) add(lead_part(model, only_given));
  if (part != RecomputePart::lead) {
    for (const EventSource &source : model.sources) add("(" + event_part(model, source, only_given) + ")");
    add(adjustment_part(model, only_given));
  }
  return "SELECT p.lead, leadscore.merge(p.state) AS state FROM (" + parts + ") p GROUP BY p.lead";
}

void recompute_leads(const CompiledModel &model, RecomputePart part, const std::vector<Datum> &leads, Cause cause) {
  if (leads.empty()) return;
  note_changed(model, leads);
  const Datum keys = key_array(model, leads);
  lock_states(model, leads);
  write_recomputed(model, part, &keys, cause);
  delete_empty_states(model, leads);
  note_settled(part);
}

void recompute_all_leads(const CompiledModel &model, RecomputePart part, Cause cause) {
  lock_all_states(model);
  note_all_locked(model);
  write_recomputed(model, part, nullptr, cause);
  note_settled(part);
}

void note_settled(RecomputePart part) {
  const auto note = [](SettledAt &last) {
    if (last.transaction != current_transaction()) last = {.transaction = current_transaction()};
    last.statement = std::max(last.statement, running_statement());
    last.before = std::max(last.before, GetCurrentCommandId(false));
  };
  if (part != RecomputePart::events) note(settled_lead);
  if (part != RecomputePart::lead) note(settled_events);
}

Settled settled_since_statement_began(RecomputePart part) {
  const SettledAt &last = settled_at(part);
  const CommandId statement = running_statement();
  if (last.transaction != current_transaction()) return Settled::no;
  if (last.statement > statement) return Settled::by_later_statement;
  return last.before > statement ? Settled::by_this_statement : Settled::no;
}

}  // namespace leadscore::pg
