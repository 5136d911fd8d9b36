// How a value goes from one end of an interval to the other: numbers for the steps of valuation.hpp that know more than a range.
//
// A range alone says little of a sum whose parts fade in both directions: it allows each its extreme at another instant. Where the
// sum's slope has one sign, its values lie between those at the two ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/valuation.hpp"

namespace leadscore {

// Of a value over an interval. Its rates are per microsecond; infinite ones stand for jumps.
struct Course {
  Range range{};     // encloses whatever an evaluation gives inside the interval
  double begin = 0;  // at the ends
  double end = 0;
  Range rate{};      // encloses the rate of change of the value as real numbers would give it
  double error = 0;  // how far evaluations, and `begin` and `end`, may be from that by rounding
};

inline constexpr Range any_rate{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};

[[nodiscard]] inline double largest_magnitude(const Range &range) noexcept {
  return std::max(std::fabs(range.low), std::fabs(range.high));
}

// A value that does not change.
[[nodiscard]] inline Course constant(double value) noexcept { return {.range = {value, value}, .begin = value, .end = value}; }

// A value that may change in any way inside the range.
[[nodiscard]] inline Course anywhere(const Range &range) noexcept {
  if (range.low == range.high) return constant(range.low);
  return {.range = range, .begin = range.low, .end = range.high, .rate = any_rate};
}

[[nodiscard]] inline bool only_rises_or_falls(const Course &value) noexcept { return value.rate.low >= 0 || value.rate.high <= 0; }

// What the ends tell of the range, if the value only rises or only falls.
[[nodiscard]] inline Range between_ends(const Course &value) noexcept {
  if (!only_rises_or_falls(value)) return value.range;
  const double margin = 2 * value.error;
  return {std::max(value.range.low, std::min(value.begin, value.end) - margin),
          std::min(value.range.high, std::max(value.begin, value.end) + margin)};
}

// By more than a rounding of a result, or of two, can be off.
inline constexpr double one_rounding = std::numeric_limits<double>::epsilon();

// The range that holds what a range computed with that relative error stands for.
[[nodiscard]] inline Range outwards(const Range &range, double part) noexcept {
  return {range.low - part * std::fabs(range.low), range.high + part * std::fabs(range.high)};
}

inline Course plus(const Course &a, const Course &b) noexcept {
  Course sum{.range = plus(a.range, b.range), .begin = plus(a.begin, b.begin), .end = plus(a.end, b.end)};
  sum.rate = outwards({a.rate.low + b.rate.low, a.rate.high + b.rate.high}, one_rounding);
  sum.error = a.error + b.error + one_rounding * largest_magnitude(sum.range);
  return sum;
}

inline Course times(const Course &value, double factor) noexcept {
  if (factor == 0) return constant(0);
  Course product{.range = times(value.range, factor), .begin = times(value.begin, factor), .end = times(value.end, factor)};
  const double low = value.rate.low * factor;
  const double high = value.rate.high * factor;
  product.rate = outwards({std::min(low, high), std::max(low, high)}, one_rounding);
  product.error = value.error * std::fabs(factor) + one_rounding * largest_magnitude(product.range);
  return product;
}

inline Course clamped(const Course &value, double low, double high) noexcept {
  const Range range = between_ends(value);
  if (range.high <= low) return constant(held(low));
  if (range.low >= high) return constant(held(high));
  Course result{.range = clamped(range, low, high),
                .begin = clamped(value.begin, low, high),
                .end = clamped(value.end, low, high),
                .rate = value.rate,
                .error = value.error};
  const bool is_inside = range.low >= low && range.high <= high;
  if (!is_inside) result.rate = {std::min(0.0, value.rate.low), std::max(0.0, value.rate.high)};
  return result;
}

inline Course larger(const Course &a, const Course &b) noexcept {
  if (a.range.low >= b.range.high) return a;
  if (b.range.low >= a.range.high) return b;
  return {.range = larger(a.range, b.range),
          .begin = larger(a.begin, b.begin),
          .end = larger(a.end, b.end),
          .rate = {std::min(a.rate.low, b.rate.low), std::max(a.rate.high, b.rate.high)},
          .error = std::max(a.error, b.error)};
}

inline Holds is_in(const Course &value, double low, double high) noexcept { return is_in(value.range, low, high); }

inline Course either(const std::optional<Course> &before, const Course &value) noexcept {
  return before ? anywhere(either(before->range, value.range)) : value;
}

inline Course points_while(const Course &number, const Slot &slot) noexcept { return anywhere(points_while(number.range, slot)); }

}  // namespace leadscore
