// Ceilings: by what order the leads with the highest scores are found without a look at all of them.
//
// A lead whose score can still rise above `Program::ranked_above` is ranked by its ceiling, which the score does not exceed as long
// as nothing but time happens. Whoever reads leads by falling ceilings has the highest scores once the next ceiling is below them.
// The other leads have none, so that their writes need not keep any order.
#pragma once

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// The ceiling of a state that has just been written, whose ceiling was `before`: that one, if it still holds and is close; else
// the upper bound of its score from the horizon on, rounded up. So it seldom changes, and an order by it is seldom touched.
[[nodiscard]] double ceiling_after_write(const Program &program, const State &state, double before);

// True if at `t`, not before the state's horizon, the ceiling is too high to be of use: writing the state then lowers it.
[[nodiscard]] bool has_stale_ceiling(const Program &program, const State &state, Instant t);

}  // namespace leadscore
