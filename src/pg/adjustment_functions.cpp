// adjust, override and revoke: what people change by hand, as rows of the model's table `adjustment`, whose trigger does the rest.
//
// The rows are written with the caller's rights. That the lead exists is looked up with those of the model's owner, for who may
// write adjustments only.

#include <algorithm>
#include <cmath>

#include "pg/adjustments.hpp"
#include "pg/arguments.hpp"
#include "pg/nearest.hpp"
#include "pg/one_lead.hpp"
#include "pg/rule_cache.hpp"
#include "pg/session.hpp"
#include "pg/time.hpp"

extern "C" {
#include "catalog/objectaddress.h"
#include "utils/acl.h"
}

namespace {

using namespace leadscore;
using namespace leadscore::pg;

constexpr double largest_points = 1e12;

// What every adjustment says: of whom, and why.
struct Target {
  std::shared_ptr<const CompiledModel> model;
  Datum lead = 0;
  std::string reason;
};

void require_argument(FunctionCallInfo fcinfo, int index, const char *name) {
  if (!has_argument(fcinfo, index))
    throw UserError(ERRCODE_NULL_VALUE_NOT_ALLOWED, std::string("the ") + name + " must not be null");
}

std::string required_text(FunctionCallInfo fcinfo, int index, const char *name) {
  require_argument(fcinfo, index, name);
  return text_argument(fcinfo, index);
}

double required_number(FunctionCallInfo fcinfo, int index, const char *name) {
  require_argument(fcinfo, index, name);
  const double number = PG_GETARG_FLOAT8(index);
  // No number is not in any range.
  if (std::fabs(number) <= largest_points) return number;
  throw UserError(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, std::string("the ") + name + " must be between -1e12 and 1e12");
}

void require_insert_right(const CompiledModel &model) {
  call([&model] {
    const Oid role = GetUserId();
    if (pg_class_aclcheck(model.adjustments, role, ACL_INSERT) == ACLCHECK_OK) return;
    if (pg_attribute_aclcheck_all(model.adjustments, role, ACL_INSERT, ACLMASK_ANY) == ACLCHECK_OK) return;
    aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(model.adjustments));
  });
}

void require_lead(const CompiledModel &model, Datum lead) {
  const OwnerScope rights(model.owner());
  const SpiScope spi;
  const std::string sql = "SELECT FROM " + qualified_table(model.leads) + " r WHERE r." + quoted(model.key) + " " +
                          model.key_type.equality + " ANY ($1)";
  if (run_query(sql, {key_array_parameter(model, lead)}, true).count() > 0) return;
  const Rows name = run_query("SELECT format('%s', $1)", {{.type = model.key_type.base_type, .value = lead}}, true);
  throw UserError(ERRCODE_UNDEFINED_OBJECT,
                  "lead \"" + name.required_text(0, 1) + "\" of model \"" + model.name + "\" does not exist",
                  "Column \"" + model.key + "\" of table " + qualified_table(model.leads) + " has no such value.");
}

// From the arguments (model, lead, ...); the reason is the index-th.
Target target_argument(FunctionCallInfo fcinfo, int reason_index) {
  Target target;
  target.model = live_model(required_text(fcinfo, 0, "model"));
  require_insert_right(*target.model);
  require_argument(fcinfo, 1, "lead");
  target.lead = key_argument(fcinfo, 1, *target.model);
  target.reason = required_text(fcinfo, reason_index, "reason");
  if (target.reason.find_first_not_of(" \t\n\r") == std::string::npos)
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "the reason must not be empty");
  require_lead(*target.model, target.lead);
  return target;
}

// The end of an override in the index-th argument; null: for good.
Parameter until_argument(FunctionCallInfo fcinfo, int index) {
  if (!has_argument(fcinfo, index)) return {.type = TIMESTAMPTZOID, .value = 0, .is_null = true};
  const TimestampTz until = PG_GETARG_TIMESTAMPTZ(index);
  if (to_instant(until) <= transaction_start()) {
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "an override must end in the future", {},
                    "null: it holds until it is revoked.");
  }
  return instant_parameter(until);
}

// The next id, which takes no right on the sequence.
std::int64_t next_id(const CompiledModel &model) {
  const OwnerScope rights(model.owner());
  const SpiScope spi;
  const Rows rows =
      run_query("SELECT nextval(pg_get_serial_sequence($1, 'id'))", {text_parameter(adjustments_table(model))}, false);
  return DatumGetInt64(rows.datum(0, 1));
}

// Writes a row with three more columns. Returns its id.
std::int64_t insert_row(const Target &target, const std::string &columns, std::initializer_list<Parameter> values) {
  const CompiledModel &model = *target.model;
  const std::int64_t id = next_id(model);
  std::vector<Parameter> parameters{{.type = INT8OID, .value = Int64GetDatum(id)},
                                    {.type = model.key_type.base_type, .value = target.lead},
                                    text_parameter(target.reason)};
  parameters.insert(parameters.end(), values);
  std::string places;
  for (std::size_t i = 1; i <= parameters.size(); ++i) places += (i == 1 ? "$" : ", $") + std::to_string(i);
  const SpiScope spi;
  (void)run_query("INSERT INTO " + adjustments_table(model) + " (id, lead, reason, " + columns + ") VALUES (" + places + ")",
                  parameters, false);
  return id;
}

void require_decay(FunctionCallInfo fcinfo, const std::string &decay, int period_index, int rate_index) {
  const std::vector<std::string> names{"none", "half_life", "linear", "step", "window"};
  if (std::ranges::find(names, decay) == names.end()) {
    const std::optional<std::string> meant = nearest(decay, names);
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "unknown decay \"" + decay + "\"", {},
                    meant ? "Perhaps you mean \"" + *meant + "\"." : "It is none, half_life, linear, step or window.");
  }
  if (decay != "none" && !has_argument(fcinfo, period_index))
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "decay \"" + decay + "\" needs a period", {}, "Such as period => '30 days'.");
  if (decay == "step" && !has_argument(fcinfo, rate_index))
    throw UserError(ERRCODE_INVALID_PARAMETER_VALUE, "decay \"step\" needs a rate", {}, "Such as rate => 0.25.");
}

// The column `revoked_by` and `revoked_at` of a row that revoke has not found to be in force.
[[noreturn]] void refuse_to_revoke(const CompiledModel &model, std::int64_t id) {
  const Rows rows = run_query("SELECT r.revoked_by, r.revoked_at FROM " + adjustments_table(model) + " r WHERE r.id = $1",
                              {{.type = INT8OID, .value = Int64GetDatum(id)}}, false);
  const std::string name = "adjustment " + std::to_string(id) + " of model \"" + model.name + "\"";
  if (rows.count() == 0) throw UserError(ERRCODE_UNDEFINED_OBJECT, name + " does not exist");
  throw UserError(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, name + " is revoked already",
                  "That was done by \"" + rows.required_text(0, 1) + "\" at " + rows.required_text(0, 2) + ".");
}

}  // namespace

// adjust(model, lead, dimension, points, reason, decay, period, rate)
LEADSCORE_FUNCTION(adjust) {
  const Target target = target_argument(fcinfo, 4);
  const std::string dimension = required_text(fcinfo, 2, "dimension");
  (void)required_dimension(target.model->program, dimension);
  const double points = required_number(fcinfo, 3, "points");
  const std::string decay = required_text(fcinfo, 5, "decay");
  require_decay(fcinfo, decay, 6, 7);
  return Int64GetDatum(insert_row(target, "dimension, points, decay, period, rate",
                                  {text_parameter(dimension),
                                   {.type = FLOAT8OID, .value = Float8GetDatum(points)},
                                   text_parameter(decay),
                                   {.type = INTERVALOID, .value = fcinfo->args[6].value, .is_null = !has_argument(fcinfo, 6)},
                                   {.type = FLOAT8OID, .value = fcinfo->args[7].value, .is_null = !has_argument(fcinfo, 7)}}));
}

// override(model, lead, tier, until, reason)
LEADSCORE_FUNCTION(override_tier) {
  const Target target = target_argument(fcinfo, 4);
  const std::string tier = required_text(fcinfo, 2, "tier");
  (void)required_tier(target.model->program, tier);
  return Int64GetDatum(insert_row(target, "tier, until", {text_parameter(tier), until_argument(fcinfo, 3)}));
}

// override(model, lead, score, until, reason)
LEADSCORE_FUNCTION(override_score) {
  const Target target = target_argument(fcinfo, 4);
  const double score = required_number(fcinfo, 2, "score");
  return Int64GetDatum(
      insert_row(target, "score, until", {{.type = FLOAT8OID, .value = Float8GetDatum(score)}, until_argument(fcinfo, 3)}));
}

// revoke(model, id)
LEADSCORE_FUNCTION(revoke) {
  const auto model = live_model(required_text(fcinfo, 0, "model"));
  require_argument(fcinfo, 1, "number of the adjustment");
  const std::int64_t id = PG_GETARG_INT64(1);
  const SpiScope spi;
  const Rows rows = run_query("UPDATE " + adjustments_table(*model) +
                                  " SET revoked_at = now(), revoked_by = session_user WHERE id = $1 AND revoked_at IS NULL",
                              {{.type = INT8OID, .value = Int64GetDatum(id)}}, false);
  if (rows.count() == 0) refuse_to_revoke(*model, id);
  return Datum{0};
}
