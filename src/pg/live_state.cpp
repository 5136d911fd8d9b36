// live_state(state, lead, pending): what the view of the scores shows, a stored state with the pending events of its lead.
//
// What is pending is given as an array of the rows, almost always an empty one: so the view's query is as simple as one without,
// and finds its states by their key, also when it is joined to other tables.

#include <algorithm>
#include <span>
#include <vector>

#include "core/advance.hpp"
#include "pg/arguments.hpp"
#include "pg/arrays.hpp"
#include "pg/rule_cache.hpp"
#include "pg/state_datum.hpp"
#include "pg/write.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// The events of one query's array, by lead.
struct PendingEvents {
  std::shared_ptr<const CompiledModel> model;  // null before they are read
  std::vector<LeadWrite> writes;               // in the order of the keys
};

// A row of a table of pending events.
struct PendingRow {
  Datum lead = 0;
  Datum state = 0;
};

// Anybody may call this, with rows of any type.
void require_columns(HeapTupleHeader tuple, Oid key_type) {
  const TupleDesc descriptor = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(tuple), HeapTupleHeaderGetTypMod(tuple));
  bool has_lead = false;
  bool has_state = false;
  for (int i = 0; i < descriptor->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped) continue;
    if (strcmp(NameStr(attribute->attname), "lead") == 0) has_lead = getBaseType(attribute->atttypid) == key_type;
    if (strcmp(NameStr(attribute->attname), "state") == 0) has_state = attribute->atttypid == state_type();
  }
  ReleaseTupleDesc(descriptor);
  if (!has_lead || !has_state)
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("these are no rows of a model's pending events")));
}

// The key is of the type of the lead that is asked for.
std::vector<PendingRow> rows_of(ArrayType *array, Oid key_type) {
  const ElementType row{.type = ARR_ELEMTYPE(array), .length = -1, .by_value = false, .alignment = TYPALIGN_DOUBLE};
  std::vector<PendingRow> result;
  for (const Datum element : elements_of(array, row)) {
    PendingRow &to = result.emplace_back();
    call([element, &to, key_type] {
      bool is_null = true;
      HeapTupleHeader tuple = DatumGetHeapTupleHeader(element);
      require_columns(tuple, key_type);
      to.lead = GetAttributeByName(tuple, "lead", &is_null);
      if (!is_null) to.state = GetAttributeByName(tuple, "state", &is_null);
      if (is_null) ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("pending events lack their lead or state")));
    });
  }
  return result;
}

// The write of each lead's events, of their own latest instant.
std::vector<LeadWrite> writes_of(const std::shared_ptr<const CompiledModel> &model, const std::vector<PendingRow> &rows,
                                 MemoryContext memory) {
  MemoryContext old = MemoryContextSwitchTo(memory);
  LeadWrites by_lead(*model);
  MemoryContextSwitchTo(old);
  for (const PendingRow &row : rows) merge(model->program, by_lead[row.lead], bind_state(row.state).state);
  std::vector<LeadWrite> writes = by_lead.take();
  for (LeadWrite &write : writes) {
    const Instant at = write.state.horizon;
    write.state = as_write(model->program, std::move(write.state), WriteKind::add_events, Cause::event, at);
  }
  return writes;
}

}  // namespace

LEADSCORE_FUNCTION(live_state) {
  // Called for each column of each row: the empty array is seen without a call that could fail.
  const auto *given = reinterpret_cast<const varlena *>(PG_GETARG_POINTER(2));
  if (!VARATT_IS_EXTENDED(given) && ARR_NDIM(reinterpret_cast<const ArrayType *>(given)) == 0) return PG_GETARG_DATUM(0);
  ArrayType *pending = call([fcinfo] { return PG_GETARG_ARRAYTYPE_P(2); });
  if (ARR_NDIM(pending) == 0) return PG_GETARG_DATUM(0);
  auto &events = call_site<PendingEvents>(fcinfo, [] { return PendingEvents{}; });
  if (events.model == nullptr) {
    const Oid lead_type = call([fcinfo] { return getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 1)); });
    const std::vector<PendingRow> rows = rows_of(pending, lead_type);
    const State first = read_state(rows.front().state);
    auto model = model_version(first.model, first.version);
    if (lead_type != model->key_type.base_type)
      throw UserError(ERRCODE_DATATYPE_MISMATCH, "these are no pending events of the leads of model \"" + model->name + "\"");
    events.writes = writes_of(model, rows, fcinfo->flinfo->fn_mcxt);
    events.model = std::move(model);
  }
  const KeyType &key = events.model->key_type;
  const Datum lead = PG_GETARG_DATUM(1);
  const auto write = std::ranges::partition_point(events.writes, [&](const LeadWrite &w) { return key.compare(w.lead, lead) < 0; });
  if (write == events.writes.end() || key.compare(write->lead, lead) != 0) return PG_GETARG_DATUM(0);
  const BoundState stored = bind_state(PG_GETARG_DATUM(0));
  return make_state(advance(stored.program(), stored.state, events.model->program, write->state));
}
