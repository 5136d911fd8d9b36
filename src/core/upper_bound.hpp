// How high can a score still be?
#pragma once

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// A value that the score (see evaluate.hpp) does not exceed at any finite instant from `from` on, which must not lie before the
// state's horizon, if nothing but time happens. For a score that only fades it is the score at `from` but for rounding.
[[nodiscard]] double upper_bound(const Program &program, const State &state, Instant from);

}  // namespace leadscore
