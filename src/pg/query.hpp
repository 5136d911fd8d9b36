// SQL from C++: queries through SPI, their parameters and rows.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leadscore::pg {

// A parameter of a query.
struct Parameter {
  Oid type = InvalidOid;
  Datum value = 0;
  bool is_null = false;
};

[[nodiscard]] Parameter text_parameter(const std::string &text);
[[nodiscard]] Parameter integer_parameter(std::int32_t value);
[[nodiscard]] Parameter instant_parameter(TimestampTz at);

// The rows of the last query of this SPI connection. Columns count from 1. Text comes through the type's output function.
class Rows {
 public:
  Rows(SPITupleTable *table, std::uint64_t count) noexcept : table_(table), count_(count) {}
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] bool is_null(std::uint64_t row, int column) const;
  // The value; null is given as the datum 0.
  [[nodiscard]] Datum datum(std::uint64_t row, int column) const;
  // The same for a column of a table whose owner may have changed its type: an error unless it is this one, or a domain over it.
  [[nodiscard]] Datum datum_of_type(std::uint64_t row, int column, Oid type) const;
  [[nodiscard]] std::optional<std::string> text(std::uint64_t row, int column) const;
  [[nodiscard]] std::string required_text(std::uint64_t row, int column) const { return text(row, column).value_or(""); }
  [[nodiscard]] std::optional<double> float8(std::uint64_t row, int column) const;
  [[nodiscard]] double float8_or(std::uint64_t row, int column, double otherwise) const {
    return float8(row, column).value_or(otherwise);
  }

 private:
  SPITupleTable *table_;
  std::uint64_t count_;
};

// Runs a query once, inside an SpiScope. A read-only query sees the active snapshot; another one takes its own.
Rows run_query(const std::string &sql, std::span<const Parameter> parameters, bool is_read_only);
inline Rows run_query(const std::string &sql, std::initializer_list<Parameter> parameters, bool is_read_only) {
  return run_query(sql, std::span(parameters.begin(), parameters.size()), is_read_only);
}

// A query that is parsed and planned once and kept.
class SavedQuery {
 public:
  SavedQuery(const std::string &sql, std::initializer_list<Oid> types);
  ~SavedQuery();
  SavedQuery(const SavedQuery &) = delete;
  SavedQuery &operator=(const SavedQuery &) = delete;
  // Inside an SpiScope.
  Rows run(std::span<const Datum> values, bool is_read_only) const;
  Rows run(std::span<const NullableDatum> values, bool is_read_only) const;

 private:
  Rows execute(const Datum *values, const char *nulls, bool is_read_only) const;

  SPIPlanPtr plan_ = nullptr;
};

// Names as they stand in SQL.
[[nodiscard]] std::string quoted(const std::string &identifier);
[[nodiscard]] std::string quoted_literal(const std::string &text);
// An error unless the relation is a table: what was one may have become a view, which is anybody's code.
[[nodiscard]] std::string qualified_table(Oid relation);
[[nodiscard]] std::string operator_name(Oid op);
// ` COLLATE ...`, or nothing without a collation.
[[nodiscard]] std::string collate_clause(Oid collation);
[[nodiscard]] std::string type_name(Oid type, std::int32_t modifier);

}  // namespace leadscore::pg
