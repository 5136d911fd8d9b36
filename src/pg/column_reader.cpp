#include "pg/column_reader.hpp"

#include <cmath>
#include <cstring>

#include "pg/guard.hpp"
#include "pg/output_settings.hpp"

namespace leadscore::pg {

namespace {

// JSON has no such numbers: to_jsonb shows them as strings.
Item special_number(double number) noexcept {
  using namespace std::string_view_literals;
  if (std::isnan(number)) return "NaN"sv;
  return number > 0 ? "Infinity"sv : "-Infinity"sv;
}

}  // namespace

ColumnReader::ColumnReader(std::string name, TupleDesc descriptor) : name_(std::move(name)) {
  if (const std::optional<Column> column = find_column(descriptor, name_)) {
    column_ = *column;
    reading_ = reading_of(column_.type);
  }
}

ColumnReader::Reading ColumnReader::reading_of(Oid type) noexcept {
  switch (type) {
    case INT2OID:
      return Reading::int2;
    case INT4OID:
      return Reading::int4;
    case INT8OID:
      return Reading::int8;
    case FLOAT8OID:
      return Reading::float8;
    case NUMERICOID:
      return Reading::numeric;
    case BOOLOID:
      return Reading::boolean;
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
      return Reading::text;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return Reading::instant;
    case JSONBOID:
      return Reading::jsonb;
    default:
      return Reading::document;
  }
}

std::optional<ColumnValue> ColumnReader::read(const Row &row, RowDocument &document) {
  if (reading_ == Reading::missing) return std::monostate{};
  if (reading_ == Reading::document) return read_document(document);
  const NullableDatum value = row.attribute(column_.number);
  if (value.isnull) return Item(JsonNull{});
  switch (reading_) {
    case Reading::int2:
      return Item(std::int64_t{DatumGetInt16(value.value)});
    case Reading::int4:
      return Item(std::int64_t{DatumGetInt32(value.value)});
    case Reading::int8:
      return Item(std::int64_t{DatumGetInt64(value.value)});
    case Reading::float8: {
      const double number = DatumGetFloat8(value.value);
      return std::isfinite(number) ? Item(number) : special_number(number);
    }
    case Reading::boolean:
      return Item(static_cast<bool>(DatumGetBool(value.value)));
    case Reading::numeric:
      return numeric(value.value);
    case Reading::text: {
      const varlena *text = whole(value.value);
      return Item(std::string_view(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text)));
    }
    case Reading::instant:
      return instant(value.value);
    default:
      return root_value(reinterpret_cast<Jsonb *>(whole(value.value)));
  }
}

std::optional<ColumnValue> ColumnReader::read_document(RowDocument &document) const {
  const Jsonb *row = document.get();
  if (row == nullptr) return std::nullopt;
  JsonbValue value;
  auto *root = const_cast<JsonbContainer *>(&row->root);
  if (getKeyJsonValueFromContainer(root, name_.data(), static_cast<int>(name_.size()), &value) == nullptr) return std::monostate{};
  return value;
}

// The value in one piece, aligned unless it is text, which needs no alignment.
varlena *ColumnReader::whole(Datum value) {
  auto *stored = reinterpret_cast<varlena *>(DatumGetPointer(value));
  if (VARATT_IS_EXTERNAL(stored) || VARATT_IS_COMPRESSED(stored)) return call([stored] { return pg_detoast_datum(stored); });
  if (!VARATT_IS_SHORT(stored) || reading_ == Reading::text) return stored;
  const std::size_t size = VARSIZE_SHORT(stored) - VARHDRSZ_SHORT;
  buffer_.resize((size + VARHDRSZ) / sizeof(std::uint64_t) + 1);
  auto *copy = reinterpret_cast<varlena *>(buffer_.data());
  SET_VARSIZE(copy, size + VARHDRSZ);
  std::memcpy(VARDATA(copy), VARDATA_SHORT(stored), size);
  return copy;
}

Item ColumnReader::numeric(Datum value) {
  auto *number = reinterpret_cast<Numeric>(whole(value));
  if (!numeric_is_nan(number) && !numeric_is_inf(number)) return number;
  return special_number(to_double(number));
}

Item ColumnReader::instant(Datum value) {
  const OutputSettings settings;
  call([this, value] { (void)JsonEncodeDateTime(instant_text_, value, column_.type, nullptr); });
  return std::string_view(instant_text_);
}

}  // namespace leadscore::pg
