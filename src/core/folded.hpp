// The arithmetic of folded awards (see Sum), for the decays whose awards can be folded.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

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

// How far an instant is from the landmark of the sums of one half-life: whole half-lives, and what the rest leaves of a point.
struct Age {
  std::int64_t whole = 0;
  double factor = 1;
};

[[nodiscard]] Age age_at(const Decay &decay, Instant t) noexcept;

// `a - b`, held at the ends of its type.
[[nodiscard]] inline std::int64_t saturated_subtract(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return b < 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

// mantissa * 2^exponent, correctly rounded.
[[nodiscard]] inline double scaled(double mantissa, std::int64_t exponent) noexcept {
  // A power of two that is a normal number needs no library: the product is the same.
  constexpr std::int64_t near = 1000;
  constexpr std::int64_t bias = std::numeric_limits<double>::max_exponent - 1;
  constexpr int fraction_bits = std::numeric_limits<double>::digits - 1;
  if (exponent >= -near && exponent <= near) {
    return mantissa * std::bit_cast<double>(static_cast<std::uint64_t>(exponent + bias) << fraction_bits);
  }
  // Beyond these bounds every mantissa gives 0 or infinity anyway.
  return std::ldexp(mantissa, static_cast<int>(std::clamp<std::int64_t>(exponent, -10'000, 10'000)));
}

// What a sum of a half-life is worth at that age.
[[nodiscard]] inline double folded_value(const Sum &sum, const Age &age) noexcept {
  return held(faded(scaled(sum.mantissa * age.factor, saturated_subtract(sum.exponent, age.whole))));
}

[[nodiscard]] double folded_value(const Decay &decay, const Sum &sum, Instant t) noexcept;

// The ages of one instant, each computed once: a model has many slots, but few half-lives.
class Ages {
 public:
  explicit Ages(Instant t) noexcept : t_(t) {}

  [[nodiscard]] Age of(const Decay &decay) noexcept {
    for (std::size_t i = 0; i < std::min(known_, size); ++i) {
      if (entries_[i].period == decay.period && entries_[i].grace == decay.grace) return entries_[i].age;
    }
    const Entry entry{.period = decay.period, .grace = decay.grace, .age = age_at(decay, t_)};
    entries_[known_++ % size] = entry;
    return entry.age;
  }

  [[nodiscard]] double folded_value(const Decay &decay, const Sum &sum) noexcept {
    return decay.kind == DecayKind::none ? sum.mantissa : leadscore::folded_value(sum, of(decay));
  }

 private:
  struct Entry {
    Duration period;
    Duration grace;
    Age age;
  };
  static constexpr std::size_t size = 4;

  Instant t_;
  std::size_t known_ = 0;  // the last `size` of them are kept
  std::array<Entry, size> entries_;
};

}  // namespace leadscore
