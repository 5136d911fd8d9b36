// One lead, named by its key: the key as an argument and as a parameter, and its state computed from its rows.
#pragma once

#include "pg/postgres.hpp"

#include <optional>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"
#include "pg/query.hpp"

namespace leadscore::pg {

// The key in the index-th argument, in the model's key type; text and what is not of that type goes through the type's text form.
[[nodiscard]] Datum key_argument(FunctionCallInfo fcinfo, int index, const CompiledModel &model);

// The array that has this key alone.
[[nodiscard]] Parameter key_array_parameter(const CompiledModel &model, Datum key);

// The state of the lead at `at`, from its row, events and adjustments; none if there is no such lead.
[[nodiscard]] std::optional<State> lead_state_at(const CompiledModel &model, Datum key, Instant at);

}  // namespace leadscore::pg
