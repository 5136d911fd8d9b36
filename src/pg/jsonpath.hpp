// Conditions and multipliers: PostgreSQL's own jsonpath over a row as to_jsonb shows it.
#pragma once

#include "pg/postgres.hpp"

#include <functional>
#include <optional>
#include <string>

#include "core/state.hpp"
#include "pg/row.hpp"

namespace leadscore::pg {

// Called with what failed and the error, when a row or path cannot be evaluated.
using FailureReport = std::function<void(const ErrorData &)>;

// to_jsonb of the row as OutputSettings show it, or null if it cannot be had (which is reported). `is_pure`: see has_pure_columns.
[[nodiscard]] Jsonb *row_to_jsonb(const Row &row, bool is_pure, const FailureReport &report);

// True if turning a row into JSON runs no code but PostgreSQL's own: every column is of a type of PostgreSQL's, an enum without a
// cast to json, or a domain or array of such.
[[nodiscard]] bool has_pure_columns(TupleDesc descriptor);

// The first type among those of a row's columns, and of what they are made of, whose cast to json is the code of a role that is
// neither a superuser nor the current user, and would run with the rights of the latter: InvalidOid if there is none.
[[nodiscard]] Oid type_with_foreign_cast(TupleDesc descriptor);

// What jsonb_path_match(document, path, variables, silent => true) says; of a null document nothing is known.
[[nodiscard]] Answer match(const Jsonb *document, const JsonPath *path, const Jsonb *variables, const FailureReport &report);

// The number that jsonb_path_query_first(document, path, variables, silent => true) gives, if it is one.
[[nodiscard]] std::optional<double> number(const Jsonb *document, const JsonPath *path, const Jsonb *variables,
                                           const FailureReport &report);

}  // namespace leadscore::pg
