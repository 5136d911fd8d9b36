#include "pg/writers.hpp"

#include "pg/guard.hpp"
#include "pg/query.hpp"
#include "pg/rule_cache.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

namespace {

LOCKTAG tag_of(Oid relation) noexcept {
  LOCKTAG tag;
  SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
  return tag;
}

// Whether another session notes what changes. The look costs a fraction of a microsecond, where taking the lock would make sessions
// wait for one another.
bool is_noted(const CompiledModel &model) {
  return call([&model] {
    const LOCKTAG tag = tag_of(model.changed);
    int count = 0;
    pfree(GetLockConflicts(&tag, ShareUpdateExclusiveLock, &count));
    return count > 0;
  });
}

}  // namespace

std::shared_ptr<const CompiledModel> model_to_write(const std::string &name) {
  std::shared_ptr<const CompiledModel> model = find_live_model(name);
  while (model != nullptr) {
    const Oid live = model->live;
    call([live] { LockRelationOid(live, RowExclusiveLock); });
    // What was published while this waited is known now.
    std::shared_ptr<const CompiledModel> newest = find_live_model(name);
    if (newest == model) break;
    model = std::move(newest);
  }
  return model;
}

void note_changed(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty() || !is_noted(model)) return;
  (void)run_query(
      "INSERT INTO " + quoted(model.name) + ".changed (lead) SELECT k.lead::" + model.key_type.name + " FROM unnest($1) AS k(lead)",
      {{.type = model.key_type.array_type, .value = key_array(model, leads)}}, false);
}

void wait_for_holders(Oid relation, LOCKMODE mode) {
  call([relation, mode] { WaitForLockers(tag_of(relation), mode, false); });
}

}  // namespace leadscore::pg
