// The name that somebody may have meant, for hints.
#pragma once

#include "pg/postgres.hpp"

#include <optional>
#include <string>
#include <vector>

#include "core/program.hpp"

namespace leadscore::pg {

// The candidate most similar to the name, the first of several; none if none is similar.
[[nodiscard]] std::optional<std::string> nearest(const std::string &name, const std::vector<std::string> &candidates);

// The dimension or tier of that name. Throws UserError, with the most similar name as a hint, if the version has none. `hint` is
// given instead if none is similar; without it, all names.
[[nodiscard]] DimensionIndex required_dimension(const Program &program, const std::string &path, const std::string &hint = {});
[[nodiscard]] TierIndex required_tier(const Program &program, const std::string &name);

}  // namespace leadscore::pg
