#include "core/next_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/evaluate.hpp"
#include "core/lead_part.hpp"
#include "core/tiers.hpp"
#include "core/timeline.hpp"
#include "core/value_between.hpp"

namespace leadscore {

namespace {

// The tier over an interval, compared with the tier at the search's start.
enum class Verdict : std::uint8_t { same, differs, mixed };

// How far apart the first two instants of a guess are, and how many steps it may take.
constexpr Duration first_step{1'000'000};
constexpr int guess_steps = 12;

// How many times a search may guess: at first, and in parts over which the values that make tiers only rise or only fall.
constexpr int most_guesses = 8;

// How far from the truth a guess is, by rounding: nearly always by no more than the first; if the change is of a sum of large
// parts, by the second.
constexpr Duration likely_error{1};
constexpr Duration guess_error{8};

// An interval of so many microseconds is small enough to be halved.
constexpr std::uint64_t widest_exact = 4 * static_cast<std::uint64_t>(guess_error.count());

// The intervals of one search, and what their ends have in common.
class Search {
 public:
  Search(const Program &program, const State &state, TierIndex latched, TierIndex tier, const LeadPart<Course> &lead,
         const std::vector<CountedEntry> &counted, Evaluation &evaluation)
      : program_(program),
        state_(state),
        latched_(latched),
        lowest_(lowest_tier(program, state, latched)),
        tier_(tier),
        evaluation_(evaluation),
        counted_(counted),
        lead_(lead),
        own_(lead_.own) {}

  Verdict judge(Instant first, Instant last, Ages &ages_last) {
    if (first == last) {
      return standing_with(program_, state_, latched_, first, value_at(first)).tier == tier_ ? Verdict::same : Verdict::differs;
    }
    dimensions_.clear();
    if (override_changes(first, last)) return Verdict::mixed;
    if (const Adjustment *set = override_at(state_, AdjustmentKind::tier, first)) {
      return set->tier == tier_ ? Verdict::same : Verdict::differs;
    }
    Ages ages_first(first);
    const CourseBetween values{{program_, state_, first, last, ages_first, ages_last}};
    if (!state_.adjustments.empty()) add_adjustments(values);
    value_slots(program_, state_, counted_, values, slots_);
    roll_up(program_, lead_, slots_, dimensions_);
    if (const Adjustment *set = override_at(state_, AdjustmentKind::score, first)) {
      dimensions_[root_dimension] = constant(set->points);
    }
    return compare_tiers();
  }

  // Whether the values that make tiers only rise or only fall over the interval judged last.
  [[nodiscard]] bool is_monotone() const noexcept {
    const auto is_steady = [this](const Minimum &minimum) { return only_rises_or_falls(dimensions_[minimum.dimension]); };
    return !dimensions_.empty() &&
           std::ranges::all_of(program_.tiers, [&](const Tier &tier) { return std::ranges::all_of(tier.minimums, is_steady); });
  }

  // Until the next question.
  [[nodiscard]] const Valuation &value_at(Instant t) {
    evaluation_.evaluate(t, value_);
    return value_;
  }

  // Where the tier changes if what keeps it falls as a convex function does, as sums of fading points and their logarithms do: by
  // the secant method, which from the left never goes past the zero of such a function. A guess: only `judge` tells.
  [[nodiscard]] std::optional<Instant> guess(Instant from, const Valuation &value, Instant until) {
    const auto is_granted = [](const Tier &tier) { return !tier.granted_by.empty(); };
    if (!state_.adjustments.empty() || std::ranges::any_of(program_.tiers, is_granted)) return std::nullopt;
    double before = margin(value);
    if (!std::isfinite(before)) return std::nullopt;
    Duration step = first_step;
    Instant t = later(from, step);
    for (int i = 0; i < guess_steps; ++i) {
      const double here = margin(value_at(t));
      const double fall = before - here;
      if (!std::isfinite(here) || fall == 0) return std::nullopt;
      const double distance = here / fall * static_cast<double>(step.count());
      const bool is_inside =
          distance < static_cast<double>(elapsed(t, until).count()) && distance > -static_cast<double>(elapsed(from, t).count());
      if (!is_inside) return std::nullopt;
      step = Duration(static_cast<std::int64_t>(distance));
      t += step;
      if (step == Duration(0)) return t;
      before = here;
    }
    return std::nullopt;
  }

 private:
  // How far the values of dimensions are from bringing about another tier: positive, and falling towards 0 where it changes.
  [[nodiscard]] double margin(const Valuation &value) const {
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    const auto least = [&value](const Tier &tier) {
      double result = unbounded;
      for (const Minimum &minimum : tier.minimums)
        result = std::min(result, excess(value.dimensions[minimum.dimension], minimum.minimum));
      return result;
    };
    double result = tier_ > lowest_ ? least(program_.tiers[static_cast<std::size_t>(tier_)]) : unbounded;
    for (auto i = static_cast<std::size_t>(tier_) + 1; i < program_.tiers.size(); ++i) {
      const Tier &tier = program_.tiers[i];
      if (!tier.applies_to || state_.answers[*tier.applies_to] == Answer::is_true) result = std::min(result, -least(tier));
    }
    return result;
  }

  // The logarithm of what fades with one half-life falls along a straight line, and of a sum of such along nearly one.
  [[nodiscard]] static double excess(double value, double minimum) noexcept {
    return minimum > 0 && value > 0 ? std::log(value / minimum) : value - minimum;
  }

  [[nodiscard]] bool override_changes(Instant first, Instant last) const noexcept {
    const auto is_inside = [&](Instant at) { return first < at && at <= last; };
    return std::ranges::any_of(state_.adjustments, [&](const Adjustment &adjustment) {
      return adjustment.kind != AdjustmentKind::points && (is_inside(adjustment.at) || is_inside(adjustment.until));
    });
  }

  void add_adjustments(const CourseBetween &values) {
    lead_.own = own_;
    for (const Adjustment &adjustment : state_.adjustments) {
      if (adjustment.kind != AdjustmentKind::points) continue;
      Course &own = lead_.own[adjustment.dimension];
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
  Evaluation &evaluation_;
  Valuation value_;
  const std::vector<CountedEntry> &counted_;
  LeadPart<Course> lead_;
  std::vector<Course> own_;  // of the dimensions, without adjustments
  std::vector<Course> slots_;
  std::vector<Course> dimensions_;
};

// Between instants that may lie further apart than a Duration can tell, but not further than 64 bits.
std::uint64_t width_between(Instant first, Instant last) noexcept {
  return static_cast<std::uint64_t>(last.time_since_epoch().count()) - static_cast<std::uint64_t>(first.time_since_epoch().count());
}

Instant middle(Instant first, Instant last) noexcept {
  return Instant(Duration(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(first.time_since_epoch().count()) + width_between(first, last) / 2)));
}

Duration longest_period(const Program &program) noexcept {
  Duration longest{1};
  for (const Slot &slot : program.slots) longest = std::max(longest, slot.decay.period);
  return longest;
}

// Where to divide what is left to search. Most of what fades has done so after a few periods: what reaches far beyond is searched
// in steps that double.
Instant division(const Program &program, Instant from, Instant first, Instant last) noexcept {
  const Instant near = later(first, std::max(longest_period(program), elapsed(from, first)));
  return std::min(near, middle(first, last));
}

// What is left to search, as the last instants of intervals that join each other; the next one is on top.
class OpenIntervals {
 public:
  explicit OpenIntervals(Instant until) { push(until); }

  [[nodiscard]] bool empty() const noexcept { return ends_.empty(); }
  [[nodiscard]] Instant last() const noexcept { return ends_.back().last; }
  [[nodiscard]] Ages &ages() noexcept { return ends_.back().ages; }
  void push(Instant last) { ends_.push_back({.last = last, .ages = Ages(last)}); }
  void pop() noexcept { ends_.pop_back(); }

  // Divides the next interval, which begins at `first`, so that the instants next to `guess` stand alone, each by itself. What ends
  // there already is divided further from it.
  void cut_out(Instant first, Instant guess) {
    if (last() <= guess + likely_error) {
      if (guess - guess_error > first) push(guess - guess_error);
      return;
    }
    constexpr Duration step{1};
    const Instant before = guess - likely_error - step;
    for (Instant end = guess + likely_error; end >= first && end >= before; end -= step) push(end);
  }

 private:
  struct End {
    Instant last;
    Ages ages;
  };
  std::vector<End> ends_;
};

}  // namespace

Outlook::Outlook(const Program &program, const State &state, Instant from) : program_(program), state_(state), from_(from) {
  evaluation_.start(program, state);
  lead_ = lead_part_as<Course>(evaluation_.lead(), constant);
  evaluation_.evaluate(from, value_);
}

bool Outlook::changes_at(TierIndex latched, TierIndex tier, Instant t) {
  Valuation value;
  evaluation_.evaluate(t, value);
  return standing_with(program_, state_, latched, t, value).tier != tier;
}

NextChange Outlook::find(TierIndex latched, TierIndex tier, std::int64_t budget, Instant until) {
  constexpr Duration step{1};
  until = std::min(until, distant_future - step);
  if (!state_.has_lead || !is_eligible(state_) || program_.tiers.empty() || from_ >= until) return {};
  const std::vector<CountedEntry> counted = counted_entries(program_, state_);
  Search search(program_, state_, latched, tier, lead_, counted, evaluation_);
  OpenIntervals open(until);
  Instant first = from_ + step;
  int guesses = most_guesses;
  // Seldom does all time to come bring no change: where it is is guessed before all of it is judged.
  if (until == distant_future - step) {
    if (const auto guess = search.guess(from_, value_, until)) open.cut_out(first, *guess);
    --guesses;
  }
  while (!open.empty()) {
    if (budget-- <= 0) return {.at = first - step, .exact = false};
    switch (search.judge(first, open.last(), open.ages())) {
      case Verdict::same:
        first = open.last() + step;
        open.pop();
        break;
      case Verdict::differs:
        return {.at = first, .exact = true};
      case Verdict::mixed: {
        const bool is_promising = guesses == most_guesses || (guesses > 0 && search.is_monotone());
        const bool may_guess = is_promising && width_between(first, open.last()) > widest_exact;
        guesses -= may_guess ? 1 : 0;
        if (const auto guess = may_guess ? search.guess(first, search.value_at(first), open.last()) : std::nullopt)
          open.cut_out(first, *guess);
        else
          open.push(division(program_, from_, first, open.last()));
        break;
      }
    }
  }
  return {};
}

NextChange find_change(const Program &program, const State &state, TierIndex latched, Instant from, std::int64_t budget,
                       Instant until) {
  Outlook outlook(program, state, from);
  return outlook.find(latched, standing_with(program, state, latched, from, outlook.value()).tier, budget, until);
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
