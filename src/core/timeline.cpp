#include "core/timeline.hpp"

#include <algorithm>

#include "core/next_change.hpp"
#include "core/tiers.hpp"

namespace leadscore {

namespace {

// What may be spent on finding one change.
constexpr std::int64_t change_budget = 10'000;

bool has_latched_tiers(const Program &program) { return std::ranges::any_of(program.tiers, &Tier::latched); }

}  // namespace

// `due_at` of a state without a record is never: there is nothing to walk through.
Moment moment_at(const Program &program, const State &state, Instant t) {
  Moment moment{.latched = state.latched, .since = state.tier_since};
  if (state.due_at <= t) {
    for (Instant from = state.horizon; from < t;) {
      const Instant stop = std::min(t, override_end_after(program, state, from));
      const NextChange next = find_change(program, state, moment.latched, from, change_budget, stop);
      if (!next.exact) break;
      from = std::min(next.at, stop);
      if (next.at != distant_future) moment.since = from;
      moment.latched = standing_at(program, state, moment.latched, from).latched;
    }
  }
  const Standing standing = standing_at(program, state, moment.latched, t);
  moment.tier = standing.tier;
  if (state.due_at != distant_future) moment.latched = standing.latched;
  return moment;
}

TierIndex latched_at(const Program &program, const State &state, Instant t) {
  if (state.due_at > t || !has_latched_tiers(program)) return state.latched;
  return moment_at(program, state, t).latched;
}

TierIndex tier_at(const Program &program, const State &state, Instant t) {
  return standing_at(program, state, latched_at(program, state, t), t).tier;
}

Instant tier_since(const Program &program, const State &state, Instant t) { return moment_at(program, state, t).since; }

}  // namespace leadscore
