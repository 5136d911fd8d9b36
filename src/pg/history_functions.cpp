// What history.sql and accounts.sql need of C++: the state of one lead at any instant, its course from there, and the equality of a
// type.

#include <vector>

#include "core/evaluate.hpp"
#include "core/tiers.hpp"
#include "pg/arguments.hpp"
#include "pg/arrays.hpp"
#include "pg/one_lead.hpp"
#include "pg/rule_cache.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// An array of instants without nulls.
std::vector<Instant> instants_argument(FunctionCallInfo fcinfo, int index) {
  ArrayType *array = call([fcinfo, index] { return PG_GETARG_ARRAYTYPE_P(index); });
  std::vector<Instant> instants;
  for (const Datum element : elements_of(array, timestamptz_element)) instants.push_back(to_instant(DatumGetTimestampTz(element)));
  return instants;
}

void put_point(const ReturnSetInfo *result, const Program &program, Instant t, const Standing &standing) {
  call([result, &program, t, &standing] {
    CHECK_FOR_INTERRUPTS();
    const bool has_tier = standing.tier != no_tier;
    Datum values[] = {
        TimestampTzGetDatum(to_timestamp(t)), Float8GetDatum(standing.score.value_or(0)),
        has_tier ? CStringGetTextDatum(program.tiers[static_cast<std::size_t>(standing.tier)].name.c_str()) : Datum{0}};
    bool nulls[] = {false, !standing.score, !has_tier};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  });
}

}  // namespace

// state_at(model, lead [, at])
LEADSCORE_FUNCTION(state_at) {
  const auto model = model_to_read(text_argument(fcinfo, 0));
  const PinnedModel pin(model);
  const Instant at = instant_argument(fcinfo, 2).value_or(transaction_start());
  if (at == distant_past || at == distant_future)
    throw UserError(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, "the state of a lead is asked for at a finite instant");
  const std::optional<State> state = lead_state_at(*model, key_argument(fcinfo, 1, *model), at);
  return state ? make_state(*state) : null_result(fcinfo);
}

// series_of(state, instants): at, score, tier
LEADSCORE_FUNCTION(series_of) {
  call([fcinfo] { InitMaterializedSRF(fcinfo, 0); });
  const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
  const BoundState bound = bind_state(PG_GETARG_DATUM(0));
  if (!bound.state.has_lead || !is_eligible(bound.state)) return Datum{0};
  State state = bound.state;
  for (const Instant t : instants_argument(fcinfo, 1)) {
    // Along the way the state forgets what is over, so that the points cost less and less. A step may lead back a little, such as
    // one of a month less 29 days.
    if (t < state.horizon) state = bound.state;
    fold(bound.program(), state, t);
    put_point(result, bound.program(), t, standing_at(bound.program(), state, no_tier, t));
  }
  return Datum{0};
}

// type_equality(type)
LEADSCORE_FUNCTION(type_equality) {
  const Oid type = PG_GETARG_OID(0);
  const Oid equality = call([type] {
    const TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_EQ_OPR | TYPECACHE_LT_OPR);
    return OidIsValid(entry->lt_opr) ? entry->eq_opr : InvalidOid;
  });
  return OidIsValid(equality) ? text_result(operator_name(equality)) : null_result(fcinfo);
}
