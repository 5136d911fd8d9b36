// Instants and durations, in the resolution and with the epoch of PostgreSQL's timestamptz.
#pragma once

#include <chrono>
#include <cstdint>

namespace leadscore {

using Duration = std::chrono::duration<std::int64_t, std::micro>;

// The clock behind `timestamptz`: microseconds since 2000-01-01 00:00 UTC. It only names the epoch; it cannot tell the time.
struct TimestampClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<TimestampClock>;
};

using Instant = TimestampClock::time_point;

// `-infinity` and `infinity` of timestamptz.
inline constexpr Instant distant_past = Instant::min();
inline constexpr Instant distant_future = Instant::max();

// `to - from`, saturated instead of overflowing: infinitely long if either end is infinite.
[[nodiscard]] Duration elapsed(Instant from, Instant to) noexcept;

// `instant + duration` for a duration that is not negative, saturated at `distant_future`; the infinities stay what they are.
[[nodiscard]] Instant later(Instant instant, Duration duration) noexcept;

// True if what counts from `at` until `until`, which is `distant_future` if it never ends, counts at `t`. What comes at
// `distant_future` never counts.
[[nodiscard]] constexpr bool counts_at(Instant at, Instant until, Instant t) noexcept {
  return at <= t && at != distant_future && (t < until || until == distant_future);
}

}  // namespace leadscore
