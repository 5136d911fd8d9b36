// What the functions written in SQL need of the engine: the queries that recompute and write states, and the cache's invalidation.

#include <optional>

#include "core/error.hpp"
#include "pg/arguments.hpp"
#include "pg/cause.hpp"
#include "pg/everybody.hpp"
#include "pg/guard.hpp"
#include "pg/ranking.hpp"
#include "pg/recompute.hpp"
#include "pg/refresh.hpp"
#include "pg/rule_cache.hpp"
#include "pg/session.hpp"
#include "pg/time.hpp"
#include "pg/writers.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// By its name in LOCK TABLE.
LOCKMODE lock_mode(const std::string &name) {
  if (name == "ACCESS SHARE") return AccessShareLock;
  if (name == "SHARE") return ShareLock;
  if (name == "SHARE ROW EXCLUSIVE") return ShareRowExclusiveLock;
  if (name == "ACCESS EXCLUSIVE") return AccessExclusiveLock;
  throw InvalidArgument("unknown lock mode \"" + name + "\"");
}

// Whoever has the rights of the model's owner, a superuser too, works with those alone: what the owner has attached to the model's
// tables is the owner's code. Anybody else goes on with the own rights.
class OwnersWork {
 public:
  explicit OwnersWork(const CompiledModel &model) {
    const Oid owner = model.owner();
    if (call([owner] { return has_privs_of_role(GetUserId(), owner); })) rights_.emplace(owner);
  }

 private:
  std::optional<OwnerScope> rights_;
};

}  // namespace

// recompute_query(model, keyed)
LEADSCORE_FUNCTION(recompute_query) {
  const auto model = model_to_read(text_argument(fcinfo, 0));
  const RecomputeKeys keys = PG_GETARG_BOOL(1) ? RecomputeKeys::given : RecomputeKeys::of_data;
  return text_result(recompute_query(*model, RecomputePart::all, keys));
}

// refresh_due(model, at)
LEADSCORE_FUNCTION(refresh_due) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const OwnersWork rights(*model);
  const SpiScope spi;
  (void)run_query("SELECT leadscore.remove_left_overs($1)", {text_parameter(model->name)}, false);
  return Int64GetDatum(refresh(*model, to_instant(PG_GETARG_TIMESTAMPTZ(1))));
}

// choose_ranked_above(model)
LEADSCORE_FUNCTION(choose_ranked_above) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const OwnersWork rights(*model);
  const SpiScope spi;
  return float8_result(fcinfo, choose_ranked_above(*model));
}

// score_everybody(model, cause)
LEADSCORE_FUNCTION(score_everybody) {
  const auto model = live_model(text_argument(fcinfo, 0));
  const OwnersWork rights(*model);
  const SpiScope spi;
  return Int64GetDatum(score_everybody(model, parse_cause(text_argument(fcinfo, 1))));
}

// wait_for_holders(relation, mode)
LEADSCORE_FUNCTION(wait_for_holders) {
  wait_for_holders(PG_GETARG_OID(0), lock_mode(text_argument(fcinfo, 1)));
  return Datum{0};
}

// wait_for_turn(relation, mode)
LEADSCORE_FUNCTION(wait_for_turn) {
  wait_for_turn(PG_GETARG_OID(0), lock_mode(text_argument(fcinfo, 1)));
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
