#include "core/evaluate.hpp"

#include <algorithm>

#include "core/evaluation.hpp"

namespace leadscore {

Valuation evaluate_all(const Program &program, const State &state, Instant t, Part part) {
  Evaluation evaluation;
  evaluation.start(program, state, part);
  Valuation value;
  evaluation.evaluate(t, value);
  return value;
}

std::vector<double> evaluate(const Program &program, const State &state, Instant t, Part part) {
  return evaluate_all(program, state, t, part).dimensions;
}

double slot_value(const Program &program, const State &state, SlotIndex slot, Instant t) {
  return evaluate_all(program, state, t, Part::events).slots.at(slot);
}

bool is_eligible(const State &state) noexcept {
  return !state.has_lead || (!state.answers.empty() && state.answers[eligible_answer] == Answer::is_true);
}

std::optional<std::string_view> grade_for(const Dimension &dimension, double value) noexcept {
  const auto above = std::ranges::upper_bound(dimension.grades, value, {}, &Grade::minimum);
  if (above == dimension.grades.begin()) return std::nullopt;
  return std::prev(above)->name;
}

std::string_view name_of(const Program &program, const Child &child) {
  if (child.kind == ChildKind::lead_rule) return program.lead_rules[child.index].name;
  if (child.kind == ChildKind::slot) {
    const auto has_slot = [&](const EventRule &rule) { return rule.slot == child.index; };
    return std::ranges::find_if(program.event_rules, has_slot)->name;
  }
  const std::string_view path = program.dimensions[child.index].path;
  return path.substr(path.rfind('.') + 1);
}

std::optional<std::string_view> best_child(const Program &program, const State &state, DimensionIndex dimension, Instant t) {
  Evaluation evaluation;
  evaluation.start(program, state);
  Valuation value;
  evaluation.evaluate(t, value);
  const Combination<double> combination(program, evaluation.lead(), value.slots, value.dimensions);
  const Child *best = combination.best(dimension);
  return best == nullptr ? std::nullopt : std::optional(name_of(program, *best));
}

const Adjustment *override_at(const State &state, AdjustmentKind kind, Instant t) noexcept {
  const Adjustment *latest = nullptr;
  for (const Adjustment &adjustment : state.adjustments) {
    if (adjustment.kind == kind && counts_at(adjustment.at, adjustment.until, t)) latest = &adjustment;
  }
  return latest;
}

}  // namespace leadscore
