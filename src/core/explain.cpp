#include "core/explain.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/lead_part.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

// The same program with a slot of its own for what each rule is worth, so that it can be told.
Program with_slot_for_each_rule(const Program &shared) {
  Program program = shared;
  std::vector<bool> is_taken(shared.slots.size());
  for (EventRule &rule : program.event_rules) {
    if (!rule.slot) continue;
    if (is_taken[*rule.slot]) {
      program.slots.push_back(shared.slots[*rule.slot]);
      rule.slot = static_cast<SlotIndex>(program.slots.size() - 1);
    } else {
      is_taken[*rule.slot] = true;
    }
  }
  link_children(program);
  return program;
}

// The state of a lead of whom nothing is forgotten: each entry for itself.
State state_of(const Program &program, const LeadFacts &lead) {
  if (!lead.answers.empty() && lead.answers.size() != program.answer_count) {
    throw InvalidArgument("the answers about the lead do not fit the version");
  }
  State state = empty_state(program);
  state.has_lead = !lead.answers.empty();
  state.answers = lead.answers;
  if (state.has_lead) state.created_at = lead.created_at;
  for (const RuleAward &award : lead.awards) {
    if (award.rule >= program.event_rules.size()) throw InvalidArgument("an award names a rule that the version does not have");
    enter(program, program.event_rules[award.rule], award.at, award.points,
          [&](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
  }
  sort_awards(state);
  for (const LabelledAdjustment &labelled : lead.adjustments) state.adjustments.push_back(labelled.adjustment);
  std::ranges::stable_sort(state.adjustments, {}, [](const Adjustment &a) { return std::tuple(a.at, a.id); });
  return state;
}

LeadPart<double> lead_part_by_rule(const Program &program, const State &state, Instant t) {
  LeadPart<double> lead = lead_part(program, state);
  fill_rules(program, state, lead);
  add_adjustments(program, state, t, lead);
  return lead;
}

// Events that count.
struct Tally {
  std::int64_t events = 0;
  std::optional<Instant> last_at;

  void add(std::int64_t number, const std::optional<Instant> &at) {
    events += number;
    last_at = std::max(last_at, at);
  }
  [[nodiscard]] std::optional<std::int64_t> number() const { return events == 0 ? std::nullopt : std::optional(events); }
};

class Explanation {
 public:
  Explanation(const Program &program, const LeadFacts &lead, Instant t)
      : program_(with_slot_for_each_rule(program)),
        state_(state_of(program_, lead)),
        adjustments_(lead.adjustments),
        t_(t),
        lead_(lead_part_by_rule(program_, state_, t)),
        value_(evaluate_all(program_, state_, t)),
        combination_(program_, lead_, value_.slots, value_.dimensions),
        tallies_(program_.slots.size()),
        below_(program_.dimensions.size()) {
    for (const CountedEntry &entry : counted_entries(program_, state_)) {
      if (counts_at(entry.at, entry.until, t)) tallies_[entry.slot].add(1, entry.at);
    }
    for (SlotIndex i = 0; i < tallies_.size(); ++i) tally_slot(i);
    tally_dimensions();
  }

  std::vector<Contribution> rows() && {
    list(root_dimension, 1);
    return std::move(rows_);
  }

 private:
  // What counted_entries says nothing of.
  void tally_slot(SlotIndex index) {
    const Slot &slot = program_.slots[index];
    if (slot.kind == SlotKind::silence) tallies_[index].last_at = silent_since(program_, state_, index, t_);
    if (slot.kind != SlotKind::reset) return;
    for (const Award &entry : entries_of(state_, index)) {
      if (entry.at <= t_) tallies_[index].add(1, entry.at);
    }
  }

  void tally_dimensions() {
    for (const EventRule &rule : program_.event_rules) {
      if (rule.slot && program_.slots[*rule.slot].kind == SlotKind::silence) continue;
      const Tally tally = rule.slot ? tallies_[*rule.slot] : tally_of_marks(rule);
      below_[rule.dimension].add(tally.events, tally.last_at);
    }
    for (std::size_t i = below_.size(); i-- > root_dimension + 1;) {
      below_[program_.dimensions[i].parent].add(below_[i].events, below_[i].last_at);
    }
  }

  // One event makes all marks of a rule, but they may not count for the same time.
  [[nodiscard]] Tally tally_of_marks(const EventRule &rule) const {
    Tally tally;
    for (const SlotIndex mark : rule.marks) {
      tally = {.events = std::max(tally.events, tallies_[mark].events), .last_at = std::max(tally.last_at, tallies_[mark].last_at)};
    }
    return tally;
  }

  // Lists a dimension and what is below it; `weight` is what a point of it adds to the score.
  void list(DimensionIndex index, double weight) {
    const Dimension &dimension = program_.dimensions[index];
    const Child *best = combination_.best(index);
    Contribution row{.path = dimension.path, .awards = below_[index].number(), .last_at = below_[index].last_at};
    row.points = times(value_.dimensions[index], weight) + 0.0;  // no -0
    if (best != nullptr) row.best = name_of(program_, *best);
    rows_.push_back(std::move(row));
    add_row(index, "(base)", times(dimension.base, weight));
    for (const Child &child : dimension.children) {
      if (child.kind != ChildKind::dimension) list_rule(index, child, times(weight, part_taken(dimension, child, best)));
    }
    for (const EventRule &rule : program_.event_rules) list_marks(index, rule);
    list_adjustments(index, weight);
    list_bounds(index, weight);
    for (const Child &child : dimension.children) {
      if (child.kind != ChildKind::dimension) continue;
      const double taken = times(weight, part_taken(dimension, child, best));
      list(child.index, times(program_.dimensions[child.index].weight, taken));
    }
  }

  // What a dimension takes of a point of a child.
  static double part_taken(const Dimension &dimension, const Child &child, const Child *best) {
    switch (dimension.combine) {
      case Combine::sum:
        return 1;
      case Combine::share:
        return dimension.share_scale;
      case Combine::max:
      case Combine::first:
        break;
    }
    return &child == best ? 1 : 0;
  }

  void list_rule(DimensionIndex index, const Child &child, double weight) {
    const double points = times(combination_.value_of(child), weight);
    const std::string name(name_of(program_, child));
    if (child.kind == ChildKind::lead_rule) return add_row(index, name, points);
    const Tally &tally = tallies_[child.index];
    if (tally.events == 0 && points == 0) return;
    rows_.push_back({.path = program_.dimensions[index].path,
                     .rule = name,
                     .awards = program_.slots[child.index].kind == SlotKind::silence ? std::nullopt : std::optional(tally.events),
                     .last_at = tally.last_at,
                     .points = points + 0.0});
  }

  // A rule that is worth nothing, but grants or resets.
  void list_marks(DimensionIndex index, const EventRule &rule) {
    if (rule.dimension != index || rule.slot) return;
    const Tally tally = tally_of_marks(rule);
    if (tally.events == 0) return;
    rows_.push_back({.path = program_.dimensions[index].path, .rule = rule.name, .awards = tally.events, .last_at = tally.last_at});
  }

  void list_adjustments(DimensionIndex index, double weight) {
    for (const LabelledAdjustment &labelled : adjustments_) {
      const Adjustment &adjustment = labelled.adjustment;
      if (adjustment.kind != AdjustmentKind::points || adjustment.dimension != index) continue;
      const double points = adjusted_points(program_, state_, adjustment, t_);
      if (points == 0) continue;
      rows_.push_back({.path = program_.dimensions[index].path,
                       .rule = labelled.label,
                       .last_at = adjustment.at,
                       .points = times(points, weight) + 0.0});
    }
  }

  // What the clamp adds, and for the root what overrides do.
  void list_bounds(DimensionIndex index, double weight) {
    const Dimension &dimension = program_.dimensions[index];
    const double unclamped = plus(lead_.own[index], combination_.combine(index));
    const double value = clamped(unclamped, dimension.min_value, dimension.max_value);
    add_row(index, value > unclamped ? "(min_value)" : "(max_value)", times(value - unclamped, weight));
    if (index != root_dimension) return;
    if (const Adjustment *set = override_at(state_, AdjustmentKind::score, t_)) list_override(*set, set->points - value);
    if (const Adjustment *set = override_at(state_, AdjustmentKind::tier, t_)) list_override(*set, 0);
  }

  void list_override(const Adjustment &set, double points) {
    const auto is_it = [&](const LabelledAdjustment &labelled) { return labelled.adjustment == set; };
    const std::string &label = std::ranges::find_if(adjustments_, is_it)->label;
    rows_.push_back({.path = program_.dimensions[root_dimension].path, .rule = label, .last_at = set.at, .points = points});
  }

  void add_row(DimensionIndex index, const std::string &rule, double points) {
    if (points != 0) rows_.push_back({.path = program_.dimensions[index].path, .rule = rule, .points = points});
  }

  const Program program_;
  const State state_;
  std::span<const LabelledAdjustment> adjustments_;
  Instant t_;
  LeadPart<double> lead_;
  Valuation value_;
  Combination<double> combination_;
  std::vector<Tally> tallies_;  // by slot
  std::vector<Tally> below_;    // by dimension, of all rules below
  std::vector<Contribution> rows_;
};

}  // namespace

std::vector<Contribution> explain(const Program &program, const LeadFacts &lead, Instant t) {
  return Explanation(program, lead, t).rows();
}

}  // namespace leadscore
