// One write to a stored state: what it becomes, and which tier changes that brings.
#pragma once

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// Turns a state into a write of the given kind at `now`: folded there, its tier recorded as that of a lead without a past; which is
// a change, except for `publish`: then nobody moved.
// It can be stored as it is where there is nothing yet, or go through `advance` where there is.
[[nodiscard]] State as_write(const Program &program, State state, WriteKind kind, Cause cause, Instant now);

// The stored state after a write (see as_write):
// 1. the changes that time alone made due up to the write's instant are recorded, each at its own instant;
// 2. the write is applied according to its kind;
// 3. a change of tier is recorded at the write's instant with the write's cause.
// The write's instant is the later one of the two horizons. If the stored state is of another version it is only asked for its
// tier, whose name `stored_program` knows; tiers of two versions are the same if their names are; the write must then replace all,
// or be `nothing`, which leaves the stored state as it is.
[[nodiscard]] State advance(const Program &stored_program, State stored, const Program &program, const State &write);

// What becomes of a lead whose state was computed anew from all that is known, at `now`: as `as_write` and `advance` with a write
// that replaces all, without looking ahead twice. First of a lead that has no state yet, then of one that has.
[[nodiscard]] State rescore(const Program &program, State computed, Cause cause, Instant now);
[[nodiscard]] State rescore(const Program &stored_program, const State &stored, const Program &program, State computed, Cause cause,
                            Instant now);

}  // namespace leadscore
