# shellcheck shell=bash
# Runs one test of the check for longer than the check does. Needs all other parts of scripts/lib that scripts/check needs.

# run_long TITLE FILE: ends with the sums; fails if the test failed
run_long() {
  headline 'Set-up'
  set_up check
  run_kind build 'Build, and a private PostgreSQL with it' check_build
  run_kind long "$1" run_long_file "$2"
  show_summary
}

run_long_file() {
  server_is_up || return
  mkdir -p "$RESULTS"
  run_tap_file "$1" "$RESULTS/long-$(basename "$1" .pl).log"
  sed -n 's/^# /    /p' "$RESULTS/long-$(basename "$1" .pl).log"
}
