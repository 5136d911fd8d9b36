# shellcheck shell=bash
# The kinds of test, a function each. Needs common.sh, packages.sh, cluster.sh and results.sh.

RESULTS=$REPO/build/test-results

cpp_files() { find src test/unit test/fuzz bench/core -name '*.cpp' -o -name '*.hpp' 2>/dev/null | sort; }

check_format() {
  local tool
  if tool=$(clang_tool clang-format); then
    # shellcheck disable=SC2046
    one_test 'the C++ code is formatted as .clang-format says' "$tool" --dry-run --Werror $(cpp_files)
  else
    skip "the format of the C++ code: there is no clang-format $CLANG_TOOLS_VERSION here"
  fi
}

check_tidy() {
  local tool
  if ! tool=$(clang_tool clang-tidy); then
    skip "clang-tidy: version $CLANG_TOOLS_VERSION is not here"
    return
  fi
  one_test 'clang-tidy has nothing to say' tidy_all "$tool"
}

# What it has to say, without how much it suppressed.
tidy_all() {
  find src -name '*.cpp' | sort | xargs -P "$(nproc)" -I{} "$1" --quiet {} -- -std=c++20 -Isrc \
    -isystem "$("$PG_CONFIG" --includedir-server)" 2>&1 | sed '/ warnings\{0,1\} generated\.$/d'
}

# PostgreSQL's versions differ in one header, and nowhere else.
only_one_asks_for_the_version() { diff <(echo src/pg/postgres.hpp) <(grep -rlE 'PG_VERSION_NUM|PG_MAJORVERSION|server_version_num' src); }

check_scripts() {
  one_test 'one header alone asks for the version of PostgreSQL' only_one_asks_for_the_version
  if command -v shellcheck >/dev/null; then
    one_test 'shellcheck has nothing to say' shellcheck -x scripts/setup scripts/demo scripts/bench scripts/check* scripts/crash scripts/fuzz \
      scripts/limits scripts/release scripts/soak scripts/sqlsmith scripts/lib/*.sh .ci/run
  else
    skip 'the scripts: there is no shellcheck here'
  fi
}

# --- GoogleTest ---

check_unit() {
  local program log
  timed 'building the unit tests' build_unit_tests || return
  mkdir -p "$RESULTS"
  while read -r program; do
    log=$RESULTS/$(basename "$program").log
    count_gtest "$log" "$program" --gtest_color=no
  done < <(find build/unit -type f -executable -not -path '*/CMakeFiles/*' -not -name '*.so*' | sort)
}

build_unit_tests() {
  cmake --fresh -S . -B build/unit -DLEADSCORE_SANITIZE=ON && cmake --build build/unit -j "$(nproc)"
}

# count_gtest LOG COMMAND...
count_gtest() {
  local log=$1 status=0 failed
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  failed=$(grep -cE '^\[  FAILED  \] .* \([0-9]+ ms\)$' "$log" || true)
  ((status == 0 || failed > 0)) || failed=1
  PASSED=$((PASSED + $(grep -cE '^\[       OK \]' "$log" || true)))
  SKIPPED=$((SKIPPED + $(grep -cE '^\[  SKIPPED \] .* \([0-9]+ ms\)$' "$log" || true)))
  FAILED=$((FAILED + failed))
  say "$(basename "$1"): $(tail -n 1 "$log")"
  ((failed == 0)) || grep -vE '^\[ RUN  |^\[       OK|^\[---' "$log" | head -n 150 | sed 's/^/      | /'
}

# --- libFuzzer ---

check_fuzz() {
  local fuzzer
  if ! distribution_has_clang_tools; then
    skip "the fuzzers: this distribution has no clang $CLANG_TOOLS_VERSION"
    return
  fi
  timed 'building the fuzzers' build_fuzzers || return
  for fuzzer in "${FUZZERS[@]}"; do
    one_test "$fuzzer: the kept inputs break nothing" run_fuzzer "$fuzzer" 0
  done
}

# --- Tests in a private PostgreSQL ---

SERVER_IS_UP=no

MAKE_OPTIONS=(WERROR=1)

# check_build: builds the extension and starts a cluster with it, with a copy of the repository for the server's user: WORK/tree
check_build() {
  one_test 'compiling the extension, a warning being an error' make -j"$(nproc)" "${MAKE_OPTIONS[@]}" PG_CONFIG="$PG_CONFIG"
  ((FAILED == 0)) || return
  make_work_folder
  say "a private PostgreSQL in $WORK, run by user $SERVER_USER"
  timed 'installing the extension into it' make_private_server "${MAKE_OPTIONS[@]}" || return
  timed 'creating and starting a cluster' start_cluster 5432 || return
  own_folder tree
  tar -c --exclude=.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' . |
    as_server tar -x --no-same-owner -C "$WORK/tree"
  find_data
  SERVER_IS_UP=yes
}

server_is_up() { [[ $SERVER_IS_UP == yes ]] || { warn 'Not run: there is no server.' && return 1; }; }

# Tests on real data run where the data is.
find_data() {
  local folder=${LEADSCORE_DATA:-$REPO/../shared/data}
  unset LEADSCORE_DATA
  if [[ -d $folder ]] && as_server test -r "$(cd "$folder" && pwd)"; then
    LEADSCORE_DATA=$(cd "$folder" && pwd)
    export LEADSCORE_DATA
    say "real data: $LEADSCORE_DATA"
  else
    warn "There is no real data here (LEADSCORE_DATA, or ../shared/data): the tests on it are SKIPPED."
  fi
}

check_regress() { check_installcheck regress 'sql/*.sql' ISOLATION= . ; }

check_isolation() { check_installcheck isolation 'test/isolation/specs/*.spec' REGRESS= output_iso; }

# check_installcheck KIND FILES WITHOUT OUTPUT: make installcheck, as a user would run it, for one kind of test. FILES are the
# tests, OUTPUT is where the results are put.
check_installcheck() {
  local kind=$1 without=$3 output=$WORK/tree/$4 log=$RESULTS/$1.log status=0 total failed
  server_is_up || return
  total=$(compgen -G "$2" | wc -l) || true
  ((total > 0)) || return 0
  mkdir -p "$RESULTS"
  add_missing_outputs "$2"
  as_server make -s -C "$WORK/tree" installcheck "$without" PG_CONFIG="$SERVER_BIN/pg_config" >"$log" 2>&1 </dev/null || status=$?
  grep -E '^(test|ok|not ok) ' "$log" | sed 's/^/    /' || true
  failed=$(grep -cE '^(not ok |test .*FAILED)' "$log" || true)
  if ((status != 0 && failed == 0)); then
    failed=$total
    show_part "$log" 40
  fi
  PASSED=$((total - failed)) FAILED=$failed
  rm -rf "${RESULTS:?}/$kind"
  mkdir -p "$RESULTS/$kind"
  cp -r "$output/results" "$RESULTS/$kind/" 2>/dev/null || true
  if ((failed)); then
    cp "$output/regression.diffs" "$RESULTS/$kind/" 2>/dev/null || true
    show_part "$RESULTS/$kind/regression.diffs" 300
  fi
}

# add_missing_outputs FILES: pg_regress gives up at a test without expected output; an empty one makes it show what came out
add_missing_outputs() {
  local file
  for file in $(compgen -G "$1"); do
    file=${file%.*}.out
    file=${file/#sql/expected}
    file=${file/specs/expected}
    [[ -e $file ]] || { as_server mkdir -p "$WORK/tree/${file%/*}" && as_server touch "$WORK/tree/$file"; }
  done
}

check_tap() { check_perl tap; }

check_property() { check_perl property; }

# check_perl FOLDER: each test/FOLDER/*.pl under prove
check_perl() {
  local file
  server_is_up || return
  mkdir -p "$RESULTS"
  for file in test/"$1"/*.pl; do
    [[ ! -e $file ]] || run_tap_file "$file" "$RESULTS/$1-$(basename "$file" .pl).log"
  done
}

run_tap_file() {
  local file=$1 log=$2 start status=0 passed failed skipped reason
  start=$(milliseconds)
  prove_file "$file" >"$log" 2>"$log.stderr" </dev/null || status=$?
  passed=$(grep -E '^ok ' "$log" | grep -vciE '# skip' || true)
  skipped=$(grep -ciE '^ok .*# skip|\.\. skipped: ' "$log" || true)
  failed=$(grep -cE '^not ok ' "$log" || true)
  ((status == 0 || failed > 0)) || failed=1
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
  printf '    %-42s %s%4d passed %3d failed %3d skipped%s %9s\n' "$file" "$(colour_of "$failed")" "$passed" "$failed" "$skipped" \
    "$NORMAL" "$(seconds_since "$start")"
  while read -r reason; do
    note_skipped "$file: $reason"
  done < <(sed -nE 's/^ok .*# skip *|^.*\.\. skipped: //Ip' "$log" | uniq)
  show_part "$log.stderr"
  if ((failed)); then
    grep -vE '^ok ' "$log" | tail -n 100 | sed 's/^/      | /'
    rm -rf "${log%.log}"
    cp -r "$WORK/tap/tmp_check/log" "${log%.log}" && say "logs of its servers: ${log%.log}/"
  fi
}

# prove_file FILE: with the environment that `make prove_installcheck` of PGXS sets, and in one locale everywhere: clusters take the encoding
# of their databases from it.
prove_file() {
  local pgxs
  pgxs=$(dirname "$("$PG_CONFIG" --pgxs)")/../..
  own_folder tap
  as_server env -u PGHOST -u PGUSER -u PGDATABASE -u LC_CTYPE -u LC_COLLATE LANG=C.UTF-8 TMPDIR="$WORK/tap" PGPORT=65432 \
    PATH="$SERVER_BIN:$PATH" TESTDIR="$WORK/tap" TESTDATADIR="$WORK/tap/tmp_check" TESTLOGDIR="$WORK/tap/tmp_check/log" \
    PG_REGRESS="$pgxs/src/test/regress/pg_regress" timeout 40m env -C "$WORK/tree" prove --verbose --norc -I "$pgxs/src/test/perl" -I test/lib -I . "$1"
}
