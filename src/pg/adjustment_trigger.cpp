// Adjustments by people came, went or changed: the states of their leads follow, inside the same statement.
//
// There are few of them, so that the leads concerned are simply computed anew from their events and adjustments.

#include "pg/guard.hpp"
#include "pg/lead_rows.hpp"
#include "pg/recompute.hpp"
#include "pg/scorer.hpp"
#include "pg/writers.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

void follow(const StatementTrigger &trigger, const ModelPointer &model, const Column &key) {
  const WriterScope scope(model);
  if (trigger.is_truncate())
    recompute_all_leads(*model, RecomputePart::events, Cause::adjustment);
  else
    recompute_leads(*model, RecomputePart::events, leads_of(*model, trigger, key), Cause::adjustment);
}

}  // namespace

LEADSCORE_FUNCTION(adjustments_changed) {
  const StatementTrigger trigger(fcinfo);
  if (trigger.is_idle()) return PointerGetDatum(nullptr);
  const ModelPointer model = model_to_write(trigger.argument(0));
  if (model == nullptr) return PointerGetDatum(nullptr);
  trigger.require_family(*model, model->adjustments);
  const std::optional<Column> key = find_column(RelationGetDescr(trigger.relation()), "lead");
  if (!key || !is_convertible_key(key->type, model->key_type)) {
    throw UserError(ERRCODE_DATATYPE_MISMATCH,
                    "table \"adjustment\" of model \"" + model->name + "\" has no column for the leads' key", {},
                    "Column \"lead\" must be of the type of the leads' key, as in table \"state\".");
  }
  follow(trigger, model, *key);
  return PointerGetDatum(nullptr);
}
