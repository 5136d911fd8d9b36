// The causes of tier changes by their names, as SQL has them.
#pragma once

#include <string>

#include "core/state.hpp"

namespace leadscore::pg {

[[nodiscard]] const char *cause_name(Cause cause) noexcept;

// Throws InvalidArgument for a name of no cause.
[[nodiscard]] Cause parse_cause(const std::string &name);

}  // namespace leadscore::pg
