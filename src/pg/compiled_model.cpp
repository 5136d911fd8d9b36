#include "pg/compiled_model.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "pg/guard.hpp"

namespace leadscore::pg {

namespace {

// Intervals are held at 100,000 years, so that no arithmetic on instants can overflow.
constexpr const char *microseconds_of = "least(extract(epoch FROM %) * 1000000, 3155760000000000000)::bigint";

std::string microseconds(const std::string &interval) {
  std::string sql = microseconds_of;
  return sql.replace(sql.find('%'), 1, interval);
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

DecayKind decay_kind(const std::string &name) {
  if (name == "none") return DecayKind::none;
  if (name == "half_life") return DecayKind::half_life;
  if (name == "linear") return DecayKind::linear;
  if (name == "step") return DecayKind::step;
  if (name == "window") return DecayKind::window;
  throw InvalidModel("unknown decay \"" + name + "\"");
}

// The config document of the version, as a value that the queries below take apart.
struct Config {
  Parameter document;
};

void load_dimensions(const Config &config, ModelDefinition &definition) {
  const Rows rows = run_query(
      "SELECT d.path, d.weight, d.base, d.min_value, d.max_value FROM jsonb_to_recordset($1 -> 'dimensions')"
      " AS d(path text, weight float8, base float8, min_value float8, max_value float8)",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    definition.dimensions.push_back({.path = rows.required_text(i, 1),
                                     .weight = rows.float8_or(i, 2, 1),
                                     .base = rows.float8_or(i, 3, 0),
                                     .min_value = rows.float8(i, 4),
                                     .max_value = rows.float8(i, 5)});
  }
}

void load_rules(const Config &config, ModelDefinition &definition, CompiledModel &model) {
  const Rows rows = run_query(
      "SELECT r.name, r.dimension, r.event, r.condition, r.points, r.else_points, r.multiplier, r.decay, coalesce(" +
          microseconds("r.period") + ", 0), r.rate, coalesce(" + microseconds("r.grace") +
          ", 0), r.min_points, r.max_points"
          " FROM jsonb_to_recordset($1 -> 'rules') AS r(name text, dimension text, event text, condition jsonpath, points float8,"
          " else_points float8, multiplier jsonpath, decay text, period interval, rate float8, grace interval, min_points float8,"
          " max_points float8)",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    const JsonPath *condition = copy_path(model, rows, i, 4);
    if (const std::optional<std::string> event = rows.text(i, 3)) {
      definition.event_rules.push_back({.name = rows.required_text(i, 1),
                                        .dimension = rows.required_text(i, 2),
                                        .event = *event,
                                        .points = rows.float8_or(i, 5, 0),
                                        .decay = {.kind = decay_kind(rows.required_text(i, 8)),
                                                  .period = duration(rows, i, 9),
                                                  .rate = rows.float8_or(i, 10, 1),
                                                  .grace = duration(rows, i, 11)},
                                        .min_points = rows.float8(i, 12),
                                        .max_points = rows.float8(i, 13)});
      model.conditions.push_back(condition);
      model.multipliers.push_back(copy_path(model, rows, i, 7));
    } else {
      definition.lead_rules.push_back({.name = rows.required_text(i, 1),
                                       .dimension = rows.required_text(i, 2),
                                       .has_condition = condition != nullptr,
                                       .points = rows.float8_or(i, 5, 0),
                                       .else_points = rows.float8_or(i, 6, 0)});
      if (condition != nullptr) model.answers.push_back(condition);
    }
  }
}

void load_tiers(const Config &config, ModelDefinition &definition, CompiledModel &model) {
  const Rows rows = run_query(
      "SELECT t.name, t.position, t.applies_to FROM jsonb_to_recordset($1 -> 'tiers')"
      " AS t(name text, position float8, applies_to jsonpath) ORDER BY t.position",
      {config.document}, true);
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    const JsonPath *applies_to = copy_path(model, rows, i, 3);
    definition.tiers.push_back({.name = rows.required_text(i, 1),
                                .position = rows.float8_or(i, 2, 0),
                                .minimums = {},
                                .has_applies_to = applies_to != nullptr});
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
    model.states = get_relname_relid("state", schema);
    model.pending = get_relname_relid("pending", schema);
  });
  if (!OidIsValid(model.states) || !OidIsValid(model.pending))
    throw UserError(ERRCODE_UNDEFINED_TABLE, "the tables of model \"" + model.name + "\" do not exist", {},
                    "A model's own schema and tables must not be renamed; drop the model with leadscore.drop_model.");
  model.key_type = key_type_of(model.states);
  model.owner = call([&model] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(model.states));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", model.states);
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

}  // namespace

int KeyType::compare(Datum left, Datum right) const {
  return call([this, left, right] { return DatumGetInt32(FunctionCall2Coll(comparison, collation, left, right)); });
}

CompiledModel::~CompiledModel() {
  if (memory != nullptr) MemoryContextDelete(memory);
}

bool CompiledModel::is_of_family(Oid relation, Oid root) const {
  if (relation == root || families_.contains({relation, root})) return true;
  const bool is_member = call([relation, root] { return list_member_oid(find_all_inheritors(root, NoLock, nullptr), relation); });
  if (is_member) families_.insert({relation, root});
  return is_member;
}

const EventSource *CompiledModel::find_source(const std::string &source) const noexcept {
  const auto found = std::ranges::find(sources, source, &EventSource::name);
  return found == sources.end() ? nullptr : &*found;
}

std::string CompiledModel::answer_owner(AnswerIndex index) const {
  const auto rule = std::ranges::find(program.lead_rules, std::optional(index), &LeadRule::answer);
  if (rule != program.lead_rules.end()) return "rule \"" + rule->name + "\"";
  const auto tier = std::ranges::find(program.tiers, std::optional(index), &Tier::applies_to);
  if (tier != program.tiers.end()) return "tier \"" + tier->name + "\"";
  return "eligible";
}

std::shared_ptr<const CompiledModel> load_model(const std::string &name, std::optional<std::int32_t> version) {
  const Rows rows = run_query(
      "SELECT m.id, v.version, v.config, " + table_of_version("NULL", "m.leads", "v.config #>> '{model,leads}'") +
          ", v.config #>> '{model,key}',"
          " (v.config #>> '{model,notify}')::boolean, v.config #> '{model,params}', (v.config #>> '{model,eligible}')::jsonpath"
          " FROM leadscore.model m JOIN leadscore.version v ON v.model = m.name"
          " WHERE m.name = $2 AND ($1 IS NULL OR v.version = $1) ORDER BY v.version DESC LIMIT 1",
      {{.type = INT4OID, .value = Int32GetDatum(version.value_or(0)), .is_null = !version}, text_parameter(name)}, true);
  if (rows.count() == 0) return nullptr;

  auto model = std::make_shared<CompiledModel>();
  model->memory = call([] { return AllocSetContextCreate(TopMemoryContext, "leadscore model", ALLOCSET_SMALL_SIZES); });
  model->name = name;
  model->leads = DatumGetObjectId(rows.datum(0, 4));
  model->key = rows.required_text(0, 5);
  model->notify = DatumGetBool(rows.datum(0, 6));
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
  load_tiers(config, definition, *model);
  load_sources(config, *model);
  model->program = compile(definition);
  find_states(*model);
  return model;
}

}  // namespace leadscore::pg
