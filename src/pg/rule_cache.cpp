#include "pg/rule_cache.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "pg/guard.hpp"
#include "pg/load_model.hpp"
#include "pg/nearest.hpp"
#include "pg/query.hpp"
#include "pg/session.hpp"

namespace leadscore::pg {

namespace {

using VersionKey = std::pair<std::int32_t, std::int32_t>;  // the model's number, the version

struct Cache {
  std::uint64_t generation = 0;              // of the configuration; only the invalidation callback moves it
  std::uint64_t loaded_at = 0;               // the generation that what follows was loaded at
  bool is_provisional = false;               // read under an older snapshot: good for the parallel query at hand, and no longer
  std::map<std::string, ModelPointer> live;  // by model name
  std::map<VersionKey, ModelPointer> versions;
};

// Never destroyed: what it holds lives in PostgreSQL's memory, which is gone before static destructors run.
Cache &cache() {
  static Cache &instance = *new Cache;
  return instance;
}

// See PinnedModel. Not destroyed either.
ModelPointer &pinned_model() {
  static ModelPointer &instance = *new ModelPointer;
  return instance;
}

// The table whose invalidation stands for a change of any part of the configuration. Known after the first load; a callback must
// not look it up.
Oid version_table = InvalidOid;

void invalidate(Datum /*argument*/, Oid relation) {
  if (!OidIsValid(relation) || relation == version_table) ++cache().generation;
}

Oid find_version_table() {
  return call([]() -> Oid {
    const Oid schema = get_namespace_oid("leadscore", true);
    return OidIsValid(schema) ? get_relname_relid("version", schema) : InvalidOid;
  });
}

Oid owner_of(Oid relation) {
  return call([relation] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

void drop_stale() {
  Cache &all = cache();
  if (all.loaded_at == all.generation && (!all.is_provisional || IsInParallelMode())) return;
  all.live.clear();
  all.versions.clear();
  all.loaded_at = all.generation;
  all.is_provisional = false;
}

struct Loaded {
  ModelPointer model;
  std::uint64_t generation = 0;  // of the configuration, when loading began
  bool is_provisional = false;   // see Cache
};

// Reads the configuration with its owner's rights: whoever inserts an event needs none on it. `load` gets what it asks for from a
// snapshot of now.
template <typename Load>
Loaded load_current(Load load) {
  version_table = find_version_table();
  if (!OidIsValid(version_table))
    throw UserError(ERRCODE_UNDEFINED_TABLE, "extension \"leadscore\" is not installed in this database");
  call([] { AcceptInvalidationMessages(); });
  Loaded loaded{.model = nullptr, .generation = cache().generation};
  const OwnerScope rights(owner_of(version_table));
  const SpiScope spi;
  const LatestSnapshotScope snapshot;
  loaded.model = load();
  loaded.is_provisional = !snapshot.is_latest();
  return loaded;
}

// False if the configuration has changed meanwhile: then what was loaded is good for who has asked, and no longer. To load it until
// nothing has changed might never end, as with debug_discard_caches.
bool remember(const Loaded &loaded) {
  if (loaded.generation != cache().generation) return false;
  drop_stale();
  cache().is_provisional |= loaded.is_provisional;
  if (loaded.model != nullptr) cache().versions[{loaded.model->program.model, loaded.model->program.version}] = loaded.model;
  return true;
}

// Says why a model does not score. The names of models are no secret: they are those of schemas.
[[noreturn]] void refuse(const std::string &name) {
  const OwnerScope rights(owner_of(version_table));
  const SpiScope spi;
  const Rows models = run_query("SELECT m.name FROM leadscore.model m", {}, true);
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < models.count(); ++i) names.push_back(models.required_text(i, 1));
  if (std::ranges::find(names, name) != names.end()) {
    throw UserError(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "model \"" + name + "\" is not published", {},
                    "Run SELECT leadscore.publish(" + quoted_literal(name) + ") first.");
  }
  const std::optional<std::string> meant = nearest(name, names);
  throw UserError(ERRCODE_UNDEFINED_OBJECT, "model \"" + name + "\" does not exist", {},
                  meant ? "Perhaps you mean \"" + *meant + "\"." : "Models are made by leadscore.create_model.");
}

// Whether the active snapshot sees what the transaction wrote. Never wrong with true; false may also be due to transaction ids
// having come round since.
bool is_visible(TransactionId written_by) {
  return call([written_by] {
    return !ActiveSnapshotSet() || TransactionIdIsCurrentTransactionId(written_by) ||
           !XidInMVCCSnapshot(written_by, GetActiveSnapshot());
  });
}

// Which the newest version of the model is that the active snapshot sees.
std::optional<VersionKey> visible_version(const std::string &name) {
  const OwnerScope rights(owner_of(version_table));
  const SpiScope spi;
  const Rows rows = run_query(
      "SELECT m.id, v.version FROM leadscore.model m JOIN leadscore.version v ON v.model = m.name"
      " WHERE m.name = $1 ORDER BY v.version DESC LIMIT 1",
      {text_parameter(name)}, true);
  if (rows.count() == 0) return std::nullopt;
  return VersionKey(DatumGetInt32(rows.datum(0, 1)), DatumGetInt32(rows.datum(0, 2)));
}

}  // namespace

void start_rule_cache() { CacheRegisterRelcacheCallback(invalidate, Datum{0}); }

std::uint64_t configuration_generation() noexcept { return cache().generation; }

PinnedModel::PinnedModel(ModelPointer model) : outer_(std::exchange(pinned_model(), std::move(model))) {}

PinnedModel::~PinnedModel() { pinned_model() = std::move(outer_); }

ModelPointer find_live_model(const std::string &name) {
  if (const ModelPointer &pinned = pinned_model(); pinned != nullptr && pinned->name == name) return pinned;
  // A transaction that needs no new lock hears of nothing by itself.
  call([] { AcceptInvalidationMessages(); });
  drop_stale();
  if (const auto found = cache().live.find(name); found != cache().live.end()) return found->second;
  const Loaded loaded = load_current([&name] { return load_model(name, std::nullopt); });
  if (remember(loaded)) cache().live[name] = loaded.model;
  return loaded.model;
}

ModelPointer live_model(const std::string &name) {
  ModelPointer model = find_live_model(name);
  if (model == nullptr) refuse(name);
  model->require_own_tables();
  return model;
}

ModelPointer model_to_read(const std::string &name) {
  ModelPointer live = live_model(name);
  if (live == pinned_model() || is_visible(live->written_by)) return live;
  const std::optional<VersionKey> visible = visible_version(name);
  if (!visible) refuse(name);
  const auto [id, version] = *visible;
  ModelPointer model = model_version(id, version);
  model->require_own_tables();
  return model;
}

ModelPointer model_version(std::int32_t model, std::int32_t version) {
  drop_stale();
  if (const auto found = cache().versions.find({model, version}); found != cache().versions.end()) return found->second;
  const Loaded loaded = load_current([model, version]() -> ModelPointer {
    const Rows name = run_query("SELECT m.name FROM leadscore.model m WHERE m.id = $1", {integer_parameter(model)}, true);
    return name.count() == 0 ? nullptr : load_model(name.required_text(0, 1), version);
  });
  (void)remember(loaded);
  if (loaded.model == nullptr) {
    throw UserError(ERRCODE_UNDEFINED_OBJECT,
                    "version " + std::to_string(version) + " of scoring model " + std::to_string(model) + " does not exist",
                    "The state was made by a model or version that has been dropped, or in another database.");
  }
  return loaded.model;
}

}  // namespace leadscore::pg
