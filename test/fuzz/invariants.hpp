// What must hold of every state that a program accepts, whatever bytes it came from. A breach ends the fuzzer.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "core/advance.hpp"
#include "core/error.hpp"
#include "core/evaluate.hpp"
#include "core/next_change.hpp"
#include "core/program.hpp"
#include "core/state.hpp"
#include "core/state_codec.hpp"
#include "core/timeline.hpp"
#include "core/upper_bound.hpp"

namespace leadscore::fuzz {

inline void require(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline Instant at_least(Instant t, Instant horizon) { return t < horizon ? horizon : t; }

// Equal up to the rounding of sums whose parts may cancel out.
inline bool is_near(double left, double right, double scale) {
  return std::fabs(left - right) <= 1e-6 * std::fmax(scale, std::fmax(std::fabs(left), std::fabs(right)));
}

// What is written can be read again, and is the same.
inline void check_codec(const State &state) {
  const std::vector<std::byte> bytes = encode(state);
  const State again = decode(bytes);
  require(encode(again) == bytes, "a state that is encoded and decoded is encoded to the same bytes");
}

inline void check_reading(const Program &program, const State &state, Instant t) {
  const Valuation valuation = evaluate_all(program, state, t);
  for (const double value : valuation.slots) require(std::isfinite(value), "the value of a slot is finite");
  for (const double value : valuation.dimensions) require(std::isfinite(value), "the value of a dimension is finite");
  for (DimensionIndex i = 0; i < program.dimensions.size(); ++i) {
    static_cast<void>(best_child(program, state, i, t));
    static_cast<void>(grade_for(program.dimensions[i], valuation.dimensions[i]));
  }
  const auto tiers = static_cast<TierIndex>(program.tiers.size());
  const TierIndex tier = tier_at(program, state, t);
  require(tier >= no_tier && tier < tiers, "a tier is one of the program's");
  static_cast<void>(tier_since(program, state, t));
  const NextChange next = next_change(program, state, t, 200);
  require(next.at > t || t == distant_future, "the next change is later");
}

// Readings at and after the horizon, folding, merging and writing.
inline void check_state(const Program &program, const State &state) {
  check_codec(state);
  const Instant horizon = state.horizon;
  const double bound = upper_bound(program, state, horizon);
  require(!std::isnan(bound), "an upper bound is a number");
  for (const Instant t : {horizon, later(horizon, Duration(1)), later(horizon, Duration(86'400'000'000)),
                          at_least(Instant(Duration(0)), horizon), at_least(distant_future, horizon)}) {
    check_reading(program, state, t);
    if (t == distant_future) continue;
    const double score = evaluate(program, state, t)[root_dimension];
    require(score <= bound || is_near(score, bound, 1), "no score is above the upper bound");
  }

  State folded = state;
  fold(program, folded, later(horizon, Duration(1'000'000)));
  check_codec(folded);
  State sum = state;
  merge(program, sum, folded);
  check_codec(sum);

  for (const Cause cause : {Cause::event, Cause::publish}) {
    const State write = as_write(program, folded, WriteKind::add_events, cause, folded.horizon);
    check_codec(write);
    const State stored = as_write(program, state, WriteKind::replace_all, cause, horizon);
    check_codec(advance(program, stored, program, write));
  }
}

}  // namespace leadscore::fuzz
