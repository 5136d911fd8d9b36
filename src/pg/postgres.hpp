// Every PostgreSQL header that the extension uses, before any header of the standard library: PostgreSQL's port.h replaces printf
// and its kin by macros, which would break std::snprintf if <cstdio> came after it with the macros still in force.
#pragma once

extern "C" {
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tupdesc.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "pgstat.h"
#include "regex/regex.h"
#include "storage/bufmgr.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/jsonpath.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#undef strerror
#undef gettext
#undef ngettext
#undef dgettext
#undef dngettext
#undef bind

// What differs between the versions of PostgreSQL; nothing else asks for the version.
namespace leadscore::pg {

// The number of this backend's current transaction among its own.
[[nodiscard]] inline LocalTransactionId current_transaction() noexcept {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

// Whether this transaction holds a lock in this very mode. It may raise a PostgreSQL error: inside a guard only.
[[nodiscard]] inline bool is_held_by_me(const LOCKTAG &tag, LOCKMODE mode) {
#if PG_VERSION_NUM >= 170000
  return LockHeldByMe(&tag, mode, false);
#else
  return LockHeldByMe(&tag, mode);
#endif
}

// The flags of a regular expression of like_regex as the regular expression engine takes them. It may raise a PostgreSQL error:
// inside a guard only.
[[nodiscard]] inline int regular_expression_flags(uint32 jsonpath_flags) {
#if PG_VERSION_NUM >= 160000
  int flags = 0;
  (void)jspConvertRegexFlags(jsonpath_flags, &flags, nullptr);
  return flags;
#else
  return jspConvertRegexFlags(jsonpath_flags);
#endif
}

}  // namespace leadscore::pg
