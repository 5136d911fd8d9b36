#include "pg/row_shape.hpp"

#include <algorithm>
#include <utility>

#include "pg/guard.hpp"

extern "C" {
#include "catalog/partition.h"
}

namespace leadscore::pg {

namespace {

void drop_shape(TupleTableSlot *slot) noexcept {
  if (slot == nullptr) return;
  TupleDesc descriptor = slot->tts_tupleDescriptor;
  ExecDropSingleTupleTableSlot(slot);
  FreeTupleDesc(descriptor);
}

}  // namespace

RowShape::RowShape(RowShape &&other) noexcept
    : is_row_(other.is_row_), type_(other.type_), modifier_(other.modifier_), slot_(std::exchange(other.slot_, nullptr)) {}

RowShape::~RowShape() { drop_shape(slot_); }

HeapTupleHeader RowShape::row_argument(FunctionCallInfo fcinfo, int index) {
  if (!is_row_) {
    const Oid type = get_fn_expr_argtype(fcinfo->flinfo, index);
    if (!OidIsValid(type) || !call([type] { return type_is_rowtype(type); })) {
      throw UserError(ERRCODE_DATATYPE_MISMATCH, "a row of a table is needed, not a value of another type", {},
                      "Give the row by the table's alias, as in: FROM crm.leads l, with l as the argument.");
    }
    is_row_ = true;
  }
  return call([fcinfo, index] { return PG_GETARG_HEAPTUPLEHEADER(index); });
}

bool RowShape::changes_to(HeapTupleHeader tuple) {
  const Oid type = HeapTupleHeaderGetTypeId(tuple);
  const std::int32_t modifier = HeapTupleHeaderGetTypMod(tuple);
  if (slot_ != nullptr && type == type_ && modifier == modifier_) return false;
  TupleTableSlot *slot = call([type, modifier] {
    MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
    TupleTableSlot *made = MakeSingleTupleTableSlot(lookup_rowtype_tupdesc_copy(type, modifier), &TTSOpsHeapTuple);
    MemoryContextSwitchTo(old);
    return made;
  });
  drop_shape(std::exchange(slot_, slot));
  type_ = type;
  modifier_ = modifier;
  return true;
}

Row RowShape::row(HeapTupleHeader tuple) {
  tuple_.t_len = HeapTupleHeaderGetDatumLength(tuple);
  ItemPointerSetInvalid(&tuple_.t_self);
  tuple_.t_tableOid = InvalidOid;
  tuple_.t_data = tuple;
  ExecStoreHeapTuple(&tuple_, slot_, false);
  return Row(slot_, tuple);
}

const EventSource &source_of(const CompiledModel &model, Oid row_type) {
  const Oid relation = call([row_type]() -> Oid { return row_type == RECORDOID ? InvalidOid : get_typ_typrelid(row_type); });
  const auto of_relation = [&model](Oid table) { return std::ranges::find(model.sources, table, &EventSource::relation); };
  if (OidIsValid(relation)) {
    if (const auto found = of_relation(relation); found != model.sources.end()) return *found;
    // NIL is a null pointer: a table that is no partition has no ancestors.
    const List *ancestors = call([relation] { return get_rel_relispartition(relation) ? get_partition_ancestors(relation) : NIL; });
    const ListCell *cell = nullptr;
    foreach (cell, ancestors)
      if (const auto found = of_relation(lfirst_oid(cell)); found != model.sources.end()) return *found;
  }
  if (model.sources.size() == 1) return model.sources.front();
  throw UserError(ERRCODE_WRONG_OBJECT_TYPE, "cannot tell which event source of model \"" + model.name + "\" this row comes from",
                  {}, "Pass rows of a registered event table itself, as in: FROM crm.events e.");
}

}  // namespace leadscore::pg
