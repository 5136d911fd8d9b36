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

// An award of one event rule (an index into Program::event_rules), not yet faded.
struct RuleAward {
  std::uint32_t rule = 0;
  Instant at{};
  double points = 0;
};

// A row of the explanation. `points` is what the row adds to the score, weights applied; a dimension's points are the sum of the
// rows directly below it, the root's are the score.
struct Contribution {
  std::string path;
  std::optional<std::string>
      rule;  // none: the dimension itself. "(base)", "(min_value)", "(max_value)": its base, what its clamp adds
  std::optional<std::int64_t> awards;
  std::optional<Instant> last_at;
  double points = 0;
};

// The tree from the root down, a dimension before what is below it: first its base, rules in order, clamp, then sub-dimensions.
// Rules that award nothing are left out, dimensions are not. `awards` and `last_at` count the event awards at or before `t`; on a
// dimension those of all rules below it (null if there are none). A lead rule has neither.
[[nodiscard]] std::vector<Contribution> explain(const Program &program, std::span<const Answer> answers,
                                                std::span<const RuleAward> awards, Instant t);

}  // namespace leadscore
