# shellcheck shell=bash
# Counts tests by kind and sums them up. Needs common.sh.

KINDS_RUN=() PASSED_IN=() FAILED_IN=() SKIPPED_IN=() TIME_OF=()
PASSED=0 FAILED=0 SKIPPED=0  # of the kind being run
SKIP_REASONS=()  # of all kinds

# run_kind KIND TITLE COMMAND...: runs the tests of a kind; COMMAND adds to PASSED, FAILED and SKIPPED
run_kind() {
  local kind=$1 title=$2 start status=0
  shift 2
  headline "$title"
  start=$(milliseconds)
  PASSED=0 FAILED=0 SKIPPED=0
  "$@" || status=$?
  if ((status != 0 && FAILED == 0)); then
    FAILED=1
  fi
  if ((PASSED + FAILED + SKIPPED == 0)); then
    warn "There is no test of the kind $kind; that counts as a failure."
    FAILED=1
  fi
  KINDS_RUN+=("$kind") PASSED_IN+=("$PASSED") FAILED_IN+=("$FAILED") SKIPPED_IN+=("$SKIPPED") TIME_OF+=("$(seconds_since "$start")")
  say "$(colour_of "$FAILED")$PASSED passed, $FAILED failed, $SKIPPED skipped$NORMAL in ${TIME_OF[-1]}"
}

# one_test COMMAND...: a command that is one test
one_test() {
  if timed "$@"; then
    PASSED=$((PASSED + 1))
  else
    FAILED=$((FAILED + 1))
  fi
}

# skip REASON: one test that cannot be run here
skip() {
  note_skipped "$1"
  SKIPPED=$((SKIPPED + 1))
}

# note_skipped REASON: for the summary
note_skipped() {
  warn "SKIPPED: $1"
  SKIP_REASONS+=("$1")
}

colour_of() { if (($1)); then printf '%s' "$RED"; else printf '%s' "$GREEN"; fi; }

# show_part FILE [LINES]: the beginning of a log
show_part() {
  local lines=${2:-150}
  [[ -s $1 ]] || return 0
  head -n "$lines" "$1" | sed 's/^/      | /'
  (($(wc -l <"$1") <= lines)) || say "  ... the rest is in $1"
}

# show_summary: the table, why what was skipped was, and, as the last line, the sums; fails if a test failed
show_summary() {
  local i passed=0 failed=0 skipped=0
  headline 'Summary'
  printf '    %-12s %8s %8s %8s %12s\n' kind passed failed skipped time
  for i in "${!KINDS_RUN[@]}"; do
    printf '    %s%-12s %8d %8d %8d %12s%s\n' "$(colour_of "${FAILED_IN[i]}")" "${KINDS_RUN[i]}" "${PASSED_IN[i]}" \
      "${FAILED_IN[i]}" "${SKIPPED_IN[i]}" "${TIME_OF[i]}" "$NORMAL"
    passed=$((passed + PASSED_IN[i])) failed=$((failed + FAILED_IN[i])) skipped=$((skipped + SKIPPED_IN[i]))
  done
  ((${#SKIP_REASONS[@]} == 0)) || printf '\n    skipped:\n'
  for i in "${!SKIP_REASONS[@]}"; do
    printf '      %s\n' "${SKIP_REASONS[i]}"
  done
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
}
