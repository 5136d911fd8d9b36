// What a state is worth at an instant: its dimensions, its score, its grades.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// Which contributions to count. Bases and adjustments belong to the lead: an evaluation of the events alone leaves them out, and
// one of the lead's own attributes leaves the adjustments out.
enum class Part : std::uint8_t { all, lead, events };

// Numbers beyond this are held at it, so that no sum of finite parts becomes infinite or NaN.
inline constexpr double largest_value = 1e300;

// What fades is over when its magnitude falls below this, long before floating point would lose its precision on the way to 0.
inline constexpr double smallest_value = 1e-290;

// What a state is worth at an instant.
struct Valuation {
  std::vector<double> slots;       // by slot, within its bounds
  std::vector<double> dimensions;  // by dimension
};

// The value of every slot and dimension. A dimension's:  clamp(base + adjustments + combine(children), min_value, max_value),
//   sum: the sum of the children, a sub-dimension times its weight | max: the largest | first: the first that applies, or 0 |
//   share: 100 times the sum divided by the most that the children can give
// An override of the score by a person takes the place of the root's. `t` must not lie before the state's horizon.
[[nodiscard]] Valuation evaluate_all(const Program &program, const State &state, Instant t, Part part = Part::all);

// The value of every dimension, by index; see evaluate_all.
[[nodiscard]] std::vector<double> evaluate(const Program &program, const State &state, Instant t, Part part = Part::all);

// What one slot is worth at `t`, within its bounds. `t` must not lie before the state's horizon.
[[nodiscard]] double slot_value(const Program &program, const State &state, SlotIndex slot, Instant t);

// False for a lead whose row was seen and did not answer `eligible` with true.
[[nodiscard]] bool is_eligible(const State &state) noexcept;

// The grade of a dimension with this value: the one with the highest minimum that it reaches; none if there is no such grade.
[[nodiscard]] std::optional<std::string_view> grade_for(const Dimension &dimension, double value) noexcept;

// What a child is called: a rule's name, or the last part of a sub-dimension's path.
[[nodiscard]] std::string_view name_of(const Program &program, const Child &child);

// The name of the child whose value a dimension takes that combines by max or first, at `t`. None if no child applies, or if the
// dimension combines otherwise.
[[nodiscard]] std::optional<std::string_view> best_child(const Program &program, const State &state, DimensionIndex dimension,
                                                         Instant t);

// The override of this kind (score or tier) by a person that is in force at `t`: the latest made; null if there is none.
[[nodiscard]] const Adjustment *override_at(const State &state, AdjustmentKind kind, Instant t) noexcept;

}  // namespace leadscore
