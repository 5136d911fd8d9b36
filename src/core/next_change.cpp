#include "core/next_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/evaluate.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

// The tier over an interval, compared with the tier at the search's start.
enum class Verdict : std::uint8_t { same, differs, mixed };

// Whether something holds over an interval.
enum class Holds : std::uint8_t { never, sometimes, always };

// A power is not rounded monotonically: what lies between two of them may be off by the last bits. Multiplied by 1 +- this, a
// range covers that, and yet little enough that neighbouring microseconds can be told apart for half-lives of many years.
constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();

Range widened(const Range &magnitude) noexcept {
  if (magnitude.high <= 0) return {0, 0};
  const double least = std::numeric_limits<double>::denorm_min();
  return {std::max(0.0, magnitude.low * (1 - rounding) - least), magnitude.high * (1 + rounding) + least};
}

// What is close to where it counts as faded may have passed it somewhere inside the interval.
Range faded_to_zero(const Range &magnitude) noexcept {
  constexpr double close = smallest_value * (1 + 1e-9);
  return {magnitude.low < close ? 0 : magnitude.low, magnitude.high};
}

Range oriented(double points, const Range &factor) noexcept {
  const double size = std::fabs(points);
  const Range magnitude = faded_to_zero({size * factor.low, size * factor.high});
  return points < 0 ? Range{-magnitude.high, -magnitude.low} : magnitude;
}

// What a part of a slot is worth between two instants.
struct ValueBetween {
  Instant first;
  Instant last;

  Range operator()(const Decay &decay, const Sum &sum) const noexcept {
    if (decay.kind == DecayKind::none) return {sum.mantissa, sum.mantissa};
    const double begin = folded_value(decay, sum, first);
    const double end = folded_value(decay, sum, last);
    if (begin < 0) {
      const Range magnitude = faded_to_zero(widened({-end, -begin}));
      return {held(-magnitude.high), -magnitude.low};
    }
    const Range magnitude = faded_to_zero(widened({end, begin}));
    return {magnitude.low, held(magnitude.high)};
  }

  Range operator()(const Decay &decay, const Award &award) const noexcept {
    return oriented(award.points, factor(decay, award.at));
  }

  Range factor(const Decay &decay, Instant at) const noexcept {
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
};

class Search {
 public:
  Search(const Program &program, const State &state, Instant from)
      : program_(program), state_(state), tier_(tier_at(program, state, from)) {
    for (const double points : lead_points(program, state)) lead_points_.push_back({points, points});
  }

  Verdict judge(Instant first, Instant last) {
    if (first == last) return tier_at(program_, state_, first) == tier_ ? Verdict::same : Verdict::differs;
    add_up_slots(program_, state_, slots_, ValueBetween{first, last});
    dimensions_ = lead_points_;
    add_slots(program_, slots_, dimensions_);
    roll_up(program_, dimensions_);
    return compare_tiers();
  }

 private:
  // The tier is the same as long as it holds and none above it does.
  Verdict compare_tiers() const {
    Verdict verdict = Verdict::same;
    for (auto tier = static_cast<TierIndex>(program_.tiers.size()) - 1; tier > no_tier && tier >= tier_; --tier) {
      const Holds holds = hold_of(program_.tiers[static_cast<std::size_t>(tier)]);
      if (holds == (tier == tier_ ? Holds::never : Holds::always)) return Verdict::differs;
      if (holds == Holds::sometimes) verdict = Verdict::mixed;
    }
    return verdict;
  }

  Holds hold_of(const Tier &tier) const {
    if (tier.applies_to && state_.answers[*tier.applies_to] != Answer::is_true) return Holds::never;
    Holds holds = Holds::always;
    for (const Minimum &minimum : tier.minimums) {
      const Range &value = dimensions_[minimum.dimension];
      if (value.high < minimum.minimum) return Holds::never;
      if (value.low < minimum.minimum) holds = Holds::sometimes;
    }
    return holds;
  }

  const Program &program_;
  const State &state_;
  TierIndex tier_;
  std::vector<Range> lead_points_;
  std::vector<Range> slots_;
  std::vector<Range> dimensions_;
};

Instant middle(Instant first, Instant last) noexcept {
  const auto begin = static_cast<std::uint64_t>(first.time_since_epoch().count());
  const auto width = static_cast<std::uint64_t>(last.time_since_epoch().count()) - begin;
  return Instant(Duration(static_cast<std::int64_t>(begin + width / 2)));
}

}  // namespace

NextChange next_change(const Program &program, const State &state, Instant from, std::int64_t budget, Instant until) {
  constexpr Duration step{1};
  Search search(program, state, from);
  until = std::min(until, distant_future - step);
  if (!state.has_lead || !is_eligible(state) || program.tiers.empty() || from >= until) return {};
  // What is left to search, as the last instants of intervals that join each other; the next one is on top.
  std::vector<Instant> open{until};
  Instant first = from + step;
  while (!open.empty()) {
    if (budget-- <= 0) return {.at = first - step, .exact = false};
    switch (search.judge(first, open.back())) {
      case Verdict::same:
        first = open.back() + step;
        open.pop_back();
        break;
      case Verdict::differs:
        return {.at = first, .exact = true};
      case Verdict::mixed:
        open.push_back(middle(first, open.back()));
        break;
    }
  }
  return {};
}

}  // namespace leadscore
