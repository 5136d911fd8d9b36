// A column of a row as JSON shows it, without making JSON of it where its type allows that.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pg/place.hpp"
#include "pg/row.hpp"
#include "pg/row_document.hpp"

namespace leadscore::pg {

// No such column; a scalar; or what a jsonb column, or the row's document, holds.
using ColumnValue = std::variant<std::monostate, Item, JsonbValue>;

class ColumnReader {
 public:
  // Of rows of this shape.
  ColumnReader(std::string name, TupleDesc descriptor);

  // The value of the row that `document` is about; valid until the next call. None if it must come from the document and that
  // cannot be had. May throw PostgresError.
  [[nodiscard]] std::optional<ColumnValue> read(const Row &row, RowDocument &document);
  // The same, from the document alone.
  [[nodiscard]] std::optional<ColumnValue> read_document(RowDocument &document) const;

 private:
  enum class Reading : std::uint8_t { missing, int2, int4, int8, float8, numeric, boolean, text, instant, jsonb, document };

  [[nodiscard]] static Reading reading_of(Oid type) noexcept;
  [[nodiscard]] varlena *whole(Datum value);
  [[nodiscard]] Item numeric(Datum value);
  [[nodiscard]] Item instant(Datum value);

  std::string name_;
  Column column_;
  Reading reading_ = Reading::missing;
  std::vector<std::uint64_t> buffer_;  // for values that are stored unaligned
  char instant_text_[MAXDATELEN + 1] = "";
};

}  // namespace leadscore::pg
