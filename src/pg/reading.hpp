// Reading a value of the type leadscore.state.
//
// A row of a view asks one state for many things. The last state that was asked is remembered as it was taken apart and evaluated,
// so that this is done once for a row.
#pragma once

#include "pg/postgres.hpp"

#include <optional>

#include "core/reading.hpp"
#include "pg/state_datum.hpp"

namespace leadscore::pg {

// A state alone, not looked up. Good until the next state is read; so also the next two.
[[nodiscard]] const State &known_state(Datum value);

// A state, or the log of an aggregate that is still running, with its version.
[[nodiscard]] const BoundState &bound_state(Datum value);

// The last one at the instant that was asked for, or else now, but not before the state's horizon: a state that another transaction
// wrote after this one began shows what it was written for.
[[nodiscard]] Reading &reading(const BoundState &bound, const std::optional<Instant> &asked);

}  // namespace leadscore::pg
