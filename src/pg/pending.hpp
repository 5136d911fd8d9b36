// Adding events without ever closing a circle of waiting transactions.
//
// Where a transaction must not wait for a state (see lock_order.hpp) and another one holds it, the events are put beside it, into
// the model's table `pending`. Whoever reads counts them: they are as good as added. The next one who writes that lead's state, or
// `refresh`, takes them over; only then a change of tier that they bring is recorded. Only who holds a lead's state takes over its
// pending events, so none is taken twice.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <vector>

#include "pg/write.hpp"

namespace leadscore::pg {

// Adds the events of one statement, as LeadWrites::take gives them. Inside an SpiScope, with the rights of the model's owner; so
// also the next one.
void add_events_to_states(const CompiledModel &model, std::vector<LeadWrite> writes);

// Takes over the pending events of these leads, if there are any; their states are locked then. To be called before anything else
// is written to them, whose changes of tier would otherwise be recorded as if these events did not count. Returns the number of
// tier changes.
std::int64_t take_over_pending(const CompiledModel &model, const std::vector<Datum> &leads);

}  // namespace leadscore::pg
