// What the parts of a state are worth over an interval: ranges and courses for `value_slots` (valuation.hpp).
//
// Every award fades monotonically once it counts, so a part's range follows from what it is worth at the two ends.
#pragma once

#include "core/course.hpp"
#include "core/valuation.hpp"

namespace leadscore {

// What parts of a state are worth between two instants, both included.
struct ValueBetween {
  const Program &program;
  const State &state;
  Instant first;
  Instant last;
  Ages &ages_first;  // of `first`
  Ages &ages_last;   // of `last`

  [[nodiscard]] Range folded(const Decay &decay, const Sum &sum) const noexcept;
  [[nodiscard]] Range award(const Decay &decay, const CountedEntry &entry) const noexcept;
  [[nodiscard]] Range number_of(const CountedEntry &entry) const noexcept;
  [[nodiscard]] Range silence(SlotIndex index) const noexcept;

  // What is worth `points` at `at`, fades, and counts no more from `until` on.
  [[nodiscard]] Range fading(const Decay &decay, double points, Instant at, Instant until) const noexcept;

 private:
  [[nodiscard]] Range factor(const Decay &decay, Instant at) const noexcept;
};

// The same as courses.
struct CourseBetween {
  ValueBetween ranges;

  [[nodiscard]] Course folded(const Decay &decay, const Sum &sum) const noexcept;
  [[nodiscard]] Course award(const Decay &decay, const CountedEntry &entry) const noexcept;
  [[nodiscard]] Course number_of(const CountedEntry &entry) const noexcept { return anywhere(ranges.number_of(entry)); }
  [[nodiscard]] Course silence(SlotIndex index) const noexcept { return anywhere(ranges.silence(index)); }
  [[nodiscard]] Course fading(const Decay &decay, double points, Instant at, Instant until) const noexcept;
};

}  // namespace leadscore
