// Access to the team's own rows: leads and events, from a trigger's transition table or as composite values.
#pragma once

#include "pg/postgres.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "core/instant.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// What tells the shapes of rows apart. A descriptor's memory may be used again for another one's, of another type then.
struct ShapeIdentity {
  const TupleDescData *descriptor = nullptr;
  Oid type = InvalidOid;
  std::int32_t modifier = -1;

  friend bool operator==(const ShapeIdentity &, const ShapeIdentity &) = default;
};

// A row of a known shape. It does not own what it points to.
class Row {
 public:
  // `composite`: the same row as a composite value, if it came as such.
  explicit Row(TupleTableSlot *slot, HeapTupleHeader composite = nullptr) noexcept : slot_(slot), composite_(composite) {}

  [[nodiscard]] TupleDesc descriptor() const noexcept { return slot_->tts_tupleDescriptor; }
  [[nodiscard]] ShapeIdentity shape() const noexcept {
    return {.descriptor = descriptor(), .type = descriptor()->tdtypeid, .modifier = descriptor()->tdtypmod};
  }
  // The value of a column that the shape has.
  [[nodiscard]] NullableDatum attribute(AttrNumber number) const noexcept;
  // It may raise a PostgreSQL error: inside a guard only.
  [[nodiscard]] Datum composite() const;

 private:
  TupleTableSlot *slot_;
  HeapTupleHeader composite_;
};

// A column of a row type.
struct Column {
  AttrNumber number = InvalidAttrNumber;
  Oid type = InvalidOid;  // its base type if it is a domain
};

// The column of that name, or none.
[[nodiscard]] std::optional<Column> find_column(TupleDesc descriptor, const std::string &name);

// Turns a value of a column into a key of the model's type. `convertible_key` tells whether the types allow it: they are the same
// but for domains, both integers, or both text and varchar.
[[nodiscard]] bool is_convertible_key(Oid type, const KeyType &key) noexcept;
// None for an integer beyond the range of the key's: there can be no such lead.
[[nodiscard]] std::optional<Datum> convert_key(Datum value, Oid type, const KeyType &key) noexcept;
// The condition in SQL under which a column's value converts; nothing if it always does.
[[nodiscard]] std::string convertible_condition(const std::string &column, Oid type, const KeyType &key);

// Where a source's rows of one shape keep what matters.
struct EventColumns {
  Column lead;
  Column at;
  std::optional<Column> kind;
};

// Throws UserError naming the column that is missing or of a type that is not to be used.
[[nodiscard]] EventColumns event_columns(const EventSource &source, const KeyType &key, TupleDesc descriptor);

// What every event says, whatever the rules.
struct EventFacts {
  bool has_lead = false;
  bool has_at = false;
  Datum lead = 0;  // in the key's type
  Instant at{};
  std::string_view kind;  // empty for null, which is no kind
};

// What it points to is the row's, or in the current memory context.
[[nodiscard]] EventFacts read_event(const Row &row, const EventColumns &columns, const EventSource &source, const KeyType &key);

// timestamptz as it is; timestamp and date are read as UTC.
[[nodiscard]] bool is_instant_type(Oid type) noexcept;

// The instant in a column of such a type; none for null.
[[nodiscard]] std::optional<Instant> instant_of(const Row &row, const Column &column) noexcept;

}  // namespace leadscore::pg
