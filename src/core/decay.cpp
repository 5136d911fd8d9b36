#include "core/decay.hpp"

#include <cmath>

namespace leadscore {

double Decay::factor(Instant at, Instant t) const noexcept {
  if (at == distant_future || t < at) return 0;
  if (kind == DecayKind::none) return 1;
  if (at == distant_past || t == distant_future) return 0;  // infinitely old
  const Instant start = later(at, grace);
  if (t <= start) return 1;
  // Two instants may lie further apart than a Duration can tell, but not further than 64 bits.
  const std::uint64_t age =
      static_cast<std::uint64_t>(t.time_since_epoch().count()) - static_cast<std::uint64_t>(start.time_since_epoch().count());
  const auto whole_period = static_cast<std::uint64_t>(period.count());
  switch (kind) {
    case DecayKind::none:
      return 1;
    case DecayKind::half_life:
      return std::exp2(-(static_cast<double>(age) / static_cast<double>(whole_period)));
    case DecayKind::linear: {
      const double left = 1 - rate * static_cast<double>(age) / static_cast<double>(whole_period);
      return left > 0 ? left : 0;
    }
    case DecayKind::step: {
      const std::uint64_t steps = age / whole_period;
      return std::pow(1 - rate, static_cast<double>(steps));
    }
    case DecayKind::window:
      return age < whole_period ? 1 : 0;
  }
  return 0;
}

bool Decay::is_over(Instant at, Instant t) const noexcept {
  return at == distant_future || (at <= t && factor(at, t) == 0);  // no factor rises again once the award counts
}

bool Decay::is_usable() const noexcept {
  if (grace < Duration::zero() || (kind != DecayKind::none && period <= Duration::zero())) return false;
  if (kind == DecayKind::linear) return std::isfinite(rate) && rate > 0;
  return kind != DecayKind::step || (rate > 0 && rate <= 1);
}

}  // namespace leadscore
