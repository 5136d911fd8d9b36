// Scoring everybody beside the live states, for publish and rebuild.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <memory>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// Makes a generation of states of all leads with this version, and then switches to it; see writers.hpp. Returns the number of
// leads with a state. Inside an SpiScope, in a transaction of READ COMMITTED that keeps all others that do the same out.
std::int64_t score_everybody(const std::shared_ptr<const CompiledModel> &model, Cause cause);

}  // namespace leadscore::pg
