// States computed anew from the team's rows: what live scoring must always agree with, and how it follows what cannot be added.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// What people have adjusted goes with the events.
enum class RecomputePart : std::uint8_t { all, lead, events };

// Which leads: all that the data know; those of the array $2, each exactly once whether or not there are data; all that are stored.
enum class RecomputeKeys : std::uint8_t { of_data, given, stored };

// The SQL that gives (lead, state) for these leads. $1, a timestamptz, is the horizon of the states.
[[nodiscard]] std::string recompute_query(const CompiledModel &model, RecomputePart part, RecomputeKeys keys);

// Replaces this part of these leads' states by a recomputation, for `cause`. Their states are locked first, in the order of the
// keys, and only then their rows are read: whatever is committed by then is counted, once. Inside an SpiScope, with the rights of
// the model's owner.
void recompute_leads(const CompiledModel &model, RecomputePart part, const std::vector<Datum> &leads, Cause cause);

// The same for every stored lead; all other writers of states wait, and so does this for a publish or rebuild that has begun.
void recompute_all_leads(const CompiledModel &model, RecomputePart part, Cause cause);

// A recomputation reads all rows that its transaction has written by then, also those whose own trigger has yet to run: the
// inserted rows of an INSERT ... ON CONFLICT, a MERGE, or of a statement around this one. That trigger must not add them again, and
// rows that it was given may have been changed since. So every trigger notes which part of the states it has brought up to date.
enum class Settled : std::uint8_t { no, by_this_statement, by_later_statement };

void note_settled(RecomputePart part);
// Whether this part has been brought up to date since the statement whose trigger is running began, and by what.
[[nodiscard]] Settled settled_since_statement_began(RecomputePart part);

}  // namespace leadscore::pg
