// The library's magic block and what has to happen once when it is loaded.

#include "pg/postgres.hpp"

#include "pg/rule_cache.hpp"

extern "C" {

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) { leadscore::pg::start_rule_cache(); }
}
