#include "core/explain.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

// What the awards of one event rule amount to at an instant.
struct RuleTotal {
  std::int64_t awards = 0;
  std::optional<Instant> last_at;
  double points = 0;
};

// A dimension's value before its clamp, and the awards of all rules below it.
struct DimensionTotal {
  double unclamped = 0;
  double value = 0;
  std::int64_t awards = 0;
  std::optional<Instant> last_at;
};

class Explanation {
 public:
  Explanation(const Program &program, std::span<const Answer> answers, std::span<const RuleAward> awards, Instant t)
      : program_(program), answers_(answers), rules_(program.event_rules.size()), dimensions_(program.dimensions.size()) {
    if (!answers.empty() && answers.size() != program.answer_count) {
      throw InvalidArgument("the answers about the lead do not fit the version");
    }
    for (const RuleAward &award : awards) add(award, t);
    for (std::size_t i = 0; i < rules_.size(); ++i) add_rule(i);
    add_lead();
    roll_up();
  }

  std::vector<Contribution> rows() && {
    list(root_dimension, 1);
    return std::move(rows_);
  }

 private:
  void add(const RuleAward &award, Instant t) {
    if (award.rule >= rules_.size()) throw InvalidArgument("an award names a rule that the version does not have");
    if (award.at > t || award.points == 0 || !std::isfinite(award.points)) return;
    RuleTotal &rule = rules_[award.rule];
    ++rule.awards;
    rule.last_at = std::max(rule.last_at, std::optional(award.at));
    rule.points = plus(rule.points, faded(held(award.points) * decay_of(award.rule).factor(award.at, t)));
  }

  const Decay &decay_of(std::size_t rule) const { return program_.slots[program_.event_rules[rule].slot].decay; }

  // The clamp is the slot's. A slot that rules share has none.
  void add_rule(std::size_t index) {
    RuleTotal &rule = rules_[index];
    const Slot &slot = program_.slots[program_.event_rules[index].slot];
    rule.points = clamped(rule.points, slot.min_points, slot.max_points);
    DimensionTotal &dimension = dimensions_[slot.dimension];
    dimension.unclamped = plus(dimension.unclamped, rule.points);
    dimension.awards += rule.awards;
    dimension.last_at = std::max(dimension.last_at, rule.last_at);
  }

  double points_of(const LeadRule &rule) const {
    if (answers_.empty()) return 0;
    const Answer answer = rule.answer ? answers_[*rule.answer] : Answer::is_true;
    if (answer == Answer::unknown) return 0;
    return answer == Answer::is_true ? rule.points : rule.else_points;
  }

  void add_lead() {
    for (const LeadRule &rule : program_.lead_rules) {
      DimensionTotal &dimension = dimensions_[rule.dimension];
      dimension.unclamped = plus(dimension.unclamped, points_of(rule));
    }
    for (std::size_t i = 0; i < dimensions_.size(); ++i) {
      dimensions_[i].unclamped = plus(dimensions_[i].unclamped, program_.dimensions[i].base);
    }
  }

  void roll_up() {
    for (std::size_t i = dimensions_.size(); i-- > 0;) {
      const Dimension &dimension = program_.dimensions[i];
      DimensionTotal &total = dimensions_[i];
      total.value = clamped(total.unclamped, dimension.min_value, dimension.max_value);
      if (i == root_dimension) return;
      DimensionTotal &parent = dimensions_[dimension.parent];
      parent.unclamped = plus(parent.unclamped, times(total.value, dimension.weight));
      parent.awards += total.awards;
      parent.last_at = std::max(parent.last_at, total.last_at);
    }
  }

  // Lists a dimension and what is below it; `weight` is the product of the weights from here up to the root.
  void list(DimensionIndex index, double weight) {
    const Dimension &dimension = program_.dimensions[index];
    const DimensionTotal &total = dimensions_[index];
    const auto awards = total.awards == 0 ? std::nullopt : std::optional(total.awards);
    rows_.push_back({dimension.path, std::nullopt, awards, total.last_at, times(total.value, weight) + 0.0});  // no -0
    add_row(index, "(base)", times(dimension.base, weight));
    list_rules(index, weight);
    const double clamp = total.value - total.unclamped;
    add_row(index, clamp > 0 ? "(min_value)" : "(max_value)", times(clamp, weight));
    for (DimensionIndex child = index + 1; child < program_.dimensions.size(); ++child) {
      if (program_.dimensions[child].parent == index) list(child, times(program_.dimensions[child].weight, weight));
    }
  }

  void list_rules(DimensionIndex index, double weight) {
    for (const LeadRule &rule : program_.lead_rules) {
      if (rule.dimension == index) add_row(index, rule.name, times(points_of(rule), weight));
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const EventRule &rule = program_.event_rules[i];
      const RuleTotal &total = rules_[i];
      if (rule.dimension != index || (total.awards == 0 && total.points == 0)) continue;
      rows_.push_back({program_.dimensions[index].path, rule.name, total.awards, total.last_at, times(total.points, weight) + 0.0});
    }
  }

  void add_row(DimensionIndex index, const std::string &rule, double points) {
    if (points != 0) rows_.push_back({program_.dimensions[index].path, rule, std::nullopt, std::nullopt, points});
  }

  const Program &program_;
  std::span<const Answer> answers_;
  std::vector<RuleTotal> rules_;
  std::vector<DimensionTotal> dimensions_;
  std::vector<Contribution> rows_;
};

}  // namespace

std::vector<Contribution> explain(const Program &program, std::span<const Answer> answers, std::span<const RuleAward> awards,
                                  Instant t) {
  return Explanation(program, answers, awards, t).rows();
}

}  // namespace leadscore
