// Which of a model's states count. A publish or a rebuild makes a generation of its own beside the live one, and then moves the one
// row of the model's table `live`: who reads sees the states of one generation, whichever its snapshot.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <string>

namespace leadscore::pg {

// The generation that counts under the active snapshot. Takes no right on the table.
[[nodiscard]] std::int32_t live_generation(const std::string &model);

}  // namespace leadscore::pg
