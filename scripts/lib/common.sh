# shellcheck shell=bash disable=SC2034
# What all scripts share: messages with times, and rights.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ -t 1 ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' NORMAL=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' YELLOW='' NORMAL=''
fi

die() {
  printf '%serror:%s %s\n' "$RED" "$NORMAL" "$*" >&2
  exit 1
}

say() { printf '    %s\n' "$*"; }

warn() { printf '    %s%s%s\n' "$YELLOW" "$*" "$NORMAL"; }

headline() { printf '\n%s==> %s%s\n' "$BOLD" "$*" "$NORMAL"; }

milliseconds() {
  local now=${EPOCHREALTIME/[.,]/}
  echo $((now / 1000))
}

# seconds_since MILLISECONDS: the time that passed, as "1.2 s"
seconds_since() {
  local passed=$(($(milliseconds) - $1))
  printf '%d.%d s' $((passed / 1000)) $((passed % 1000 / 100))
}

# timed TITLE COMMAND...: runs a quiet command; its output is shown only if it fails
timed() {
  local title=$1 start log status=0
  shift
  start=$(milliseconds)
  log=$(mktemp)
  printf '    %-58s' "$title"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status == 0)); then
    printf '%s%8s%s\n' "$DIM" "$(seconds_since "$start")" "$NORMAL"
  else
    printf '%sfailed%s after %s\n' "$RED" "$NORMAL" "$(seconds_since "$start")"
    tail -n 60 "$log" | sed 's/^/      | /'
  fi
  rm -f "$log"
  return "$status"
}

is_root() { ((EUID == 0)); }

as_root() {
  if is_root; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root's rights, and there is no sudo: $*"
  fi
}
