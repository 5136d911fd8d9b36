#include "pg/one_lead.hpp"

#include "pg/guard.hpp"
#include "pg/recompute.hpp"
#include "pg/session.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

Datum key_argument(FunctionCallInfo fcinfo, int index, const CompiledModel &model) {
  const KeyType &key = model.key_type;
  return call([fcinfo, index, &key] {
    const Oid type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, index));
    if (type == key.base_type) return PG_GETARG_DATUM(index);
    Oid output = InvalidOid;
    bool is_varlena = false;
    getTypeOutputInfo(type, &output, &is_varlena);
    Oid input = InvalidOid;
    Oid io_parameter = InvalidOid;
    getTypeInputInfo(key.base_type, &input, &io_parameter);
    return OidInputFunctionCall(input, OidOutputFunctionCall(output, PG_GETARG_DATUM(index)), io_parameter, -1);
  });
}

Parameter key_array_parameter(const CompiledModel &model, Datum key) {
  return {.type = model.key_type.array_type, .value = key_array(model, {key})};
}

std::optional<State> lead_state_at(const CompiledModel &model, Datum key, Instant at) {
  const SpiScope spi;
  const Rows rows = run_query(recompute_query(model, RecomputePart::all, RecomputeKeys::given),
                              {instant_parameter(to_timestamp(at)), key_array_parameter(model, key)}, true);
  State state = read_state(rows.datum(0, 2));
  if (!state.has_lead) return std::nullopt;
  return state;
}

}  // namespace leadscore::pg
