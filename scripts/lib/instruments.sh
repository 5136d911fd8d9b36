# shellcheck shell=bash disable=SC2034
# Tests of the check under a tool that watches the server's memory. Needs all other parts of scripts/lib that scripts/check needs.
#
# INSTRUMENT is that tool: sanitizers or memcheck. What it has to say about a process is in REPORTS/report.<process>.

INSTRUMENT=''
REPORTS=''
FAULT_FLAGS=()

# work_on_copy NAME: from now on the repository is a copy of it in build/NAME, where what is built stays for the next time
work_on_copy() {
  local copy=$REPO/build/$1
  mkdir -p "$copy"
  tar -c --exclude=.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' -C "$REPO" . | tar -x -C "$copy"
  export LEADSCORE_DATA=${LEADSCORE_DATA:-$REPO/../shared/data}
  REPO=$copy
  RESULTS=$copy/build/test-results
  cd "$copy" || return
}

# instrument_server: postgres of the private server starts under the tool
instrument_server() {
  REPORTS=$WORK/reports
  own_folder reports
  mv "$SERVER_BIN/postgres" "$SERVER_BIN/postgres.real"
  "run_under_$INSTRUMENT" >"$SERVER_BIN/postgres"
  chmod 755 "$SERVER_BIN/postgres"
}

# AddressSanitizer begins with the first allocation, and asks the C library for a translated message then: that must not be an allocation
# under a lock of the C library's, as when a library of the server makes a locale. And libstdc++ has to be there when it looks for what
# throws exceptions.
run_under_sanitizers() {
  gcc -x c -shared -fPIC -O0 -Wl,-z,initfirst -o "$REPORTS/first.so" - >&2 <<'FIRST' || return
#include <stdlib.h>
__attribute__((constructor)) static void allocate(void) { free(malloc(1)); }
FIRST
  cat <<RUN
#!/bin/sh
export LD_PRELOAD='$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so) $REPORTS/first.so'
export ASAN_OPTIONS='detect_leaks=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=64:log_path=$REPORTS/report'
export UBSAN_OPTIONS='print_stacktrace=1:log_path=$REPORTS/report'
exec '$SERVER_BIN/postgres.real' "\$@"
RUN
}

# What makes a cluster, and asks for the version, is PostgreSQL's alone.
run_under_memcheck() {
  cat <<RUN
#!/bin/sh
case " \$* " in
  *' --boot '* | *' --check '* | *' --single '* | *' -V '*) exec '$SERVER_BIN/postgres.real' "\$@" ;;
esac
exec valgrind --quiet --leak-check=no --error-limit=no --num-callers=40 --undef-value-errors=yes --suppressions='$REPO/scripts/lib/memcheck.supp' \\
  --log-file='$REPORTS/report.%p' '$SERVER_BIN/postgres.real' "\$@"
RUN
}

# see_a_fault SAYS: a read behind what was allocated, which ends the session or not, makes the tool say so
see_a_fault() {
  local include
  include=$("$PG_CONFIG" --includedir-server)
  gcc -x c -shared -fPIC -O0 -g "${FAULT_FLAGS[@]}" -I"$include" -o "$REPORTS/fault.so" - <<'FAULT' || return
#include "postgres.h"
#include "fmgr.h"
PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(fault);
Datum fault(PG_FUNCTION_ARGS) {
  volatile char *place = malloc(8);
  PG_RETURN_BOOL(place[8] == 'a');
}
FAULT
  chmod a+r "$REPORTS/fault.so"
  "$SERVER_BIN/psql" --no-psqlrc --quiet --command="CREATE FUNCTION fault() RETURNS boolean LANGUAGE c AS '$REPORTS/fault'" \
    --command='SELECT fault() AND fault()' >/dev/null 2>&1 || true
  grep -l "$1" "$REPORTS"/report.* >/dev/null || return
  rm -f "$REPORTS"/report.*
  "$SERVER_BIN/pg_isready" --quiet --timeout=60 || sleep 5
  "$SERVER_BIN/psql" --no-psqlrc --quiet --command='DROP FUNCTION IF EXISTS fault()'  # a crash may have lost it
}

# check_reports PATTERN: what the tool had to say of ours is nothing
check_reports() {
  local pattern=$1 file found=0
  server_is_up || return
  mkdir -p "$RESULTS"
  rm -rf "$RESULTS/reports"
  cp -r "$REPORTS" "$RESULTS/reports"
  for file in "$RESULTS/reports"/report.*; do
    if [[ -e $file ]] && grep -q "$pattern" "$file"; then
      found=$((found + 1))
      ((found > 5)) || show_part "$file" 60
    fi
  done
  say "$found of $(find "$RESULTS/reports" -name 'report.*' -size +0 | wc -l) processes with a report have one of ours"
  if ((found)); then FAILED=$((FAILED + 1)); else PASSED=$((PASSED + 1)); fi
}
