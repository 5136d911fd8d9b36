// How an award fades with its age.
#pragma once

#include <cstdint>

#include "core/instant.hpp"

namespace leadscore {

enum class DecayKind : std::uint8_t { none, half_life, linear, step, window };

// The decay of a rule. `period` is positive unless `kind` is none; `rate` matters for linear (> 0) and step (in (0, 1]) only.
struct Decay {
  DecayKind kind = DecayKind::none;
  Duration period{0};
  double rate = 1;
  Duration grace{0};

  // What is left at `t` of an award of one point made at `at`: 0 before `at`, 1 until `at + grace`, then fading with the age
  // a = t - at - grace:
  //   none 1 | half_life 2^(-a/period) | linear max(0, 1 - rate a/period) | step (1-rate)^floor(a/period) | window 1 while a <
  //   period
  [[nodiscard]] double factor(Instant at, Instant t) const noexcept;

  // True when an award made at `at` is worth nothing at `t` and at every later instant.
  [[nodiscard]] bool is_over(Instant at, Instant t) const noexcept;

  // True if the numbers are those that the kind asks for; any other decay must not be used.
  [[nodiscard]] bool is_usable() const noexcept;

  friend bool operator==(const Decay &, const Decay &) = default;
};

}  // namespace leadscore
