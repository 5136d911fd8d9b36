// The changes of tier that writes bring: recorded in the model's table tier_changes, and told to who listens.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <span>
#include <string>

#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// A lead and the state, as it is stored, whose write brought changes.
struct ChangedLead {
  Datum lead = 0;  // in the key's base type
  Datum state = 0;
};

// The SQL expression that tells who listens of a row `r` of tier_changes.
[[nodiscard]] std::string notification(const CompiledModel &model);

// Records the changes of these leads, and returns how many there are. Inside an SpiScope, with the rights of the model's owner.
std::int64_t record_changes(const CompiledModel &model, std::span<const ChangedLead> leads);

}  // namespace leadscore::pg
