#include "pg/load_model.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "pg/decay_name.hpp"
#include "pg/generation.hpp"
#include "pg/guard.hpp"
#include "pg/query.hpp"
#include "pg/session.hpp"

namespace leadscore::pg {

namespace {

// An interval in microseconds, null for null; held at 100,000 years, so that no arithmetic on instants can overflow.
std::string microseconds(const std::string &interval) {
  return "CASE WHEN " + interval + " IS NOT NULL THEN least(extract(epoch FROM " + interval +
         ") * 1000000, 3155760000000000000)::bigint END";
}

const JsonPath *copy_path(const CompiledModel &model, const Rows &rows, std::uint64_t row, int column) {
  if (rows.is_null(row, column)) return nullptr;
  const Datum value = rows.datum(row, column);
  return call([&model, value] {
    MemoryContext old = MemoryContextSwitchTo(model.memory);
    JsonPath *path = DatumGetJsonPathPCopy(value);
    MemoryContextSwitchTo(old);
    return path;
  });
}

Duration duration(const Rows &rows, std::uint64_t row, int column) { return Duration(DatumGetInt64(rows.datum(row, column))); }

// Null: zero.
Duration length(const Rows &rows, std::uint64_t row, int column) {
  return rows.is_null(row, column) ? Duration::zero() : duration(rows, row, column);
}

Combine combine(const std::string &name) {
  if (name == "sum") return Combine::sum;
  if (name == "max") return Combine::max;
  if (name == "first") return Combine::first;
  if (name == "share") return Combine::share;
  throw InvalidModel("unknown combine \"" + name + "\"");
}

// The config document of the version, as a value that the queries below take apart.
struct Config {
  Parameter document;
};

void load_dimensions(const Config &config, ModelDefinition &definition) {
  const Rows rows = run_query(
      "SELECT d.path, d.weight, d.base, d.min_value, d.max_value, coalesce(d.combine, 'sum'), d.position"
      " FROM jsonb_to_recordset($1 -> 'dimensions') AS d(path text, weight float8, base float8, min_value float8, max_value float8,"
      " combine text, position float8)",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    definition.dimensions.push_back({.path = rows.required_text(i, 1),
                                     .combine = combine(rows.required_text(i, 6)),
                                     .position = rows.float8_or(i, 7, 0),
                                     .weight = rows.float8_or(i, 2, 1),
                                     .base = rows.float8_or(i, 3, 0),
                                     .min_value = rows.float8(i, 4),
                                     .max_value = rows.float8(i, 5)});
  }
}

// The columns of the query for rules, in their order.
enum RuleColumn {
  rule_name = 1,
  rule_dimension,
  rule_position,
  rule_event,
  rule_condition,
  rule_points,
  rule_else_points,
  rule_multiplier,
  rule_decay,
  rule_period,
  rule_rate,
  rule_grace,
  rule_max_awards,
  rule_per,
  rule_at_least,
  rule_at_most,
  rule_within,
  rule_silent_for,
  rule_repeats,
  rule_resets,
  rule_grants,
  rule_min_points,
  rule_max_points,
};

std::string rules_query() {
  return "SELECT r.name, r.dimension, r.position, r.event, r.condition, r.points, r.else_points, r.multiplier, r.decay, " +
         microseconds("r.period") + ", r.rate, " + microseconds("r.grace") + ", r.max_awards, " + microseconds("r.per") +
         ", r.at_least, r.at_most, " + microseconds("r.within") + ", " + microseconds("r.silent_for") +
         ", coalesce(r.repeats, false), r.resets, r.grants, r.min_points, r.max_points"
         " FROM jsonb_to_recordset($1 -> 'rules') AS r(name text, dimension text, position float8, event text, condition jsonpath,"
         " points float8, else_points float8, multiplier jsonpath, decay text, period interval, rate float8, grace interval,"
         " max_awards integer, per interval, at_least integer, at_most integer, within interval, silent_for interval,"
         " repeats boolean, resets text, grants text, min_points float8, max_points float8)";
}

std::optional<std::int32_t> integer(const Rows &rows, std::uint64_t row, int column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return DatumGetInt32(rows.datum(row, column));
}

std::optional<Limit> limit(const Rows &rows, std::uint64_t row) {
  const std::optional<std::int32_t> max_awards = integer(rows, row, rule_max_awards);
  if (!max_awards) return std::nullopt;
  return Limit{.max_awards = static_cast<std::uint32_t>(std::max(*max_awards, 0)), .per = length(rows, row, rule_per)};
}

std::optional<Frequency> frequency(const Rows &rows, std::uint64_t row) {
  const std::optional<std::int32_t> at_least = integer(rows, row, rule_at_least);
  const std::optional<std::int32_t> at_most = integer(rows, row, rule_at_most);
  if (!at_least && !at_most) return std::nullopt;
  Frequency result{.within = length(rows, row, rule_within)};
  if (at_least) result.at_least = *at_least;
  if (at_most) result.at_most = *at_most;
  return result;
}

std::optional<Silence> silence(const Rows &rows, std::uint64_t row) {
  if (rows.is_null(row, rule_silent_for)) return std::nullopt;
  return Silence{.silent_for = duration(rows, row, rule_silent_for), .repeats = DatumGetBool(rows.datum(row, rule_repeats))};
}

EventRuleDefinition event_rule(const Rows &rows, std::uint64_t row) {
  return {.name = rows.required_text(row, rule_name),
          .dimension = rows.required_text(row, rule_dimension),
          .position = rows.float8_or(row, rule_position, 0),
          .event = rows.required_text(row, rule_event),
          .has_multiplier = !rows.is_null(row, rule_multiplier),
          .points = rows.float8_or(row, rule_points, 0),
          .decay = {.kind = decay_kind(rows.text(row, rule_decay).value_or("none")),
                    .period = length(rows, row, rule_period),
                    .rate = rows.float8_or(row, rule_rate, 1),
                    .grace = length(rows, row, rule_grace)},
          .limit = limit(rows, row),
          .frequency = frequency(rows, row),
          .silence = silence(rows, row),
          .resets = rows.text(row, rule_resets),
          .grants = rows.text(row, rule_grants),
          .min_points = rows.float8(row, rule_min_points),
          .max_points = rows.float8(row, rule_max_points)};
}

void load_rules(const Config &config, ModelDefinition &definition, CompiledModel &model) {
  const Rows rows = run_query(rules_query(), {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    const JsonPath *condition = copy_path(model, rows, i, rule_condition);
    if (!rows.is_null(i, rule_event)) {
      definition.event_rules.push_back(event_rule(rows, i));
      model.conditions.push_back(condition);
      model.multipliers.push_back(copy_path(model, rows, i, rule_multiplier));
      continue;
    }
    definition.lead_rules.push_back({.name = rows.required_text(i, rule_name),
                                     .dimension = rows.required_text(i, rule_dimension),
                                     .position = rows.float8_or(i, rule_position, 0),
                                     .has_condition = condition != nullptr,
                                     .points = rows.float8_or(i, rule_points, 0),
                                     .else_points = rows.float8_or(i, rule_else_points, 0)});
    if (condition != nullptr) model.answers.push_back(condition);
  }
}

void load_grades(const Config &config, ModelDefinition &definition) {
  const Rows rows = run_query(
      "SELECT g.dimension, g.name, g.minimum FROM jsonb_to_recordset($1 -> 'grades')"
      " AS g(dimension text, name text, minimum float8)",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    definition.grades.push_back(
        {.dimension = rows.required_text(i, 1), .name = rows.required_text(i, 2), .minimum = rows.float8_or(i, 3, 0)});
  }
}

void load_tiers(const Config &config, ModelDefinition &definition, CompiledModel &model) {
  const Rows rows = run_query(
      "SELECT t.name, t.position, t.applies_to, coalesce(t.latched, false) FROM jsonb_to_recordset($1 -> 'tiers')"
      " AS t(name text, position float8, applies_to jsonpath, latched boolean) ORDER BY t.position",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    const JsonPath *applies_to = copy_path(model, rows, i, 3);
    definition.tiers.push_back({.name = rows.required_text(i, 1),
                                .position = rows.float8_or(i, 2, 0),
                                .minimums = {},
                                .has_applies_to = applies_to != nullptr,
                                .latched = DatumGetBool(rows.datum(i, 4))});
    if (applies_to != nullptr) model.answers.push_back(applies_to);
  }
  const Rows minimums = run_query(
      "SELECT t.name, m.key, m.value::text::float8 FROM jsonb_to_recordset($1 -> 'tiers') AS t(name text, minimums jsonb),"
      " jsonb_each(t.minimums) m",
      {config.document}, true);
  for (std::uint64_t i = 0; i < minimums.count(); ++i) {
    const std::string name = minimums.required_text(i, 1);
    const auto tier = std::ranges::find(definition.tiers, name, &TierDefinition::name);
    tier->minimums.push_back({.dimension = minimums.required_text(i, 2), .minimum = minimums.float8_or(i, 3, 0)});
  }
}

// The SQL for a version's table: that of the draft, which keeps its identity through renaming, if it carries the model's triggers
// for this source (null: for the leads); else, as the draft may name another table by now, the one that the version names.
std::string table_of_version(const std::string &source, const std::string &draft_table, const std::string &name) {
  return "coalesce((SELECT f.relation::oid FROM leadscore.followed($2) f WHERE f.source IS NOT DISTINCT FROM " + source +
         " AND f.relation = " + draft_table + "), to_regclass(" + name + ")::oid, " + draft_table + "::oid, 0)";
}

// Columns are those of the version.
void load_sources(const Config &config, CompiledModel &model) {
  const Rows rows =
      run_query("SELECT s.name, " + table_of_version("s.name", "e.relation", "s.relation") +
                    ", s.lead, s.at, s.kind"
                    " FROM jsonb_to_recordset($1 -> 'sources') AS s(name text, relation text, lead text, at text, kind text)"
                    " LEFT JOIN leadscore.event_source e ON e.model = $2 AND e.name = s.name",
                {config.document, text_parameter(model.name)}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    model.sources.push_back({.name = rows.required_text(i, 1),
                             .relation = DatumGetObjectId(rows.datum(i, 2)),
                             .lead = rows.required_text(i, 3),
                             .at = rows.required_text(i, 4),
                             .kind = rows.text(i, 5)});
  }
}

KeyType key_type_of(Oid states) {
  KeyType key;
  Oid type = InvalidOid;
  std::int32_t modifier = -1;
  TypeCacheEntry *order = nullptr;
  call([states, &key, &type, &modifier, &order] {
    const AttrNumber lead = get_attnum(states, "lead");
    if (lead == InvalidAttrNumber) elog(ERROR, "relation %u has no column \"lead\"", states);
    get_atttypetypmodcoll(states, lead, &type, &modifier, &key.collation);
    key.base_type = getBaseType(type);
    key.array_type = get_array_type(key.base_type);
    get_typlenbyvalalign(key.base_type, &key.length, &key.by_value, &key.alignment);
    order = lookup_type_cache(key.base_type, TYPECACHE_CMP_PROC_FINFO | TYPECACHE_EQ_OPR);
    if (!OidIsValid(order->cmp_proc) || !OidIsValid(order->eq_opr) || !OidIsValid(key.array_type))
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("type %s has no default btree order", format_type_be(type))));
  });
  key.comparison = &order->cmp_proc_finfo;  // entries of the type cache are never freed
  key.name = type_name(type, modifier) + collate_clause(key.collation);
  key.equality = operator_name(order->eq_opr);
  return key;
}

void find_states(CompiledModel &model) {
  call([&model] {
    const Oid schema = get_namespace_oid(model.name.c_str(), true);
    if (!OidIsValid(schema)) return;
    const auto table = [schema](const char *name) {
      const Oid relation = get_relname_relid(name, schema);
      return OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_RELATION ? relation : InvalidOid;
    };
    model.states = table("state");
    model.pending = table("pending");
    model.adjustments = table("adjustment");
    model.live = table("live");
    model.changed = table("changed");
  });
  if (!OidIsValid(model.states) || !OidIsValid(model.pending) || !OidIsValid(model.adjustments) || !OidIsValid(model.live) ||
      !OidIsValid(model.changed))
    throw UserError(ERRCODE_UNDEFINED_TABLE, "the tables of model \"" + model.name + "\" do not exist", {},
                    "A model's own schema and tables must not be renamed; drop the model with leadscore.drop_model.");
  model.generation = live_generation(model.name);
  model.key_type = key_type_of(model.states);
}

}  // namespace

std::shared_ptr<const CompiledModel> load_model(const std::string &name, std::optional<std::int32_t> version) {
  const Rows rows = run_query(
      "SELECT m.id, v.version, v.config, " + table_of_version("NULL", "m.leads", "v.config #>> '{model,leads}'") +
          ", v.config #>> '{model,key}',"
          " (v.config #>> '{model,notify}')::boolean, v.config #> '{model,params}', (v.config #>> '{model,eligible}')::jsonpath,"
          " v.config #>> '{model,created_at}', v.ranked_above, v.xmin"
          " FROM leadscore.model m JOIN leadscore.version v ON v.model = m.name"
          " WHERE m.name = $2 AND ($1 IS NULL OR v.version = $1) ORDER BY v.version DESC LIMIT 1",
      {{.type = INT4OID, .value = Int32GetDatum(version.value_or(0)), .is_null = !version}, text_parameter(name)}, true);
  if (rows.count() == 0) return nullptr;

  auto model = std::make_shared<CompiledModel>();
  model->memory = call([] { return AllocSetContextCreate(TopMemoryContext, "leadscore model", ALLOCSET_SMALL_SIZES); });
  model->name = name;
  model->written_by = DatumGetTransactionId(rows.datum(0, 11));
  model->leads = DatumGetObjectId(rows.datum(0, 4));
  model->key = rows.required_text(0, 5);
  model->notify = DatumGetBool(rows.datum(0, 6));
  model->created_at = rows.text(0, 9);
  const Datum params = rows.datum(0, 7);
  model->params = call([&model, params] {
    MemoryContext old = MemoryContextSwitchTo(model->memory);
    const Jsonb *copy = DatumGetJsonbPCopy(params);
    MemoryContextSwitchTo(old);
    return copy;
  });
  model->answers.push_back(copy_path(*model, rows, 0, 8));

  const Config config{.document = {.type = JSONBOID, .value = rows.datum(0, 3)}};
  ModelDefinition definition;
  definition.model = DatumGetInt32(rows.datum(0, 1));
  definition.version = DatumGetInt32(rows.datum(0, 2));
  load_dimensions(config, definition);
  load_rules(config, definition, *model);
  load_grades(config, definition);
  load_tiers(config, definition, *model);
  load_sources(config, *model);
  model->program = compile(definition);
  if (const std::optional<double> ranked_above = rows.float8(0, 10)) model->program.ranked_above = *ranked_above;
  find_states(*model);
  return model;
}

}  // namespace leadscore::pg
