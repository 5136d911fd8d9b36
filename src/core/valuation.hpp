// The one way from awards to the values of the dimensions, for numbers (an instant) and for ranges (an interval) alike.
//
// Both take the same steps in the same order. Since every step is monotone, rounding included, a range encloses whatever the
// numbers show inside its interval, without a margin of its own.
#pragma once

#include <algorithm>
#include <vector>

#include "core/evaluate.hpp"
#include "core/folded.hpp"

namespace leadscore {

struct Range {
  double low = 0;
  double high = 0;
};

inline double plus(double a, double b) noexcept { return held(a + b); }
inline double times(double value, double weight) noexcept { return held(value * weight); }
inline double clamped(double value, double low, double high) noexcept { return held(std::clamp(value, low, high)); }

inline Range plus(const Range &a, const Range &b) noexcept { return {plus(a.low, b.low), plus(a.high, b.high)}; }
inline Range times(const Range &value, double weight) noexcept {
  const Range product{times(value.low, weight), times(value.high, weight)};
  return weight < 0 ? Range{product.high, product.low} : product;
}
inline Range clamped(const Range &value, double low, double high) noexcept {
  return {clamped(value.low, low, high), clamped(value.high, low, high)};
}

// What the dimensions have of their own, by index, before any event: their bases and lead rules.
[[nodiscard]] std::vector<double> lead_points(const Program &program, const State &state);

// Adds up each slot: `value(decay, sum)` and `value(decay, award)` tell what a part of it is worth.
template <typename Number, typename Value>
void add_up_slots(const Program &program, const State &state, std::vector<Number> &slots, const Value &value) {
  slots.assign(program.slots.size(), Number{});
  const auto add = [&](const auto &part) {
    slots[part.slot] = plus(slots[part.slot], value(program.slots[part.slot].decay, part));
  };
  for (const Sum &sum : state.sums) add(sum);
  for (const Award &award : state.awards) add(award);
}

// Adds the slots, each within its bounds, to the dimensions that they belong to.
template <typename Number>
void add_slots(const Program &program, const std::vector<Number> &slots, std::vector<Number> &dimensions) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot &slot = program.slots[i];
    dimensions[slot.dimension] = plus(dimensions[slot.dimension], clamped(slots[i], slot.min_points, slot.max_points));
  }
}

// Clamps the dimensions and adds each to its parent, from the leaves to the root.
template <typename Number>
void roll_up(const Program &program, std::vector<Number> &dimensions) {
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    const Dimension &dimension = program.dimensions[i];
    dimensions[i] = clamped(dimensions[i], dimension.min_value, dimension.max_value);
    if (i != root_dimension)
      dimensions[dimension.parent] = plus(dimensions[dimension.parent], times(dimensions[i], dimension.weight));
  }
}

}  // namespace leadscore
