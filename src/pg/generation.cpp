#include "pg/generation.hpp"

#include "pg/arguments.hpp"
#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

Oid live_table(const std::string &model) {
  const Oid table = call([&model] {
    const Oid schema = get_namespace_oid(model.c_str(), true);
    return OidIsValid(schema) ? get_relname_relid("live", schema) : InvalidOid;
  });
  if (!OidIsValid(table))
    throw UserError(ERRCODE_UNDEFINED_TABLE, "the tables of model \"" + model + "\" do not exist", {},
                    "A model's own schema and tables must not be renamed; drop the model with leadscore.drop_model.");
  return table;
}

}  // namespace

std::int32_t live_generation(const std::string &model) {
  const Oid table = live_table(model);
  return call([table]() -> std::int32_t {
    Relation relation = table_open(table, AccessShareLock);
    // Anybody may ask for any name.
    const AttrNumber column = get_attnum(table, "generation");
    if (relation->rd_rel->relkind != RELKIND_RELATION || column != 1 || get_atttype(table, column) != INT4OID)
      ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                      errmsg("relation \"%s\" is not what a model of leadscore has", RelationGetRelationName(relation))));
    TupleTableSlot *slot = table_slot_create(relation, nullptr);
    TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, nullptr);
    std::int32_t generation = 0;
    if (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
      bool is_null = true;
      const Datum value = slot_getattr(slot, 1, &is_null);
      if (!is_null) generation = DatumGetInt32(value);
    }
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    table_close(relation, AccessShareLock);
    return generation;
  });
}

}  // namespace leadscore::pg

// live_generation(model)
LEADSCORE_FUNCTION(live_generation) {
  return Int32GetDatum(leadscore::pg::live_generation(leadscore::pg::text_argument(fcinfo, 0)));
}
