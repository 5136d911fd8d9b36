// What people have adjusted by hand: the rows of a model's table `adjustment`.
#pragma once

#include "pg/postgres.hpp"

#include <string>
#include <vector>

#include "core/explain.hpp"
#include "pg/compiled_model.hpp"
#include "pg/query.hpp"

namespace leadscore::pg {

// The table, as it stands in SQL.
[[nodiscard]] std::string adjustments_table(const CompiledModel &model);

// The SQL that gives the state of one row of the table, which goes by `row`.
[[nodiscard]] std::string adjustment_state_of(const std::string &row, const CompiledModel &model);

// The adjustments of one lead, as its explanation shows them. `keys` is the array of the lead's key alone. Inside an SpiScope.
[[nodiscard]] std::vector<LabelledAdjustment> adjustments_of_lead(const CompiledModel &model, const Parameter &keys);

}  // namespace leadscore::pg
