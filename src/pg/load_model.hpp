// Reads a published version of a model from the configuration.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// Reads and compiles a version from the configuration; the newest one without `version`. Null if there is none. Inside an SpiScope,
// with the rights of the configuration's owner, under the snapshot that counts.
[[nodiscard]] std::shared_ptr<const CompiledModel> load_model(const std::string &name, std::optional<std::int32_t> version);

}  // namespace leadscore::pg
