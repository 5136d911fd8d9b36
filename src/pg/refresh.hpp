// Bringing the record up to date: what time alone has changed, and what is pending.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>

#include "core/instant.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// Adds all pending events to their leads' states and records the tier changes that time alone has made due by `at`. Returns the
// number of tier changes. Inside an SpiScope.
std::int64_t refresh(const CompiledModel &model, Instant at);

}  // namespace leadscore::pg
