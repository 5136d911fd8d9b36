// adjustment_state(...): the state of one row of a model's table `adjustment`.

#include <cmath>

#include "core/error.hpp"
#include "pg/arguments.hpp"
#include "pg/decay_name.hpp"
#include "pg/rule_cache.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// The arguments after the model, in their order.
enum Argument { arg_id = 1, arg_at, arg_until, arg_dimension, arg_points, arg_decay, arg_period, arg_rate, arg_tier, arg_score };

double number_argument(FunctionCallInfo fcinfo, int index) {
  const double number = PG_GETARG_FLOAT8(index);
  if (!std::isfinite(number)) throw InvalidArgument("an adjustment is by a finite number");
  return number;
}

Decay decay_argument(FunctionCallInfo fcinfo) {
  Decay decay;
  if (has_argument(fcinfo, arg_decay)) decay.kind = decay_kind(text_argument(fcinfo, arg_decay));
  if (decay.kind == DecayKind::none) return decay;
  if (has_argument(fcinfo, arg_period)) decay.period = call([fcinfo] { return to_duration(PG_GETARG_INTERVAL_P(arg_period)); });
  if (has_argument(fcinfo, arg_rate)) decay.rate = PG_GETARG_FLOAT8(arg_rate);
  return decay;
}

// None for an adjustment of a dimension or tier that the version does not have: it means nothing there.
std::optional<Adjustment> adjustment_argument(FunctionCallInfo fcinfo, const Program &program) {
  Adjustment adjustment;
  adjustment.id = PG_GETARG_INT64(arg_id);
  adjustment.at = to_instant(PG_GETARG_TIMESTAMPTZ(arg_at));
  adjustment.until = instant_argument(fcinfo, arg_until).value_or(distant_future);
  if (has_argument(fcinfo, arg_tier)) {
    const std::optional<TierIndex> tier = program.find_tier(text_argument(fcinfo, arg_tier));
    if (!tier) return std::nullopt;
    adjustment.kind = AdjustmentKind::tier;
    adjustment.tier = *tier;
    return adjustment;
  }
  if (has_argument(fcinfo, arg_score)) {
    adjustment.kind = AdjustmentKind::score;
    adjustment.points = number_argument(fcinfo, arg_score);
    return adjustment;
  }
  if (!has_argument(fcinfo, arg_dimension) || !has_argument(fcinfo, arg_points)) return std::nullopt;
  const std::optional<DimensionIndex> dimension = program.find_dimension(text_argument(fcinfo, arg_dimension));
  if (!dimension) return std::nullopt;
  adjustment.dimension = *dimension;
  adjustment.points = number_argument(fcinfo, arg_points);
  adjustment.decay = decay_argument(fcinfo);
  return adjustment;
}

}  // namespace

// adjustment_state(model, id, at, until, dimension, points, decay, period, rate, tier, score)
LEADSCORE_FUNCTION(adjustment_state) {
  if (!has_argument(fcinfo, 0) || !has_argument(fcinfo, arg_id) || !has_argument(fcinfo, arg_at)) return null_result(fcinfo);
  const auto model = model_to_read(text_argument(fcinfo, 0));
  State state = empty_state(model->program);
  if (const auto adjustment = adjustment_argument(fcinfo, model->program)) state.adjustments.push_back(*adjustment);
  // Anybody may call this, with any numbers: what is read back is a state.
  const Datum result = make_state(state);
  (void)read_state(result);
  return result;
}
