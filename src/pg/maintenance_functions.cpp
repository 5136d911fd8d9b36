// What the functions written in SQL need of the engine: the queries that recompute and write states, and the cache's invalidation.

#include "pg/arguments.hpp"
#include "pg/ranking.hpp"
#include "pg/recompute.hpp"
#include "pg/refresh.hpp"
#include "pg/rule_cache.hpp"
#include "pg/session.hpp"
#include "pg/time.hpp"
#include "pg/write.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

}  // namespace

// recompute_query(model, keyed)
LEADSCORE_FUNCTION(recompute_query) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const RecomputeKeys keys = PG_GETARG_BOOL(1) ? RecomputeKeys::given : RecomputeKeys::of_data;
  return text_result(recompute_query(*model, RecomputePart::all, keys));
}

// write_query(model, source)
LEADSCORE_FUNCTION(write_query) {
  return text_result(write_query(*live_model(text_argument(fcinfo, 0)), text_argument(fcinfo, 1)));
}

// refresh_due(model, at)
LEADSCORE_FUNCTION(refresh_due) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const SpiScope spi;
  return Int64GetDatum(refresh(*model, to_instant(PG_GETARG_TIMESTAMPTZ(1))));
}

// choose_ranked_above(model)
LEADSCORE_FUNCTION(choose_ranked_above) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const SpiScope spi;
  return float8_result(fcinfo, choose_ranked_above(*model));
}

// mark_recomputed()
LEADSCORE_FUNCTION(mark_recomputed) {
  call([] { note_settled(RecomputePart::all); });
  return Datum{0};
}

// The trigger on the configuration tables: whichever changed, the table of versions stands for all.
LEADSCORE_FUNCTION(configuration_changed) {
  call([fcinfo] {
    if (!CALLED_AS_TRIGGER(fcinfo))
      ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("function was not called as a trigger")));
    const Oid schema = get_namespace_oid("leadscore", true);
    const Oid versions = OidIsValid(schema) ? get_relname_relid("version", schema) : InvalidOid;
    if (OidIsValid(versions)) CacheInvalidateRelcacheByRelid(versions);
  });
  return PointerGetDatum(nullptr);
}
