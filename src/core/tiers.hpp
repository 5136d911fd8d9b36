// Which tier a lead is in.
#pragma once

#include <optional>

#include "core/evaluate.hpp"
#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

struct Standing {
  TierIndex tier = no_tier;
  TierIndex latched = no_tier;    // the highest latched tier that has been reached, or passed, by now
  std::optional<double> score{};  // none: the lead has no row, or is not eligible
};

// Where a lead stands at `t`, which must not lie before the state's horizon, if `latched` is the highest latched tier that it had
// reached before: in the highest tier that holds, or in the one that it cannot fall below (see lowest_tier) if that is higher. Who
// is in a tier has reached all latched ones up to it. No tier without a lead, for one that is not eligible, and if none holds. An
// override of the tier by a person takes the place of all that; while it or one of the score is in force, nothing is reached.
[[nodiscard]] Standing standing_at(const Program &program, const State &state, TierIndex latched, Instant t);

// The same for a lead whose score was evaluated: `value` is what the state is worth at `t`.
[[nodiscard]] Standing standing_with(const Program &program, const State &state, TierIndex latched, Instant t,
                                     const Valuation &value);

// The tier at `t` if the lead had no past.
[[nodiscard]] TierIndex raw_tier_at(const Program &program, const State &state, Instant t);

// The tier that a lead cannot fall below if `latched` is the highest latched tier that it has reached: the highest latched one up
// to that which is for such a lead.
[[nodiscard]] TierIndex lowest_tier(const Program &program, const State &state, TierIndex latched) noexcept;

// The first instant after `from` at which an override ends, when a latched tier may be reached although the tier does not change;
// distant_future: never, or no tier is latched.
[[nodiscard]] Instant override_end_after(const Program &program, const State &state, Instant from) noexcept;

}  // namespace leadscore
