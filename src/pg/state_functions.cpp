// Reading a state at an instant: score, grade, best, tier, next change, breakdown, and what its last write recorded.

#include <algorithm>

#include "core/advance.hpp"
#include "core/ceiling.hpp"
#include "core/error.hpp"
#include "core/evaluate.hpp"
#include "core/tiers.hpp"
#include "pg/arguments.hpp"
#include "pg/cause.hpp"
#include "pg/nearest.hpp"
#include "pg/progress.hpp"
#include "pg/reading.hpp"
#include "pg/rule_cache.hpp"
#include "pg/state_datum.hpp"
#include "pg/time.hpp"

namespace {

using namespace leadscore;
using namespace leadscore::pg;

// The dimension that a call site names, remembered from row to row.
struct DimensionSite {
  std::shared_ptr<const CompiledModel> model;
  std::string path;
  DimensionIndex index = root_dimension;
};

// The dimension that argument 1 names.
DimensionIndex dimension_argument(FunctionCallInfo fcinfo, const BoundState &bound) {
  auto &site = call_site<DimensionSite>(fcinfo, [] { return DimensionSite{}; });
  const text *path = call([fcinfo] { return PG_GETARG_TEXT_PP(1); });
  const std::string_view wanted(VARDATA_ANY(path), VARSIZE_ANY_EXHDR(path));
  if (site.model != bound.model || site.path != wanted) {
    site.index = required_dimension(bound.program(), std::string(wanted),
                                    "An instant is given as a timestamptz, as in score(state, at => '2030-01-01').");
    site.path = wanted;
    site.model = bound.model;
  }
  return site.index;
}

WriteKind parse_write_kind(const std::string &name) {
  if (name == "nothing") return WriteKind::nothing;
  if (name == "add_events") return WriteKind::add_events;
  if (name == "replace_events") return WriteKind::replace_events;
  if (name == "replace_lead") return WriteKind::replace_lead;
  if (name == "replace_all") return WriteKind::replace_all;
  throw InvalidArgument("unknown kind of write \"" + name + "\"");
}

NullableDatum tier_name(const Program &program, TierIndex tier) {
  if (tier == no_tier) return {.value = 0, .isnull = true};
  return {.value = text_result(program.tiers.at(static_cast<std::size_t>(tier)).name), .isnull = false};
}

Datum name_result(FunctionCallInfo fcinfo, const Program &program, TierIndex tier) {
  const NullableDatum name = tier_name(program, tier);
  return name.isnull ? null_result(fcinfo) : name.value;
}

void require_best(const Dimension &dimension) {
  if (dimension.combine == Combine::max || dimension.combine == Combine::first) return;
  throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "dimension \"" + dimension.path + "\" has no best child", {},
                  "Only dimensions that combine their children by max or first have one.");
}

void push_pair(JsonbParseState **parse, const std::string &key, double value) {
  JsonbValue name{};
  name.type = jbvString;
  name.val.string.val = const_cast<char *>(key.data());
  name.val.string.len = static_cast<int>(key.size());
  pushJsonbValue(parse, WJB_KEY, &name);
  JsonbValue number{};
  number.type = jbvNumeric;
  number.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(value)));
  pushJsonbValue(parse, WJB_VALUE, &number);
}

}  // namespace

// score(state [, at])
LEADSCORE_FUNCTION(state_score) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  return Float8GetDatum(reading(bound, instant_argument(fcinfo, 1)).dimensions()[root_dimension]);
}

// score(state, dimension [, at])
LEADSCORE_FUNCTION(state_dimension_score) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  const DimensionIndex dimension = dimension_argument(fcinfo, bound);
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  return Float8GetDatum(reading(bound, instant_argument(fcinfo, 2)).dimensions()[dimension]);
}

// grade(state, dimension [, at])
LEADSCORE_FUNCTION(state_grade) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  const DimensionIndex dimension = dimension_argument(fcinfo, bound);
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  const double value = reading(bound, instant_argument(fcinfo, 2)).dimensions()[dimension];
  const auto grade = grade_for(bound.program().dimensions[dimension], value);
  return grade ? text_result(*grade) : null_result(fcinfo);
}

// best(state, dimension [, at])
LEADSCORE_FUNCTION(state_best) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  const DimensionIndex dimension = dimension_argument(fcinfo, bound);
  require_best(bound.program().dimensions[dimension]);
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  const auto best = best_child(bound.program(), bound.state, dimension, reading(bound, instant_argument(fcinfo, 2)).at());
  return best ? text_result(*best) : null_result(fcinfo);
}

// tier(state [, at])
LEADSCORE_FUNCTION(state_tier) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  return name_result(fcinfo, bound.program(), reading(bound, instant_argument(fcinfo, 1)).tier());
}

// raw_tier(state, at)
LEADSCORE_FUNCTION(state_raw_tier) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  const Instant t = reading(bound, instant_argument(fcinfo, 1)).at();
  return name_result(fcinfo, bound.program(), raw_tier_at(bound.program(), bound.state, t));
}

// tier_since(state [, at])
LEADSCORE_FUNCTION(state_tier_since) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  return instant_result(fcinfo, reading(bound, instant_argument(fcinfo, 1)).tier_since());
}

// next_change(state [, at])
LEADSCORE_FUNCTION(state_next_change) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  return instant_result(fcinfo, reading(bound, instant_argument(fcinfo, 1)).next_change());
}

// has_stale_ceiling(state, at)
LEADSCORE_FUNCTION(state_has_stale_ceiling) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  const Instant t = std::max(to_instant(PG_GETARG_TIMESTAMPTZ(1)), bound.state.horizon);
  return BoolGetDatum(has_stale_ceiling(bound.program(), bound.state, t));
}

// breakdown(state [, at])
LEADSCORE_FUNCTION(state_breakdown) {
  const BoundState &bound = bound_state(PG_GETARG_DATUM(0));
  if (!is_eligible(bound.state)) return null_result(fcinfo);
  const Program &program = bound.program();
  const std::optional<Instant> asked = instant_argument(fcinfo, 1);
  const std::vector<double> &values = reading(bound, asked).dimensions();
  return call([&program, &values] {
    JsonbParseState *parse = nullptr;
    pushJsonbValue(&parse, WJB_BEGIN_OBJECT, nullptr);
    for (std::size_t i = 0; i < values.size(); ++i) push_pair(&parse, program.dimensions[i].path, values[i]);
    return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&parse, WJB_END_OBJECT, nullptr)));
  });
}

// empty_state(model)
LEADSCORE_FUNCTION(empty_state) { return make_state(empty_state(model_to_read(text_argument(fcinfo, 0))->program)); }

// as_write(state, kind, cause, at)
LEADSCORE_FUNCTION(as_write) {
  BoundState bound = bind_state(PG_GETARG_DATUM(0));
  const WriteKind kind = parse_write_kind(text_argument(fcinfo, 1));
  const Cause cause = parse_cause(text_argument(fcinfo, 2));
  return make_state(as_write(bound.program(), std::move(bound.state), kind, cause, to_instant(PG_GETARG_TIMESTAMPTZ(3))));
}

// advance(stored, write)
LEADSCORE_FUNCTION(advance) {
  BoundState stored = bind_state(PG_GETARG_DATUM(0));
  const BoundState write = bind_state(PG_GETARG_DATUM(1));
  return make_state(advance(stored.program(), std::move(stored.state), write.program(), write.state));
}

// rescore_state(model, stored, computed, cause, at)
LEADSCORE_FUNCTION(rescore_state) {
  if (!has_argument(fcinfo, 0) || !has_argument(fcinfo, 3) || !has_argument(fcinfo, 4)) return null_result(fcinfo);
  const auto model = live_model(text_argument(fcinfo, 0));
  count_progress(Step::score_leads);
  State computed = has_argument(fcinfo, 2) ? bind_state(PG_GETARG_DATUM(2)).state : empty_state(model->program);
  const Cause cause = parse_cause(text_argument(fcinfo, 3));
  const Instant at = to_instant(PG_GETARG_TIMESTAMPTZ(4));
  if (!has_argument(fcinfo, 1)) return make_state(rescore(model->program, std::move(computed), cause, at));
  const BoundState stored = bind_state(PG_GETARG_DATUM(1));
  return make_state(rescore(stored.program(), stored.state, model->program, std::move(computed), cause, at));
}

// changes(state): at, from_tier, to_tier, score, version, cause
LEADSCORE_FUNCTION(state_changes) {
  const BoundState bound = bind_state(PG_GETARG_DATUM(0));
  call([fcinfo] { InitMaterializedSRF(fcinfo, 0); });
  const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
  for (const TierChange &change : bound.state.changes) {
    NullableDatum from{.value = 0, .isnull = true};
    if (change.from != no_tier) from = tier_name(model_version(bound.state.model, change.from_version)->program, change.from);
    const NullableDatum to = tier_name(bound.program(), change.to);
    const NullableDatum cause{.value = text_result(cause_name(change.cause)), .isnull = false};
    call([&change, &bound, &from, &to, &cause, result] {
      Datum values[] = {TimestampTzGetDatum(to_timestamp(change.at)), from.value, to.value, Float8GetDatum(change.score),
                        Int32GetDatum(bound.state.version),           cause.value};
      bool nulls[] = {false, from.isnull, to.isnull, !change.has_score, false, cause.isnull};
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    });
  }
  return Datum{0};
}
