#include "pg/writers.hpp"

#include "pg/guard.hpp"
#include "pg/query.hpp"
#include "pg/write.hpp"

namespace leadscore::pg {

namespace {

LOCKTAG tag_of(Oid relation) noexcept {
  LOCKTAG tag;
  SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
  return tag;
}

// How long a transaction pauses before it begins to write, where writers are slowed down; in milliseconds.
constexpr long pause_of_writers = 50;

// Locks of our own that stand for no relation, but go with one. PostgreSQL has none with these tags.
enum class Companion : std::uint16_t { brake = 1, turn = 2 };

LOCKTAG companion_of(Oid relation, Companion companion) noexcept {
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, relation, static_cast<std::uint16_t>(companion));
  return tag;
}

// What slows writers down.
LOCKTAG brake_of(const CompiledModel &model) noexcept { return companion_of(model.changed, Companion::brake); }

bool is_held_by_others(const LOCKTAG &tag, LOCKMODE conflicting) {
  int count = 0;
  pfree(GetLockConflicts(&tag, conflicting, &count));
  return count > 0;
}

// Whether another session notes what changes. The look costs a fraction of a microsecond, where taking the lock would make sessions
// wait for one another.
bool is_noted(const CompiledModel &model) { return is_held_by_others(tag_of(model.changed), ShareUpdateExclusiveLock); }

void pause_if_slowed_down(const CompiledModel &model) {
  call([&model] {
    if (!is_noted(model) || is_held_by_me(tag_of(model.live), RowExclusiveLock)) return;
    if (!is_held_by_others(brake_of(model), ExclusiveLock)) return;
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause_of_writers, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  });
}

}  // namespace

std::shared_ptr<const CompiledModel> model_to_write(const std::string &name) {
  std::shared_ptr<const CompiledModel> model = find_live_model(name);
  while (model != nullptr) {
    pause_if_slowed_down(*model);
    const Oid live = model->live;
    call([live] { LockRelationOid(live, RowExclusiveLock); });
    // What was published while this waited is known now, and nothing more is until this transaction ends.
    model = find_live_model(name);
    if (model == nullptr || model->live == live) break;
  }
  return model;
}

void slow_writers_down(const CompiledModel &model) {
  call([&model] {
    const LOCKTAG tag = brake_of(model);
    (void)LockAcquire(&tag, ExclusiveLock, false, false);
  });
}

void note_changed(const CompiledModel &model, const std::vector<Datum> &leads) {
  if (leads.empty() || !call([&model] { return is_noted(model); })) return;
  (void)run_query(
      "INSERT INTO " + quoted(model.name) + ".changed (lead) SELECT k.lead::" + model.key_type.name + " FROM unnest($1) AS k(lead)",
      {{.type = model.key_type.array_type, .value = key_array(model, leads)}}, false);
}

void wait_for_holders(Oid relation, LOCKMODE mode) {
  call([relation, mode] { WaitForLockers(tag_of(relation), mode, false); });
}

void wait_for_turn(Oid relation, LOCKMODE mode) {
  call([relation, mode] {
    // As LOCK TABLE, this is for who has some right on the table.
    constexpr AclMode rights = ACL_SELECT | ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE;
    if (pg_class_aclmask(relation, GetUserId(), rights, ACLMASK_ANY) == ACL_NO_RIGHTS)
      aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(relation));
    const LOCKTAG tag = companion_of(relation, Companion::turn);
    (void)LockAcquire(&tag, mode, false, false);
  });
}

}  // namespace leadscore::pg
