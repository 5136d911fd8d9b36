# shellcheck shell=bash
# The fuzzers of the engine. Needs common.sh and packages.sh.

FUZZERS=(state model)

build_fuzzers() {
  cmake --fresh -S . -B build/fuzz -DCMAKE_CXX_COMPILER="clang++-$CLANG_TOOLS_VERSION" -DLEADSCORE_SANITIZE=ON -DLEADSCORE_FUZZ=ON &&
    cmake --build build/fuzz -j "$(nproc)" --target "${FUZZERS[@]/#/fuzz_}"
}

# run_fuzzer FUZZER SECONDS: over the kept inputs and on from there; 0 seconds: the kept inputs alone
run_fuzzer() {
  local log=build/fuzz/$1.log status=0
  local options=(-timeout=20 -rss_limit_mb=3000 -max_len=4096 -print_final_stats=1 -artifact_prefix="build/fuzz/failures/$1-")
  mkdir -p build/fuzz/failures "build/fuzz/corpus/$1"
  if (($2 > 0)); then
    "build/fuzz/fuzz_$1" "${options[@]}" -max_total_time="$2" "build/fuzz/corpus/$1" "test/fuzz/corpus/$1" >"$log" 2>&1 || status=$?
  else
    "build/fuzz/fuzz_$1" "${options[@]}" test/fuzz/corpus/"$1"/* >"$log" 2>&1 || status=$?
  fi
  if ((status)); then
    warn "$1: broke; the input is in build/fuzz/failures, the log is $log"
    grep -vE '^#[0-9]+|NEW_FUNC' "$log" | tail -n 40 | sed 's/^/      | /'
  else
    say "$1: $(grep -cE '^Executed ' "$log" || true) kept inputs run alone; $(fuzzing_done "$log") inputs"
  fi
  return "$status"
}

fuzzing_done() { sed -nE 's/^stat::number_of_executed_units: //p' "$1" | tail -n 1; }
