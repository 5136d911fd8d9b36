#include "core/evaluate.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/lead_part.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

void require_answerable(const Program &program, const State &state, Instant t) {
  require_fit(program, state);
  if (t < state.horizon) {
    throw InvalidArgument("the state cannot be evaluated at an instant before its horizon: what had faded by then is gone from it");
  }
}

// What parts of a state are worth at an instant.
struct ValueAt {
  const Program &program;
  const State &state;
  Instant t;

  [[nodiscard]] double folded(const Decay &decay, const Sum &sum) const noexcept { return folded_value(decay, sum, t); }
  [[nodiscard]] bool counts(const CountedEntry &entry) const noexcept { return counts_at(entry.at, entry.until, t); }
  [[nodiscard]] double number_of(const CountedEntry &entry) const noexcept { return counts(entry) ? entry.points : 0; }
  [[nodiscard]] double award(const Decay &decay, const CountedEntry &entry) const noexcept {
    return counts(entry) ? faded(entry.points * decay.factor(entry.at, t)) : 0;
  }
  [[nodiscard]] double silence(SlotIndex index) const noexcept {
    const Slot &slot = program.slots[index];
    const std::optional<Instant> since = silent_since(program, state, index, t);
    return since ? times(slot.points, whole_silences(*slot.silence, *since, t)) : 0;
  }
};

LeadPart<double> lead_part_for(const Program &program, const State &state, Instant t, Part part) {
  if (part == Part::events) return nothing_of_lead(program);
  return part == Part::lead ? lead_part(program, state) : lead_part_at(program, state, t);
}

// A state at an instant, with what its dimensions are made of.
struct Insight {
  LeadPart<double> lead;
  Valuation value{};
};

Insight look(const Program &program, const State &state, Instant t, Part part) {
  require_answerable(program, state, t);
  Insight result{.lead = lead_part_for(program, state, t, part)};
  std::vector<double> &slots = result.value.slots;
  slots = part == Part::lead ? std::vector<double>(program.slots.size())
                             : value_slots<double>(program, state, counted_entries(program, state), ValueAt{program, state, t});
  result.value.dimensions = roll_up(program, result.lead, slots);
  if (part == Part::all) {
    if (const Adjustment *set = override_at(state, AdjustmentKind::score, t)) result.value.dimensions[root_dimension] = set->points;
  }
  return result;
}

}  // namespace

Valuation evaluate_all(const Program &program, const State &state, Instant t, Part part) {
  return look(program, state, t, part).value;
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
  const Insight insight = look(program, state, t, Part::all);
  const Combination<double> combination(program, insight.lead, insight.value.slots, insight.value.dimensions);
  const Child *best = combination.best(program.dimensions[dimension]);
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
