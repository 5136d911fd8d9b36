// Scoring anew the leads of a table that has become, or has ceased to be, part of a model's leads or events.

#include "pg/arguments.hpp"
#include "pg/recompute.hpp"
#include "pg/row.hpp"
#include "pg/session.hpp"
#include "pg/write.hpp"
#include "pg/writers.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// What the caller may not touch: the rows belong to the table's owner.
Oid owner_of(Oid relation) {
  return call([relation] {
    Relation table = table_open(relation, AccessShareLock);
    const Oid owner = table->rd_rel->relowner;
    table_close(table, NoLock);
    return owner;
  });
}

// The column's type, below a domain; none if there is no such column.
Oid column_type(Oid relation, const std::string &column) {
  return call([relation, &column]() -> Oid {
    const AttrNumber number = get_attnum(relation, column.c_str());
    return number == InvalidAttrNumber ? InvalidOid : getBaseType(get_atttype(relation, number));
  });
}

// The leads that the table's own rows name; none if the column does not serve as a key.
std::vector<Datum> leads_of_rows(const CompiledModel &model, Oid relation, const std::string &column) {
  LeadWrites leads(model);
  const OwnerScope rights(owner_of(relation));
  const SpiScope spi;
  const Oid type = column_type(relation, column);
  if (!is_convertible_key(type, model.key_type)) return {};
  const std::string lead = "r." + quoted(column);
  const Rows rows = run_query(
      "SELECT DISTINCT " + lead + " FROM ONLY " + qualified_table(relation) + " r WHERE " + lead + " IS NOT NULL", {}, false);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    if (const auto key = convert_key(rows.datum(i, 1), type, model.key_type)) (void)leads[*key];
  }
  return leads.take_keys();
}

}  // namespace

// rescore(model, relation, lead)
LEADSCORE_FUNCTION(rescore) {
  if (!has_argument(fcinfo, 0)) return Datum{0};
  const auto model = model_to_write(text_argument(fcinfo, 0));
  if (model == nullptr) return Datum{0};
  const bool all = !has_argument(fcinfo, 1) || !has_argument(fcinfo, 2);
  std::vector<Datum> leads;
  if (!all) leads = leads_of_rows(*model, PG_GETARG_OID(1), call([fcinfo] { return NameStr(*PG_GETARG_NAME(2)); }));
  const WriterScope scope(model);
  if (all)
    recompute_all_leads(*model, RecomputePart::all, Cause::event);
  else
    recompute_leads(*model, RecomputePart::all, leads, Cause::event);
  return Datum{0};
}
