#include "core/next_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/evaluate.hpp"
#include "core/evaluation.hpp"
#include "core/lead_part.hpp"
#include "core/tiers.hpp"
#include "core/timeline.hpp"
#include "core/value_between.hpp"

namespace leadscore {

namespace {

// The tier over an interval, compared with the tier at the search's start.
enum class Verdict : std::uint8_t { same, differs, mixed };

// The width over which the slope of a margin is taken, and how many steps a guess may take.
constexpr Duration slope_width{1'000'000};
constexpr int guess_steps = 12;

// How far from the truth a guess may be, by rounding.
constexpr Duration guess_error{8};

class Search {
 public:
  Search(const Program &program, const State &state, TierIndex latched, Instant from)
      : program_(program),
        state_(state),
        latched_(latched),
        lowest_(lowest_tier(program, state, latched)),
        tier_(standing_at(program, state, latched, from).tier),
        counted_(counted_entries(program, state)),
        lead_(as_ranges(lead_part(program, state))),
        own_(lead_.own) {}

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
    value_slots(program_, state_, counted_, values, slots_);
    roll_up(program_, lead_, slots_, dimensions_);
    if (const Adjustment *set = override_at(state_, AdjustmentKind::score, first)) {
      dimensions_[root_dimension] = {set->points, set->points};
    }
    return compare_tiers();
  }

  // Where the tier changes if what keeps it falls as a convex function does, as sums of fading points do: by Newton's method, whose
  // steps never go past the zero of such a function. A guess: only `judge` tells.
  [[nodiscard]] std::optional<Instant> guess(Instant from, Instant until) {
    const auto is_granted = [](const Tier &tier) { return !tier.granted_by.empty(); };
    if (!state_.adjustments.empty() || std::ranges::any_of(program_.tiers, is_granted)) return std::nullopt;
    evaluation_.start(program_, state_);
    Instant t = from;
    for (int i = 0; i < guess_steps; ++i) {
      const double here = margin(t);
      const double fall = here - margin(later(t, slope_width));
      if (!std::isfinite(here) || !(fall > 0)) return std::nullopt;
      const double distance = here / fall * static_cast<double>(slope_width.count());
      const bool is_inside =
          distance < static_cast<double>(elapsed(t, until).count()) && distance > -static_cast<double>(elapsed(from, t).count());
      if (!is_inside) return std::nullopt;
      t += Duration(static_cast<std::int64_t>(distance));
      if (std::fabs(distance) < 1) break;
    }
    return t;
  }

 private:
  // How far the values of dimensions are from bringing about another tier: positive, and falling towards 0 where it changes.
  [[nodiscard]] double margin(Instant t) {
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    evaluation_.evaluate(t, value_);
    const auto least = [this](const Tier &tier) {
      double result = unbounded;
      for (const Minimum &minimum : tier.minimums)
        result = std::min(result, value_.dimensions[minimum.dimension] - minimum.minimum);
      return result;
    };
    double result = tier_ > lowest_ ? least(program_.tiers[static_cast<std::size_t>(tier_)]) : unbounded;
    for (auto i = static_cast<std::size_t>(tier_) + 1; i < program_.tiers.size(); ++i) {
      const Tier &tier = program_.tiers[i];
      if (!tier.applies_to || state_.answers[*tier.applies_to] == Answer::is_true) result = std::min(result, -least(tier));
    }
    return result;
  }

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
  [[nodiscard]] Verdict compare_tiers() const {
    if (tier_ < lowest_) return Verdict::differs;  // only an override has put the lead there
    Verdict verdict = Verdict::same;
    for (auto tier = static_cast<TierIndex>(program_.tiers.size()) - 1; tier > no_tier && tier >= tier_; --tier) {
      if (tier == lowest_) continue;
      const Holds holds = hold_of(program_.tiers[static_cast<std::size_t>(tier)], state_, slots_, dimensions_);
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
  Evaluation evaluation_;  // for a guess, which most searches can do without
  Valuation value_;
  std::vector<CountedEntry> counted_;
  LeadPart<Range> lead_;
  std::vector<Range> own_;  // of the dimensions, without adjustments
  std::vector<Range> slots_;
  std::vector<Range> dimensions_;
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
  until = std::min(until, distant_future - step);
  if (!state.has_lead || !is_eligible(state) || program.tiers.empty() || from >= until) return {};
  Search search(program, state, latched, from);
  // What is left to search, as the last instants of intervals that join each other; the next one is on top.
  std::vector<Instant> open{until};
  Instant first = from + step;
  bool may_guess = true;
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
        if (const auto guess = std::exchange(may_guess, false) ? search.guess(first, open.back()) : std::nullopt) {
          if (elapsed(*guess, open.back()) > guess_error) open.push_back(*guess + guess_error);
          if (elapsed(first, *guess) > guess_error) open.push_back(*guess - guess_error);
        } else {
          open.push_back(middle(first, open.back()));
        }
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
