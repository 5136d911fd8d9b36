#include "core/value_between.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/lead_part.hpp"

namespace leadscore {

namespace {

// A power is not rounded monotonically: what lies between two of them may be off by the last bits. Multiplied by 1 +- this, a
// range covers that, and yet little enough that neighbouring microseconds can be told apart for half-lives of many years.
constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();

Range widened(const Range &magnitude) noexcept {
  if (magnitude.high <= 0) return {0, 0};
  const double least = std::numeric_limits<double>::denorm_min();
  return {std::max(0.0, magnitude.low * (1 - rounding) - least), magnitude.high * (1 + rounding) + least};
}

// What is close to where it counts as faded may have passed it somewhere inside the interval; what is clearly less counts as faded.
Range faded_to_zero(const Range &magnitude) noexcept {
  constexpr double closeness = 10 * rounding;
  if (magnitude.high < smallest_value * (1 - closeness)) return {0, 0};
  return {magnitude.low < smallest_value * (1 + closeness) ? 0 : magnitude.low, magnitude.high};
}

// What a sum that fades from `begin` to `end` can be worth.
Range between(double begin, double end) noexcept {
  if (begin < 0) {
    const Range magnitude = faded_to_zero(widened({-end, -begin}));
    return {held(-magnitude.high), -magnitude.low};
  }
  const Range magnitude = faded_to_zero(widened({end, begin}));
  return {magnitude.low, held(magnitude.high)};
}

// How fast what a decay leaves of a value in this range changes, once it has begun to fade. What falls in steps falls all at once.
Range rate_of(const Decay &decay, double points, const Range &range) noexcept {
  const auto period = static_cast<double>(decay.period.count());
  switch (decay.kind) {
    case DecayKind::half_life: {
      const double rate = std::numbers::ln2 / period;
      return outwards({-rate * range.high, -rate * range.low}, rounding);
    }
    case DecayKind::linear: {
      const double rate = -points * decay.rate / period;
      return outwards({std::min(0.0, rate), std::max(0.0, rate)}, rounding);
    }
    case DecayKind::none:
    case DecayKind::step:
    case DecayKind::window:
      break;
  }
  return points < 0 ? Range{0, any_rate.high} : Range{any_rate.low, 0};
}

// Of a value that fades from this magnitude; and where it has faded, it falls a little at once.
double rounding_error(double magnitude) noexcept { return rounding * magnitude + 2 * smallest_value; }

Range oriented(double points, const Range &factor) noexcept {
  const double size = std::fabs(points);
  const Range magnitude = faded_to_zero({size * factor.low, size * factor.high});
  return points < 0 ? Range{-magnitude.high, -magnitude.low} : magnitude;
}

}  // namespace

Range ValueBetween::folded(const Decay &decay, const Sum &sum) const noexcept {
  if (decay.kind == DecayKind::none) return {sum.mantissa, sum.mantissa};
  return between(folded_value(sum, ages_first.of(decay)), folded_value(sum, ages_last.of(decay)));
}

Range ValueBetween::award(const Decay &decay, const CountedEntry &entry) const noexcept {
  return fading(decay, entry.points, entry.at, entry.until);
}

Range ValueBetween::fading(const Decay &decay, double points, Instant at, Instant until) const noexcept {
  if (until <= first || until <= at) return {0, 0};
  const Range range = oriented(points, factor(decay, at));
  return until <= last ? Range{std::min(0.0, range.low), std::max(0.0, range.high)} : range;
}

Range ValueBetween::number_of(const CountedEntry &entry) const noexcept {
  if (entry.at > last || entry.until <= first || entry.until <= entry.at) return {0, 0};
  if (entry.at <= first && last < entry.until) return {entry.points, entry.points};
  return {0, entry.points};
}

Range ValueBetween::silence(SlotIndex index) const noexcept {
  const Slot &slot = program.slots[index];
  const std::optional<Instant> at_first = silent_since(program, state, index, first);
  const std::optional<Instant> at_last = silent_since(program, state, index, last);
  if (!at_last) return {0, 0};
  // Whatever breaks the silence on the way only makes it shorter than one that began before.
  const Instant longest_since = at_first.value_or(first);
  const double most = whole_silences(*slot.silence, longest_since, last);
  const double least = at_first == at_last ? whole_silences(*slot.silence, *at_last, first) : 0;
  return times(Range{least, most}, slot.points);
}

Range ValueBetween::factor(const Decay &decay, Instant at) const noexcept {
  if (last < at) return {0, 0};
  if (first < at) return {0, 1};
  const Range range{decay.factor(at, last), decay.factor(at, first)};
  if (at != distant_past && last <= later(at, decay.grace)) return range;
  switch (decay.kind) {
    case DecayKind::none:
    case DecayKind::linear:
    case DecayKind::window:
      return range;
    case DecayKind::step:
      if (range.low == range.high) return range;
      [[fallthrough]];
    case DecayKind::half_life:
      break;
  }
  const Range wide = widened(range);
  return {wide.low, std::min(1.0, wide.high)};
}

Course CourseBetween::folded(const Decay &decay, const Sum &sum) const noexcept {
  if (decay.kind == DecayKind::none) return constant(sum.mantissa);
  const double begin = folded_value(sum, ranges.ages_first.of(decay));
  const double end = folded_value(sum, ranges.ages_last.of(decay));
  Course course{.range = between(begin, end), .begin = begin, .end = end};
  course.rate = rate_of(decay, begin, course.range);
  course.error = rounding_error(largest_magnitude(course.range));
  return course;
}

Course CourseBetween::award(const Decay &decay, const CountedEntry &entry) const noexcept {
  return fading(decay, entry.points, entry.at, entry.until);
}

Course CourseBetween::fading(const Decay &decay, double points, Instant at, Instant until) const noexcept {
  const Range range = ranges.fading(decay, points, at, until);
  const bool only_fades = at <= ranges.first && ranges.last < until;
  if (range.low == range.high || !only_fades) return anywhere(range);
  Course course{.range = range, .begin = points < 0 ? range.low : range.high, .end = points < 0 ? range.high : range.low};
  course.rate = rate_of(decay, points, range);
  if (ranges.first < later(at, decay.grace)) course.rate = {std::min(0.0, course.rate.low), std::max(0.0, course.rate.high)};
  course.error = rounding_error(std::fabs(points));
  return course;
}

}  // namespace leadscore
