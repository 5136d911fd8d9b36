# leadscore: a PGXS build.   make [PG_CONFIG=/path/to/pg_config] [WERROR=1] [SANITIZE=1], make install, make installcheck

EXTENSION = leadscore
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" leadscore.control)

# The install script: these files of src/install, in this order, and then every template.
SQL_PARTS = schema types configuration requirements states aggregates rows triggers models adjustments locks \
            draft shares draft_faults kinds views publish maintenance top partitions history accounts documents portability import_model rights
SQL_FILES = $(SQL_PARTS:%=src/install/%.sql) $(sort $(wildcard src/install/templates/*.sql))
UNLISTED := $(filter-out $(SQL_FILES),$(wildcard src/install/*.sql))
ifneq ($(UNLISTED),)
$(error $(UNLISTED) is missing from SQL_PARTS)
endif
DATA_built = leadscore--$(EXTVERSION).sql
DATA = $(wildcard src/updates/leadscore--*--*.sql)

MODULE_big = leadscore
OBJS = $(patsubst %.cpp,%.o,$(sort $(wildcard src/core/*.cpp src/pg/*.cpp)))

PG_CONFIG ?= pg_config
# As -isystem PostgreSQL's headers are exempt from our warnings.
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wno-register -fvisibility-inlines-hidden -Isrc \
              -isystem $(shell $(PG_CONFIG) --includedir-server) $(if $(filter 1,$(WERROR)),-Werror)
SHLIB_LINK += -lstdc++ -Wl,--version-script=leadscore.map
# For a server that AddressSanitizer's library is loaded into first: scripts/check-sanitizers.
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(SANITIZE),1)
PG_CXXFLAGS += $(SANITIZERS)
SHLIB_LINK += $(SANITIZERS)
endif

REGRESS = $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=leadscore
ISOLATION = $(sort $(patsubst test/isolation/specs/%.spec,%,$(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=leadscore

EXTRA_CLEAN = $(OBJS:.o=.d) build

# No bitcode: what it could inline refers to symbols that leadscore.map keeps inside the library, and it doubles the build's time.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS tracks headers only if the server was configured to, and never the compiler's flags.
$(OBJS): %.o: %.cpp build/flags
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJS:.o=.d)

FLAGS = $(VERSION) $(CXX) $(CXXFLAGS) $(CPPFLAGS)
build/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS)' | cmp -s - $@ || printf '%s\n' '$(FLAGS)' >$@

leadscore$(DLSUFFIX): leadscore.map

leadscore--$(EXTVERSION).sql: $(SQL_FILES) Makefile leadscore.control
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION leadscore" to load this file. \quit'; cat $(SQL_FILES); } >$@

.DELETE_ON_ERROR:
.PHONY: force
