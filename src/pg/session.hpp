// Scopes around work inside the server: whose rights, which search path, which memory, which SPI connection.
//
// Their destructors only tidy up after success. After an error of PostgreSQL the transaction's abort does the same, and more, so a
// scope that is left by an exception restores what is plain data and leaves the rest alone.
#pragma once

#include "pg/postgres.hpp"

#include <exception>

namespace leadscore::pg {

// Acts as `role`, without the right to change what outlives the scope (SET ROLE, temporary objects, LISTEN ...), and with
// search_path = pg_catalog, pg_temp, so that no object of a user's can come in by its name. Nor can others' code come in by the
// tables that are read: views and foreign tables are refused, as far as PostgreSQL knows how, and a table whose row security would
// have to be asked is an error instead.
class OwnerScope {
 public:
  explicit OwnerScope(Oid role);
  ~OwnerScope();
  OwnerScope(const OwnerScope &) = delete;
  OwnerScope &operator=(const OwnerScope &) = delete;

 private:
  Oid saved_role_ = InvalidOid;
  int saved_context_ = 0;
  int guc_level_ = 0;
  int exceptions_ = std::uncaught_exceptions();
};

// A connection to SPI.
class SpiScope {
 public:
  SpiScope();
  ~SpiScope();
  SpiScope(const SpiScope &) = delete;
  SpiScope &operator=(const SpiScope &) = delete;

 private:
  int exceptions_ = std::uncaught_exceptions();
};

// A snapshot of what is committed now (and of this transaction's own work), whatever the isolation level. In parallel mode, which
// forbids that, the snapshot in force: `is_latest` tells.
class LatestSnapshotScope {
 public:
  LatestSnapshotScope();
  ~LatestSnapshotScope();
  LatestSnapshotScope(const LatestSnapshotScope &) = delete;
  LatestSnapshotScope &operator=(const LatestSnapshotScope &) = delete;
  [[nodiscard]] bool is_latest() const noexcept { return is_latest_; }

 private:
  bool is_latest_ = false;
  int exceptions_ = std::uncaught_exceptions();
};

// A memory context that is current inside the scope.
class MemoryScope {
 public:
  explicit MemoryScope(MemoryContext context) noexcept : outer_(MemoryContextSwitchTo(context)) {}
  ~MemoryScope() { MemoryContextSwitchTo(outer_); }
  MemoryScope(const MemoryScope &) = delete;
  MemoryScope &operator=(const MemoryScope &) = delete;

 private:
  MemoryContext outer_;
};

// A memory context for work that is forgotten at the end of the scope, or at `reset`. It is current inside the scope.
class ScratchMemory {
 public:
  ScratchMemory();
  ~ScratchMemory();
  ScratchMemory(const ScratchMemory &) = delete;
  ScratchMemory &operator=(const ScratchMemory &) = delete;
  void reset() noexcept { MemoryContextReset(context_); }
  [[nodiscard]] MemoryContext outer() const noexcept { return outer_; }

 private:
  MemoryContext outer_;
  MemoryContext context_;
};

}  // namespace leadscore::pg
