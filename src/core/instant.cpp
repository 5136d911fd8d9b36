#include "core/instant.hpp"

namespace leadscore {

Duration elapsed(Instant from, Instant to) noexcept {
  if (from == distant_past || to == distant_future) return Duration::max();
  if (from == distant_future || to == distant_past) return Duration::min();
  const std::int64_t begin = from.time_since_epoch().count();
  const std::int64_t end = to.time_since_epoch().count();
  if (begin < 0 && end > Duration::max().count() + begin) return Duration::max();
  if (begin > 0 && end < Duration::min().count() + begin) return Duration::min();
  return Duration(end - begin);
}

Instant later(Instant instant, Duration duration) noexcept {
  if (instant == distant_past || instant == distant_future) return instant;
  if (instant.time_since_epoch() > Duration::max() - duration) return distant_future;
  return instant + duration;
}

}  // namespace leadscore
