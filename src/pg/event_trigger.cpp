// Events came, went or changed: their leads' states follow, inside the same statement.
//
// What was inserted is added. What was changed or deleted cannot be subtracted exactly, so the leads concerned are computed anew
// from their events; a merge of two leads is an update of their events.

#include "pg/guard.hpp"
#include "pg/pending.hpp"
#include "pg/recompute.hpp"
#include "pg/scorer.hpp"
#include "pg/session.hpp"
#include "pg/transition_table.hpp"
#include "pg/write.hpp"
#include "pg/writers.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// What the trigger was called about.
struct Events {
  const StatementTrigger &trigger;
  ModelPointer model;
  const EventSource &source;
  EventColumns columns;
};

// Calls `visit(facts, row)` for every event of the table that has a lead.
template <typename Visit>
void for_each_event(const Events &events, Tuplestorestate *store, Visit visit) {
  if (store == nullptr) return;
  TransitionTable table(store, events.trigger.relation());
  ScratchMemory scratch;
  while (table.next()) {
    const Row row = table.row();
    const EventFacts facts = read_event(row, events.columns, events.source, events.model->key_type);
    if (facts.has_lead) visit(facts, row);
    scratch.reset();
  }
}

void add_events(const Events &events) {
  const CompiledModel &model = *events.model;
  Scorer scorer(events.model);
  LeadWrites writes(model);
  std::int64_t without_time = 0;
  for_each_event(events, events.trigger.new_rows(), [&](const EventFacts &facts, const Row &row) {
    if (!facts.has_at) {
      ++without_time;
      return;
    }
    State &state = writes[facts.lead];
    note_event(state, facts.at);
    scorer.enter(row, facts.kind, facts.at,
                 [&state](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
  });
  if (without_time > 0) {
    warn(ERRCODE_NULL_VALUE_NOT_ALLOWED, "events without a time are not scored by model \"" + model.name + "\"",
         "Rows with a null in column \"" + events.source.at + "\": " + std::to_string(without_time) + ".");
  }
  std::vector<LeadWrite> ready = writes.take();
  note_changed(model, keys_of(ready));
  add_events_to_states(model, std::move(ready));
}

void recompute_events(const Events &events) {
  LeadWrites leads(*events.model);
  const auto collect = [&leads](const EventFacts &facts, const Row &) { (void)leads[facts.lead]; };
  for_each_event(events, events.trigger.old_rows(), collect);
  for_each_event(events, events.trigger.new_rows(), collect);
  recompute_leads(*events.model, RecomputePart::events, leads.take_keys(), Cause::event);
}

void follow(const Events &events) {
  const WriterScope scope(events.model);
  if (events.trigger.is_truncate())
    recompute_all_leads(*events.model, RecomputePart::events, Cause::event);
  else if (events.trigger.is_insert() && settled_since_statement_began(RecomputePart::events) == Settled::no)
    add_events(events);
  else
    recompute_events(events);
}

}  // namespace

LEADSCORE_FUNCTION(events_changed) {
  const StatementTrigger trigger(fcinfo);
  if (trigger.is_idle()) return PointerGetDatum(nullptr);
  const ModelPointer model = model_to_write(trigger.argument(0));
  const EventSource *source = model != nullptr ? model->find_source(trigger.argument(1)) : nullptr;
  if (source == nullptr) return PointerGetDatum(nullptr);
  trigger.require_family(*model, source->relation);
  EventColumns columns;
  try {
    columns = event_columns(*source, model->key_type, RelationGetDescr(trigger.relation()));
  } catch (const UserError &error) {
    // The configuration no longer fits the table: the team's statement goes on, and is told.
    warn(error.sqlstate(), "events are not scored by model \"" + model->name + "\"", error.what());
    return PointerGetDatum(nullptr);
  }
  follow({.trigger = trigger, .model = model, .source = *source, .columns = columns});
  return PointerGetDatum(nullptr);
}
