#include "core/folded.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace leadscore {

namespace {

constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::int64_t saturated_add(std::int64_t a, std::int64_t b) noexcept {
  if (b > 0 && a > largest - b) return largest;
  if (b < 0 && a < smallest - b) return smallest;
  return a + b;
}

// An instant in half-lives: whole ones rounded down, and the rest in [0, 1).
struct HalfLives {
  std::int64_t whole;
  double rest;
};

HalfLives in_half_lives(std::int64_t microseconds, Duration half_life) noexcept {
  std::int64_t whole = microseconds / half_life.count();
  std::int64_t rest = microseconds % half_life.count();
  if (rest < 0) {
    rest += half_life.count();
    --whole;  // no overflow: a rest is left only if the half-life is longer than a microsecond
  }
  return {whole, static_cast<double>(rest) / static_cast<double>(half_life.count())};
}

void normalise(Sum &sum) noexcept {
  int exponent = 0;
  sum.mantissa = std::frexp(sum.mantissa, &exponent);
  sum.exponent = sum.mantissa == 0 ? 0 : saturated_add(sum.exponent, exponent);
}

}  // namespace

bool can_fold(DecayKind kind) noexcept { return kind == DecayKind::none || kind == DecayKind::half_life; }

bool is_foldable(const Decay &decay, Instant at, Instant horizon) noexcept {
  if (decay.kind == DecayKind::none) return at <= horizon;
  return decay.kind == DecayKind::half_life && later(at, decay.grace) <= horizon;
}

Sum folded(const Decay &decay, const Award &award) noexcept {
  Sum sum{.slot = award.slot, .exponent = 0, .mantissa = award.points};
  if (decay.kind == DecayKind::half_life) {
    const HalfLives at = in_half_lives(award.at.time_since_epoch().count(), decay.period);
    sum.mantissa *= std::exp2(at.rest);
    sum.exponent = at.whole;
    normalise(sum);
  }
  return sum;
}

void add_folded(const Decay &decay, Sum &sum, const Sum &other) noexcept {
  if (decay.kind == DecayKind::none) {
    sum.mantissa = held(sum.mantissa + other.mantissa);
    return;
  }
  const Sum &larger = sum.exponent >= other.exponent ? sum : other;
  const Sum &smaller = sum.exponent >= other.exponent ? other : sum;
  const double aligned = scaled(smaller.mantissa, saturated_subtract(smaller.exponent, larger.exponent));
  sum = {.slot = sum.slot, .exponent = larger.exponent, .mantissa = larger.mantissa + aligned};
  normalise(sum);
}

Age age_at(const Decay &decay, Instant t) noexcept {
  if (t == distant_future) return {.whole = 0, .factor = 0};
  const HalfLives age = in_half_lives(saturated_subtract(t.time_since_epoch().count(), decay.grace.count()), decay.period);
  return {.whole = age.whole, .factor = std::exp2(-age.rest)};
}

double folded_value(const Decay &decay, const Sum &sum, Instant t) noexcept {
  return decay.kind == DecayKind::none ? sum.mantissa : folded_value(sum, age_at(decay, t));
}

}  // namespace leadscore
