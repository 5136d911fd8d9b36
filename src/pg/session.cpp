#include "pg/session.hpp"

#include "pg/guard.hpp"

#include <array>
#include <cstring>

namespace leadscore::pg {

namespace {

struct Setting {
  const char *name;
  const char *value;
};

// The last one is of the minor releases of August 2024.
constexpr std::array scope_settings{Setting{"search_path", "pg_catalog, pg_temp"}, Setting{"row_security", "off"},
                                    Setting{"restrict_nonsystem_relation_kind", "view, foreign-table"}};

void set_for_scope(const Setting &setting) {
  const char *now = GetConfigOption(setting.name, true, false);
  if (now == nullptr || std::strcmp(now, setting.value) == 0) return;
  (void)set_config_option(setting.name, setting.value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

}  // namespace

OwnerScope::OwnerScope(Oid role) {
  GetUserIdAndSecContext(&saved_role_, &saved_context_);
  SetUserIdAndSecContext(role, saved_context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  try {
    guc_level_ = call([] {
      const int level = NewGUCNestLevel();
      for (const Setting &setting : scope_settings) set_for_scope(setting);
      return level;
    });
  } catch (...) {
    SetUserIdAndSecContext(saved_role_, saved_context_);
    throw;
  }
}

OwnerScope::~OwnerScope() {
  if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(false, guc_level_);
  SetUserIdAndSecContext(saved_role_, saved_context_);
}

SpiScope::SpiScope() {
  call([] {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "could not connect to SPI");
  });
}

SpiScope::~SpiScope() {
  if (std::uncaught_exceptions() == exceptions_) SPI_finish();
}

LatestSnapshotScope::LatestSnapshotScope() {
  is_latest_ = call([] {
    const bool latest = !IsInParallelMode();
    PushActiveSnapshot(latest ? GetLatestSnapshot() : GetActiveSnapshot());
    return latest;
  });
}

LatestSnapshotScope::~LatestSnapshotScope() {
  if (std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();
}

ScratchMemory::ScratchMemory() : outer_(CurrentMemoryContext) {
  context_ = call([] { return AllocSetContextCreate(CurrentMemoryContext, "leadscore scratch", ALLOCSET_DEFAULT_SIZES); });
  MemoryContextSwitchTo(context_);
}

ScratchMemory::~ScratchMemory() {
  MemoryContextSwitchTo(outer_);
  MemoryContextDelete(context_);
}

}  // namespace leadscore::pg
