// The one order in which a transaction may wait for states: of the models' names, then of the leads' keys. Triggers fire in the
// order of their names, which is that of the models, and each writes its leads in the order of their keys. So transactions of one
// statement never wait for one another in a circle. A later statement of a transaction may come to a lead behind one that the
// transaction already holds: for that one it must not wait.
#pragma once

#include "pg/postgres.hpp"

#include <vector>

#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// Locks the states of these leads, which stand in the order of their keys; a lead without one gets an empty state. Inside an
// SpiScope, with the rights of the model's owner.
void lock_states(const CompiledModel &model, const std::vector<Datum> &leads);

// Notes that this transaction holds the state of this lead, and perhaps of leads before it; or of all leads.
void note_locked(const CompiledModel &model, Datum lead);
void note_all_locked(const CompiledModel &model);

// True if this transaction may hold a state that comes after this lead's.
[[nodiscard]] bool is_behind_lock(const CompiledModel &model, Datum lead);

}  // namespace leadscore::pg
