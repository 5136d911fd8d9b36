#include "core/evaluate.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

void require_answerable(const Program &program, const State &state, Instant t) {
  require_fit(program, state);
  if (t < state.horizon) {
    throw InvalidArgument("the state cannot be evaluated at an instant before its horizon: what had faded by then is gone from it");
  }
}

double points_of(const LeadRule &rule, const State &state) noexcept {
  switch (rule.answer ? state.answers[*rule.answer] : Answer::is_true) {
    case Answer::is_true:
      return rule.points;
    case Answer::is_false:
      return rule.else_points;
    case Answer::unknown:
      return 0;
  }
  return 0;
}

bool fits(const Tier &tier, const State &state, const std::vector<double> &values) noexcept {
  if (tier.applies_to && state.answers[*tier.applies_to] != Answer::is_true) return false;
  return std::all_of(tier.minimums.begin(), tier.minimums.end(),
                     [&](const Minimum &minimum) { return values[minimum.dimension] >= minimum.minimum; });
}

struct ValueAt {
  Instant t;
  double operator()(const Decay &decay, const Sum &sum) const noexcept { return folded_value(decay, sum, t); }
  double operator()(const Decay &decay, const Award &award) const noexcept {
    return faded(award.points * decay.factor(award.at, t));
  }
};

}  // namespace

std::vector<double> lead_points(const Program &program, const State &state) {
  std::vector<double> points;
  points.reserve(program.dimensions.size());
  for (const Dimension &dimension : program.dimensions) points.push_back(held(dimension.base));
  if (!state.has_lead) return points;
  for (const LeadRule &rule : program.lead_rules) points[rule.dimension] = plus(points[rule.dimension], points_of(rule, state));
  return points;
}

std::vector<double> evaluate(const Program &program, const State &state, Instant t, Part part) {
  require_answerable(program, state, t);
  std::vector<double> values = part == Part::events ? std::vector<double>(program.dimensions.size()) : lead_points(program, state);
  if (part != Part::lead) {
    std::vector<double> slots;
    add_up_slots(program, state, slots, ValueAt{t});
    add_slots(program, slots, values);
  }
  roll_up(program, values);
  return values;
}

double slot_value(const Program &program, const State &state, SlotIndex slot, Instant t) {
  require_answerable(program, state, t);
  std::vector<double> slots;
  add_up_slots(program, state, slots, ValueAt{t});
  return slots.at(slot);
}

bool is_eligible(const State &state) noexcept {
  return !state.has_lead || (!state.answers.empty() && state.answers[eligible_answer] == Answer::is_true);
}

TierIndex tier_for(const Program &program, const State &state, const std::vector<double> &values) noexcept {
  if (!state.has_lead || !is_eligible(state)) return no_tier;
  auto tier = static_cast<TierIndex>(program.tiers.size()) - 1;
  while (tier > no_tier && !fits(program.tiers[static_cast<std::size_t>(tier)], state, values)) --tier;
  return tier;
}

TierIndex tier_at(const Program &program, const State &state, Instant t) {
  return tier_for(program, state, evaluate(program, state, t));
}

}  // namespace leadscore
