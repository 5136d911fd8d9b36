// What a state is worth at an instant: its dimensions, its score, its tier.
#pragma once

#include <optional>
#include <vector>

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// Which contributions to count. The bases of the dimensions belong to the lead: an evaluation of the events alone leaves them out.
enum class Part : std::uint8_t { all, lead, events };

// Numbers beyond this are held at it, so that no sum of finite parts becomes infinite or NaN.
inline constexpr double largest_value = 1e300;

// What fades is over when its magnitude falls below this, long before floating point would lose its precision on the way to 0.
inline constexpr double smallest_value = 1e-290;

// The value of every dimension, by index:  clamp(base + sum of children * weight, min_value, max_value), a child being a lead rule,
// a slot (clamped to its min_points and max_points) or a dimension. `t` must not lie before the state's horizon.
[[nodiscard]] std::vector<double> evaluate(const Program &program, const State &state, Instant t, Part part = Part::all);

// What the awards of one slot add up to at `t`, before its min_points and max_points. `t` must not lie before the state's horizon.
[[nodiscard]] double slot_value(const Program &program, const State &state, SlotIndex slot, Instant t);

// False for a lead whose row was seen and did not answer `eligible` with true.
[[nodiscard]] bool is_eligible(const State &state) noexcept;

// The tier for these values: the highest one all of whose minimums hold and whose `applies_to` was answered with true.
// no_tier without a lead, for one that is not eligible, and if none fits.
[[nodiscard]] TierIndex tier_for(const Program &program, const State &state, const std::vector<double> &values) noexcept;

[[nodiscard]] TierIndex tier_at(const Program &program, const State &state, Instant t);

}  // namespace leadscore
