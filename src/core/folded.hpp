// The arithmetic of folded awards (see Sum), for the decays whose awards can be folded.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/evaluate.hpp"
#include "core/state.hpp"

namespace leadscore {

// Numbers beyond `largest_value` are held at it.
[[nodiscard]] inline double held(double value) noexcept { return std::clamp(value, -largest_value, largest_value); }

// What has faded below `smallest_value` is 0.
[[nodiscard]] inline double faded(double value) noexcept { return std::fabs(value) < smallest_value ? 0 : value; }

[[nodiscard]] bool can_fold(DecayKind kind) noexcept;

// True when an award made at `at` can be part of a sum that is asked for instants from `horizon` on only.
[[nodiscard]] bool is_foldable(const Decay &decay, Instant at, Instant horizon) noexcept;

// The sum of one award.
[[nodiscard]] Sum folded(const Decay &decay, const Award &award) noexcept;

// Adds `other` to `sum`, a sum of the same slot. Sums of equal value are equal, however they came about: a half-life's mantissa is
// held in [0.5, 1), so that nothing but its rounding depends on the order of additions.
void add_folded(const Decay &decay, Sum &sum, const Sum &other) noexcept;

[[nodiscard]] double folded_value(const Decay &decay, const Sum &sum, Instant t) noexcept;

}  // namespace leadscore
