#include "pg/row.hpp"

#include <cstring>

#include "pg/guard.hpp"
#include "pg/output_settings.hpp"
#include "pg/time.hpp"

extern "C" {
#include "utils/date.h"
}

namespace leadscore::pg {

namespace {

bool is_integer(Oid type) noexcept { return type == INT2OID || type == INT4OID || type == INT8OID; }

bool is_text(Oid type) noexcept { return type == TEXTOID || type == VARCHAROID; }

std::int64_t integer_value(Datum value, Oid type) noexcept {
  switch (type) {
    case INT2OID:
      return DatumGetInt16(value);
    case INT4OID:
      return DatumGetInt32(value);
    default:
      return DatumGetInt64(value);
  }
}

struct IntegerRange {
  std::int64_t low;
  std::int64_t high;
};

IntegerRange integer_range(Oid type) noexcept {
  switch (type) {
    case INT2OID:
      return {PG_INT16_MIN, PG_INT16_MAX};
    case INT4OID:
      return {PG_INT32_MIN, PG_INT32_MAX};
    default:
      return {PG_INT64_MIN, PG_INT64_MAX};
  }
}

// A date past the range of timestamptz is as far away as one can be.
TimestampTz date_to_timestamp(DateADT date) noexcept {
  if (DATE_IS_NOBEGIN(date)) return DT_NOBEGIN;
  if (DATE_IS_NOEND(date) || date >= TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE) return DT_NOEND;
  return static_cast<TimestampTz>(date) * USECS_PER_DAY;
}

Column required_column(const EventSource &source, const char *role, const std::string &name, TupleDesc descriptor) {
  const std::optional<Column> column = find_column(descriptor, name);
  if (!column) {
    throw UserError(
        ERRCODE_UNDEFINED_COLUMN, "column \"" + name + "\" of event source \"" + source.name + "\" does not exist",
        std::string("It is the source's ") + role + " column.",
        "Give rows of the source's table; if its columns have changed, add it again with leadscore.add_events, and publish.");
  }
  return *column;
}

// A kind as text, whatever the column's type.
std::string_view kind_text(Datum value, Oid type) {
  if (is_text(type)) {
    const varlena *text = call([value] { return pg_detoast_datum_packed(reinterpret_cast<varlena *>(DatumGetPointer(value))); });
    return {VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text)};
  }
  const OutputSettings settings;
  return call([value, type] {
    Oid output = InvalidOid;
    bool is_varlena = false;
    getTypeOutputInfo(type, &output, &is_varlena);
    return OidOutputFunctionCall(output, value);
  });
}

}  // namespace

NullableDatum Row::attribute(AttrNumber number) const noexcept {
  NullableDatum result{.value = 0, .isnull = true};
  result.value = slot_getattr(slot_, number, &result.isnull);
  return result;
}

Datum Row::composite() const {
  return composite_ != nullptr ? HeapTupleHeaderGetDatum(composite_) : ExecFetchSlotHeapTupleDatum(slot_);
}

std::optional<Column> find_column(TupleDesc descriptor, const std::string &name) {
  for (int i = 0; i < descriptor->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || name != NameStr(attribute->attname)) continue;
    const Oid type = attribute->atttypid;
    // PostgreSQL's own types need no look into the catalog.
    return Column{.number = attribute->attnum,
                  .type = type < FirstGenbkiObjectId ? type : call([type] { return getBaseType(type); })};
  }
  return std::nullopt;
}

bool is_convertible_key(Oid type, const KeyType &key) noexcept {
  return type == key.base_type || (is_integer(type) && is_integer(key.base_type)) || (is_text(type) && is_text(key.base_type));
}

std::optional<Datum> convert_key(Datum value, Oid type, const KeyType &key) noexcept {
  if (type == key.base_type || !is_integer(type)) return value;
  const std::int64_t number = integer_value(value, type);
  const IntegerRange range = integer_range(key.base_type);
  if (number < range.low || number > range.high) return std::nullopt;
  switch (key.base_type) {
    case INT2OID:
      return Int16GetDatum(static_cast<std::int16_t>(number));
    case INT4OID:
      return Int32GetDatum(static_cast<std::int32_t>(number));
    default:
      return Int64GetDatum(number);
  }
}

std::string convertible_condition(const std::string &column, Oid type, const KeyType &key) {
  if (!is_integer(type) || integer_range(type).high <= integer_range(key.base_type).high) return "";
  const IntegerRange range = integer_range(key.base_type);
  return column + " BETWEEN " + std::to_string(range.low) + " AND " + std::to_string(range.high);
}

EventColumns event_columns(const EventSource &source, const KeyType &key, TupleDesc descriptor) {
  EventColumns columns;
  columns.lead = required_column(source, "lead", source.lead, descriptor);
  if (!is_convertible_key(columns.lead.type, key))
    throw UserError(ERRCODE_DATATYPE_MISMATCH,
                    "column \"" + source.lead + "\" of event source \"" + source.name + "\" has not the type of the leads' key");
  columns.at = required_column(source, "at", source.at, descriptor);
  if (!is_instant_type(columns.at.type))
    throw UserError(ERRCODE_DATATYPE_MISMATCH,
                    "column \"" + source.at + "\" of event source \"" + source.name + "\" is no timestamp or date");
  if (source.kind) columns.kind = required_column(source, "kind", *source.kind, descriptor);
  return columns;
}

EventFacts read_event(const Row &row, const EventColumns &columns, const EventSource &source, const KeyType &key) {
  EventFacts facts;
  const NullableDatum lead = row.attribute(columns.lead.number);
  const std::optional<Datum> converted = lead.isnull ? std::nullopt : convert_key(lead.value, columns.lead.type, key);
  facts.has_lead = converted.has_value();
  facts.lead = converted.value_or(Datum{0});
  const std::optional<Instant> at = instant_of(row, columns.at);
  facts.has_at = at.has_value();
  facts.at = at.value_or(Instant{});
  if (!columns.kind) {
    facts.kind = source.name;
  } else if (const NullableDatum kind = row.attribute(columns.kind->number); !kind.isnull) {
    facts.kind = kind_text(kind.value, columns.kind->type);
  }
  return facts;
}

bool is_instant_type(Oid type) noexcept { return type == TIMESTAMPTZOID || type == TIMESTAMPOID || type == DATEOID; }

std::optional<Instant> instant_of(const Row &row, const Column &column) noexcept {
  const NullableDatum at = row.attribute(column.number);
  if (at.isnull) return std::nullopt;
  return to_instant(column.type == DATEOID ? date_to_timestamp(DatumGetDateADT(at.value)) : DatumGetTimestampTz(at.value));
}

}  // namespace leadscore::pg
