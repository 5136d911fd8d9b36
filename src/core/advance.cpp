#include "core/advance.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/ceiling.hpp"
#include "core/error.hpp"
#include "core/next_change.hpp"
#include "core/tiers.hpp"

namespace leadscore {

namespace {

// What one write may spend on looking ahead. Some hundred ranges find most changes to the microsecond; where they do not, `due_at`
// comes early, and the lead is looked at again then.
constexpr std::int64_t keep_due_budget = 16;
constexpr std::int64_t due_budget = 256;

// How many changes that time brought about unseen one write records, and what it may spend on finding each. Beyond that, only where
// the lead stands now is recorded.
constexpr std::size_t walk_limit = 1000;
constexpr std::int64_t walk_budget = 10'000;

// The tier recorded last, in the version that it was recorded for.
struct Recorded {
  const Program &program;
  TierIndex tier;
};

const std::string &name_of(const Program &program, TierIndex tier) {
  static const std::string none;
  return tier == no_tier ? none : program.tiers[static_cast<std::size_t>(tier)].name;
}

// The tier of another version that has the same name, if it is there and latched.
TierIndex same_tier(const Program &stored_program, TierIndex latched, const Program &program) {
  const std::optional<TierIndex> same = program.find_tier(name_of(stored_program, latched));
  return same && program.tiers[static_cast<std::size_t>(*same)].latched ? *same : no_tier;
}

bool is_same_tier(const Recorded &recorded, const Program &program, TierIndex tier) {
  if (recorded.tier == no_tier || tier == no_tier) return recorded.tier == tier;
  return name_of(recorded.program, recorded.tier) == name_of(program, tier);
}

// Records where the state stands at `at`, as a change if that is another tier than the one recorded before.
void record(const Recorded &before, const Program &program, State &state, Instant at, Cause cause, const Standing &now) {
  state.tier = now.tier;
  state.latched = now.latched;
  if (is_same_tier(before, program, now.tier)) return;
  state.tier_since = at;
  state.changes.push_back({.at = at,
                           .from_version = before.tier == no_tier ? 0 : before.program.version,
                           .from = before.tier,
                           .to = now.tier,
                           .has_score = now.score.has_value(),
                           .score = now.score.value_or(0),
                           .cause = cause});
}

void record(const Recorded &before, const Program &program, State &state, Instant at, Cause cause) {
  record(before, program, state, at, cause, standing_at(program, state, state.latched, at));
}

// Records the changes up to `now` that time alone has brought about since the state was written.
void pass_time(const Program &program, State &state, Instant now) {
  if (state.due_at > now) return;
  constexpr Duration step{1};
  Instant from = state.due_at > state.horizon ? state.due_at - step : state.horizon;
  while (state.changes.size() < walk_limit && from < now) {
    const Instant stop = std::min(now, override_end_after(program, state, from));
    const NextChange next = find_change(program, state, state.latched, from, walk_budget, stop);
    if (!next.exact) break;
    from = std::min(next.at, stop);
    record({program, state.tier}, program, state, from, Cause::time);
  }
  record({program, state.tier}, program, state, now, Cause::time);
}

// Adjustments by people go with the events: both are read anew when a lead is recomputed.
void take_events(State &state, State &&from) {
  state.last_event_at = from.last_event_at;
  state.sums = std::move(from.sums);
  state.awards = std::move(from.awards);
  state.adjustments = std::move(from.adjustments);
}

void take_lead(State &state, const State &from) {
  state.has_lead = from.has_lead;
  state.answers = from.answers;
  state.created_at = from.created_at;
}

void add_events(State &state, const State &write) {
  note_event(state, write.last_event_at);
  state.sums.insert(state.sums.end(), write.sums.begin(), write.sums.end());
  state.awards.insert(state.awards.end(), write.awards.begin(), write.awards.end());
  state.adjustments.insert(state.adjustments.end(), write.adjustments.begin(), write.adjustments.end());
}

// The state is canonical again only after `fold`.
void apply(State &state, const State &write) {
  switch (write.write) {
    case WriteKind::nothing:
      return;
    case WriteKind::add_events:
      return add_events(state, write);
    case WriteKind::replace_events:
      return take_events(state, State(write));
    case WriteKind::replace_lead:
      return take_lead(state, write);
    case WriteKind::replace_all:
      take_lead(state, write);
      return take_events(state, State(write));
  }
}

// The state is due at `due`, perhaps early; or when an override ends before that, which changes what it remembers.
void note_due(const Program &program, State &state, Instant due, bool early) {
  const Instant override_end = override_end_after(program, state, state.horizon);
  state.due_at = std::min(due, override_end);
  state.due_early = early || override_end < due;
}

// Looks for when time changes the tier. The instant at which the state was due before stays if it can: then an index on it need not
// be touched. Where everybody is scored anew, all indexes are.
void look_ahead(const Program &program, State &state, Cause cause, Instant due_before, Outlook &outlook) {
  constexpr Duration step{1};
  if (due_before > state.horizon && due_before != distant_future) {
    const NextChange earlier = outlook.find(state.latched, state.tier, keep_due_budget, due_before - step);
    const bool can_stay = earlier.exact && earlier.at == distant_future;
    const bool early = can_stay && !outlook.changes_at(state.latched, state.tier, due_before);
    const bool is_written_anew = cause == Cause::publish || cause == Cause::rebuild;
    if (can_stay && !(early && is_written_anew)) return note_due(program, state, due_before, early);
  }
  const NextChange next = outlook.find(state.latched, state.tier, due_budget, distant_future);
  note_due(program, state, next.exact ? next.at : next.at + step, !next.exact);
}

// The record of a write at the state's horizon, after which it is folded.
void record_write(const Recorded &before, const Program &program, State &state, Cause cause, Instant due_before,
                  double ceiling_before) {
  if (!state.has_lead) {
    record(before, program, state, state.horizon, cause, {.latched = state.latched});
    note_due(program, state, distant_future, false);
    state.ceiling = not_ranked;
    return;
  }
  Outlook outlook(program, state, state.horizon);
  record(before, program, state, state.horizon, cause,
         standing_with(program, state, state.latched, state.horizon, outlook.value()));
  look_ahead(program, state, cause, due_before, outlook);
  state.ceiling = ceiling_after_write(program, state, ceiling_before);
}

// The state as stored after a write, its events and lead not yet touched.
State reopened(State state) {
  state.write = WriteKind::nothing;
  state.cause = Cause::time;
  state.changes.clear();
  return state;
}

State advance_to_version(const Program &stored_program, const State &stored, const Program &program, const State &write) {
  if (write.write == WriteKind::nothing) {
    State unchanged = stored;
    unchanged.changes.clear();  // they were recorded by an earlier write
    return unchanged;
  }
  if (write.write != WriteKind::replace_all) {
    throw InvalidArgument("a state of version " + std::to_string(stored.version) + " cannot be changed by a write of version " +
                          std::to_string(program.version) + " that does not replace all of it");
  }
  const auto known = static_cast<TierIndex>(stored_program.tiers.size());
  if (stored.tier < no_tier || stored.tier >= known || stored.latched < no_tier || stored.latched >= known) {
    throw InvalidState("the state names a tier that its version does not have");
  }
  State state = reopened(write);
  fold(program, state, stored.horizon);
  state.tier_since = stored.tier_since;
  state.latched = std::max(state.latched, same_tier(stored_program, stored.latched, program));
  record_write({stored_program, stored.tier}, program, state, write.cause, stored.due_at, stored.ceiling);
  return state;
}

}  // namespace

State as_write(const Program &program, State state, WriteKind kind, Cause cause, Instant now) {
  fold(program, state, now);
  state.write = kind;
  state.cause = cause;
  state.tier_since = distant_past;
  state.latched = no_tier;
  state.changes.clear();
  record_write({program, no_tier}, program, state, cause, distant_past, not_ranked);
  if (cause == Cause::publish) state.changes.clear();
  return state;
}

State rescore(const Program &program, State computed, Cause cause, Instant now) {
  return as_write(program, std::move(computed), WriteKind::replace_all, cause, now);
}

State rescore(const Program &stored_program, const State &stored, const Program &program, State computed, Cause cause,
              Instant now) {
  fold(program, computed, now);
  computed.write = WriteKind::replace_all;
  computed.cause = cause;
  return advance(stored_program, stored, program, computed);
}

State advance(const Program &stored_program, State stored, const Program &program, const State &write) {
  require_fit(program, write);
  if (stored.model != program.model || stored_program.model != stored.model || stored_program.version != stored.version) {
    throw InvalidArgument("the stored state, its version and the write over it are not of one model");
  }
  if (stored.version != program.version) return advance_to_version(stored_program, stored, program, write);

  const Instant now = std::max(stored.horizon, write.horizon);
  const Instant due_before = stored.due_at;
  const double ceiling_before = stored.ceiling;
  State state = reopened(std::move(stored));
  pass_time(program, state, now);
  apply(state, write);
  fold(program, state, now);
  record_write({program, state.tier}, program, state, write.write == WriteKind::nothing ? Cause::time : write.cause, due_before,
               ceiling_before);
  return state;
}

}  // namespace leadscore
