// Which leads are ranked by their ceilings (core/ceiling.hpp): a small part of all, so that most writes touch no order.
#pragma once

#include "pg/postgres.hpp"

#include <optional>

#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// What to take for Program::ranked_above, from a sample of the leads as they are now: some in a hundred can rise above it. None if
// there are so few leads, or so few different scores, that all had better be ranked. Inside an SpiScope.
[[nodiscard]] std::optional<double> choose_ranked_above(const CompiledModel &model);

}  // namespace leadscore::pg
