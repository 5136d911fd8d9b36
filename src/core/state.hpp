// The state of a lead: all that its scores at any instant from the state's horizon on depend on.
//
// A state is a commutative monoid under `merge`: the events of a lead may be split and arrive in any way. The empty state
// of a version is its neutral element.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/answers.hpp"
#include "core/instant.hpp"
#include "core/program.hpp"

namespace leadscore {

// The folded awards of one slot. A slot with half-life h and grace g is worth, at t,
//   mantissa * 2^(exponent - (t - g) / h),    t in microseconds since the epoch of Instant:
// forward decay (Cormode et al. 2009) with a landmark that moves by whole half-lives, so that re-basing is exact.
// A slot without decay is worth `mantissa`; its exponent is 0.
struct Sum {
  SlotIndex slot = 0;
  std::int64_t exponent = 0;
  double mantissa = 0;

  friend bool operator==(const Sum &, const Sum &) = default;
};

// An entry of a slot that cannot be folded yet: it lies in the future or in its grace, or the instant of each entry matters. Its
// points are those of an award, before any decay; of a mark, the number of events at the instant (see SlotKind).
struct Award {
  SlotIndex slot = 0;
  Instant at{};
  double points = 0;

  friend bool operator==(const Award &, const Award &) = default;
};

// What an adjustment by a person sets.
enum class AdjustmentKind : std::uint8_t { points, score, tier };

// An adjustment by a person, which counts at t with at <= t < until.
struct Adjustment {
  AdjustmentKind kind = AdjustmentKind::points;
  std::int64_t id = 0;  // of two overrides made at one instant the one with the higher id holds
  Instant at{};
  Instant until = distant_future;
  DimensionIndex dimension = root_dimension;  // points: where they are added
  Decay decay;                                // points: how they fade
  double points = 0;                          // points; or the score
  TierIndex tier = no_tier;                   // tier

  friend bool operator==(const Adjustment &, const Adjustment &) = default;
};

// How a state is meant when it is written over a stored one (see advance.hpp).
enum class WriteKind : std::uint8_t {
  nothing,     // let time pass
  add_events,  // add the events of this state
  replace_events,
  replace_lead,  // replace, or remove, what the lead's row answered
  replace_all,
};

// The ceiling of a lead that is not ranked (see ceiling.hpp).
inline constexpr double not_ranked = -std::numeric_limits<double>::infinity();

// Why a lead changed its tier.
enum class Cause : std::uint8_t { time, event, lead, publish, rebuild, adjustment };

struct TierChange {
  Instant at{};
  std::int32_t from_version = 0;  // the version that `from` is an index of; 0 with no tier before
  TierIndex from = no_tier;
  TierIndex to = no_tier;
  bool has_score = false;  // a lead that is not eligible has none
  double score = 0;
  Cause cause = Cause::time;

  friend bool operator==(const TierChange &, const TierChange &) = default;
};

struct State {
  std::int32_t model = 0;
  std::int32_t version = 0;
  Instant horizon = distant_past;        // answers are exact for every t >= horizon
  Instant last_event_at = distant_past;  // the latest event with a time, awarded or not; distant_past: none

  bool has_lead = false;              // whether the lead's row has been seen
  Answers answers;                    // Program::answer_count of them if has_lead, else none
  Instant created_at = distant_past;  // of the lead; distant_past: not known

  std::vector<Sum> sums;                // by slot, none twice, no mantissa 0
  std::vector<Award> awards;            // by slot, instant and falling points, no points 0; a pair twice only if limited
  std::vector<Adjustment> adjustments;  // by instant and id

  // The record that a stored state carries; neutral in every other.
  WriteKind write = WriteKind::nothing;
  Cause cause = Cause::time;
  TierIndex tier = no_tier;           // the tier recorded last
  Instant tier_since = distant_past;  // since when
  TierIndex latched = no_tier;        // the highest latched tier reached, or passed
  Instant due_at = distant_future;    // time alone changes neither the tier nor what is latched before this
  bool due_early = false;             // perhaps not even then; else the tier changes at due_at
  double ceiling = not_ranked;        // time alone does not raise the score above it
  std::vector<TierChange> changes;    // the tier changes that the last write recorded, oldest first

  friend bool operator==(const State &, const State &) = default;
};

// The neutral element for a version.
[[nodiscard]] State empty_state(const Program &program);

// True if neither a lead nor an event nor an adjustment has gone into it.
[[nodiscard]] bool is_empty(const State &state) noexcept;

// Throws InvalidState unless the state is of the program's model and version, and its slots, answers and tier exist there.
void require_fit(const Program &program, const State &state);

// Notes an event at `at`, awarded or not. Infinite instants, which are no times, are not noted.
void note_event(State &state, Instant at) noexcept;

// An award beyond this (a rule's points times what its multiplier gave) is none: sums of awards stay far from overflow.
inline constexpr double largest_award = 1e100;

// Adds an entry (see `enter`). The state is canonical again only after `fold`. Points 0 and points that are not finite are ignored.
void add_award(State &state, SlotIndex slot, Instant at, double points);

// Puts the entries in their order: by slot, instant and falling points.
void sort_awards(State &state);

// Moves the horizon to max(horizon, `horizon`), folds what can be folded there, drops what is over for good, and makes the state
// canonical: two equal collections of awards with one horizon give equal states but for rounding.
void fold(const Program &program, State &state, Instant horizon);

// Adds `other` to `state`: horizon, last event and creation the later ones, answers by the order of Answer, the rest together.
// The result carries no record. Throws InvalidArgument if the versions differ.
void merge(const Program &program, State &state, const State &other);

}  // namespace leadscore
