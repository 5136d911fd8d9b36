// The kinds of decay by their names, as SQL has them.
#pragma once

#include <string>

#include "core/decay.hpp"

namespace leadscore::pg {

// Throws InvalidModel for a name of no decay.
[[nodiscard]] DecayKind decay_kind(const std::string &name);

}  // namespace leadscore::pg
