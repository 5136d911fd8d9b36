#include "core/next_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/evaluate.hpp"
#include "core/lead_part.hpp"
#include "core/tiers.hpp"
#include "core/timeline.hpp"
#include "core/valuation.hpp"

namespace leadscore {

namespace {

// The tier over an interval, compared with the tier at the search's start.
enum class Verdict : std::uint8_t { same, differs, mixed };

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

// What parts of a state are worth between two instants.
struct ValueBetween {
  const Program &program;
  const State &state;
  Instant first;
  Instant last;

  [[nodiscard]] Range folded(const Decay &decay, const Sum &sum) const noexcept {
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

  [[nodiscard]] Range award(const Decay &decay, const CountedEntry &entry) const noexcept {
    return fading(decay, entry.points, entry.at, entry.until);
  }

  // What is worth `points` at `at`, fades, and counts no more from `until` on.
  [[nodiscard]] Range fading(const Decay &decay, double points, Instant at, Instant until) const noexcept {
    if (until <= first || until <= at) return {0, 0};
    const Range range = oriented(points, factor(decay, at));
    return until <= last ? Range{std::min(0.0, range.low), std::max(0.0, range.high)} : range;
  }

  [[nodiscard]] Range number_of(const CountedEntry &entry) const noexcept {
    if (entry.at > last || entry.until <= first || entry.until <= entry.at) return {0, 0};
    if (entry.at <= first && last < entry.until) return {entry.points, entry.points};
    return {0, entry.points};
  }

  [[nodiscard]] Range silence(SlotIndex index) const noexcept {
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

  [[nodiscard]] Range factor(const Decay &decay, Instant at) const noexcept {
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
  Search(const Program &program, const State &state, TierIndex latched, Instant from)
      : program_(program),
        state_(state),
        latched_(latched),
        lowest_(lowest_tier(program, state, latched)),
        tier_(standing_at(program, state, latched, from).tier),
        counted_(counted_entries(program, state)) {
    const LeadPart<double> lead = lead_part(program, state);
    for (const double points : lead.rules) lead_.rules.push_back({points, points});
    for (const double points : lead.own) own_.push_back({points, points});
    lead_.applies = lead.applies;
  }

  Verdict judge(Instant first, Instant last) {
    if (first == last) {
      return standing_at(program_, state_, latched_, first).tier == tier_ ? Verdict::same : Verdict::differs;
    }
    if (override_changes(first, last)) return Verdict::mixed;
    if (const Adjustment *set = override_at(state_, AdjustmentKind::tier, first)) {
      return set->tier == tier_ ? Verdict::same : Verdict::differs;
    }
    const ValueBetween values{program_, state_, first, last};
    add_adjustments(values);
    const std::vector<Range> slots = value_slots<Range>(program_, state_, counted_, values);
    std::vector<Range> dimensions = roll_up(program_, lead_, slots);
    if (const Adjustment *set = override_at(state_, AdjustmentKind::score, first)) {
      dimensions[root_dimension] = {set->points, set->points};
    }
    return compare_tiers(slots, dimensions);
  }

 private:
  [[nodiscard]] bool override_changes(Instant first, Instant last) const noexcept {
    const auto is_inside = [&](Instant at) { return first < at && at <= last; };
    return std::ranges::any_of(state_.adjustments, [&](const Adjustment &adjustment) {
      return adjustment.kind != AdjustmentKind::points && (is_inside(adjustment.at) || is_inside(adjustment.until));
    });
  }

  void add_adjustments(const ValueBetween &values) {
    lead_.own = own_;
    for (const Adjustment &adjustment : state_.adjustments) {
      if (adjustment.kind != AdjustmentKind::points) continue;
      Range &own = lead_.own[adjustment.dimension];
      const Instant until = counts_until(program_, state_, adjustment);
      own = plus(own, values.fading(adjustment.decay, adjustment.points, adjustment.at, until));
    }
  }

  // The tier is the same as long as it holds, or cannot be left, and none above it does.
  [[nodiscard]] Verdict compare_tiers(const std::vector<Range> &slots, const std::vector<Range> &dimensions) const {
    if (tier_ < lowest_) return Verdict::differs;  // only an override has put the lead there
    Verdict verdict = Verdict::same;
    for (auto tier = static_cast<TierIndex>(program_.tiers.size()) - 1; tier > no_tier && tier >= tier_; --tier) {
      if (tier == lowest_) continue;
      const Holds holds = hold_of(program_.tiers[static_cast<std::size_t>(tier)], state_, slots, dimensions);
      if (holds == (tier == tier_ ? Holds::never : Holds::always)) return Verdict::differs;
      if (holds == Holds::sometimes) verdict = Verdict::mixed;
    }
    return verdict;
  }

  const Program &program_;
  const State &state_;
  TierIndex latched_;
  TierIndex lowest_;  // the lead does not fall below this tier
  TierIndex tier_;
  std::vector<CountedEntry> counted_;
  std::vector<Range> own_;  // of the dimensions, without adjustments
  LeadPart<Range> lead_;
};

Instant middle(Instant first, Instant last) noexcept {
  const auto begin = static_cast<std::uint64_t>(first.time_since_epoch().count());
  const auto width = static_cast<std::uint64_t>(last.time_since_epoch().count()) - begin;
  return Instant(Duration(static_cast<std::int64_t>(begin + width / 2)));
}

}  // namespace

NextChange find_change(const Program &program, const State &state, TierIndex latched, Instant from, std::int64_t budget,
                       Instant until) {
  constexpr Duration step{1};
  Search search(program, state, latched, from);
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

NextChange next_change(const Program &program, const State &state, Instant from, std::int64_t budget, Instant until) {
  const bool has_memory = state.due_at != distant_future;
  TierIndex latched = latched_at(program, state, from);
  for (;;) {
    const Instant stop = has_memory ? std::min(until, override_end_after(program, state, from)) : until;
    const NextChange next = find_change(program, state, latched, from, budget, stop);
    if (!next.exact || next.at != distant_future || stop == until) return next;
    latched = standing_at(program, state, latched, stop).latched;
    from = stop;
  }
}

}  // namespace leadscore
