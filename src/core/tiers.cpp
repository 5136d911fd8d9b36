#include "core/tiers.hpp"

#include <algorithm>

#include "core/evaluate.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

TierIndex highest_that_holds(const Program &program, const State &state, const Valuation &value) {
  auto tier = static_cast<TierIndex>(program.tiers.size()) - 1;
  const auto holds = [&](TierIndex index) {
    return hold_of(program.tiers[static_cast<std::size_t>(index)], state, value.slots, value.dimensions) == Holds::always;
  };
  while (tier > no_tier && !holds(tier)) --tier;
  return tier;
}

TierIndex highest_latched(const Program &program, TierIndex tier) noexcept {
  while (tier > no_tier && !program.tiers[static_cast<std::size_t>(tier)].latched) --tier;
  return tier;
}

}  // namespace

TierIndex lowest_tier(const Program &program, const State &state, TierIndex latched) noexcept {
  const auto keeps = [&](const Tier &tier) {
    return tier.latched && (!tier.applies_to || (state.has_lead && state.answers[*tier.applies_to] == Answer::is_true));
  };
  while (latched > no_tier && !keeps(program.tiers[static_cast<std::size_t>(latched)])) --latched;
  return latched;
}

Instant override_end_after(const Program &program, const State &state, Instant from) noexcept {
  Instant first = distant_future;
  if (std::ranges::none_of(program.tiers, &Tier::latched)) return first;
  for (const Adjustment &adjustment : state.adjustments) {
    if (adjustment.kind != AdjustmentKind::points && adjustment.until > from) first = std::min(first, adjustment.until);
  }
  return first;
}

Standing standing_at(const Program &program, const State &state, TierIndex latched, Instant t) {
  return standing_with(program, state, latched, t, evaluate_all(program, state, t));
}

Standing standing_with(const Program &program, const State &state, TierIndex latched, Instant t, const Valuation &value) {
  Standing standing{.latched = latched};
  if (!state.has_lead || !is_eligible(state)) return standing;
  standing.score = value.dimensions[root_dimension];
  if (const Adjustment *set = override_at(state, AdjustmentKind::tier, t)) {
    standing.tier = set->tier;
    return standing;
  }
  standing.tier = std::max(highest_that_holds(program, state, value), lowest_tier(program, state, latched));
  if (override_at(state, AdjustmentKind::score, t) == nullptr) {
    standing.latched = std::max(latched, highest_latched(program, standing.tier));
  }
  return standing;
}

TierIndex raw_tier_at(const Program &program, const State &state, Instant t) {
  return standing_at(program, state, no_tier, t).tier;
}

}  // namespace leadscore
