#include "core/ceiling.hpp"

#include <algorithm>
#include <cmath>

#include "core/evaluate.hpp"
#include "core/upper_bound.hpp"

namespace leadscore {

namespace {

// A ceiling has this many binary digits, but none beyond this place after the point: it is at most a 64th too high, or a 1024th of
// a point.
constexpr int digits = 7;
constexpr int last_place = -10;

// A ceiling that is higher than need be by this part is kept.
constexpr double slack = 1.0 / 16;

double rounded_up(double bound) noexcept {
  int exponent = 0;
  (void)std::frexp(bound, &exponent);
  const int place = std::max(exponent - digits, last_place);
  return std::min(largest_value, std::ldexp(std::ceil(std::ldexp(bound, -place)), place));
}

double ceiling_from(const Program &program, const State &state, Instant t, double before) {
  if (!state.has_lead || !is_eligible(state)) return not_ranked;
  const double bound = upper_bound(program, state, t);
  if (bound <= program.ranked_above) return not_ranked;
  const double rounded = rounded_up(bound);
  return before >= bound && before <= rounded + slack * std::fabs(rounded) ? before : rounded;
}

}  // namespace

double ceiling_after_write(const Program &program, const State &state, double before) {
  return ceiling_from(program, state, state.horizon, before);
}

bool has_stale_ceiling(const Program &program, const State &state, Instant t) {
  return ceiling_from(program, state, t, state.ceiling) != state.ceiling;
}

}  // namespace leadscore
