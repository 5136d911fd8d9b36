// Composite values handed to a function: what shape they have and which event table they come from.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>

#include "pg/compiled_model.hpp"
#include "pg/row.hpp"

namespace leadscore::pg {

// The shape of the composite values that come one after another, looked up only when it changes.
class RowShape {
 public:
  RowShape() = default;
  RowShape(RowShape &&other) noexcept;
  ~RowShape();
  RowShape(const RowShape &) = delete;
  RowShape &operator=(const RowShape &) = delete;
  RowShape &operator=(RowShape &&) = delete;

  // The row in an argument of type anyelement, which may be given anything: throws UserError if that is no row.
  [[nodiscard]] HeapTupleHeader row_argument(FunctionCallInfo fcinfo, int index);
  // True if this value's shape is another than the last one's.
  [[nodiscard]] bool changes_to(HeapTupleHeader tuple);
  // The row, which must be of the shape that `changes_to` was told of last. Valid until the next call.
  [[nodiscard]] Row row(HeapTupleHeader tuple);
  [[nodiscard]] TupleDesc descriptor() const noexcept { return slot_->tts_tupleDescriptor; }
  [[nodiscard]] Oid type() const noexcept { return type_; }

 private:
  bool is_row_ = false;  // what row_argument has found
  Oid type_ = InvalidOid;
  std::int32_t modifier_ = -1;
  TupleTableSlot *slot_ = nullptr;  // of our own copy of the shape
  HeapTupleData tuple_{};           // what the slot holds
};

// The event source whose rows have this type: the table's own, or a partition's. Rows of no table (a subquery's) are those of the
// model's only source. Throws UserError if it can't be told.
[[nodiscard]] const EventSource &source_of(const CompiledModel &model, Oid row_type);

}  // namespace leadscore::pg
