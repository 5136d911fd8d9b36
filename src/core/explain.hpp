// Why a lead has its score: every contribution, adding up to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// An event that met an event rule (an index into Program::event_rules), with the points of its award, not yet faded; 0: none.
struct RuleAward {
  std::uint32_t rule = 0;
  Instant at{};
  double points = 0;
};

// An adjustment by a person, and what the explanation calls it.
struct LabelledAdjustment {
  Adjustment adjustment;
  std::string label;
};

// What is known of a lead.
struct LeadFacts {
  Answers answers{};  // none: the lead has no row
  Instant created_at = distant_past;
  std::span<const RuleAward> awards{};
  std::span<const LabelledAdjustment> adjustments{};
};

// A row of the explanation. `points` is what the row adds to the score: weights applied, a share's children by their share, and 0
// for whatever its dimension does not take. A dimension's points are the sum of the rows directly below it, the root's are the
// score.
struct Contribution {
  std::string path;
  // None: the dimension itself. Else a rule, an adjustment's label, or "(base)", "(min_value)", "(max_value)": the dimension's
  // base, and what its clamp adds.
  std::optional<std::string> rule{};
  std::optional<std::int64_t> awards{};
  std::optional<Instant> last_at{};
  double points = 0;
  std::optional<std::string> best{};  // of a dimension that takes one child: that child's name
};

// The tree from the root down, a dimension before what is below it: first its base, rules in order, adjustments, clamp, then
// sub-dimensions. Rules that award nothing are left out, dimensions are not. `awards` and `last_at` count the event awards that
// count at `t`: of a frequency its events, of a silence only when it began, of a rule that grants or resets its events. On a
// dimension, those of all rules below it (null if there are none). A lead rule has neither.
[[nodiscard]] std::vector<Contribution> explain(const Program &program, const LeadFacts &lead, Instant t);

}  // namespace leadscore
