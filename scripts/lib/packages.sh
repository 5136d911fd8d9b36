# shellcheck shell=bash
# Installs what is missing from the distribution's packages (Debian, Ubuntu). Needs common.sh and server.sh.

# The formatter and the linter are pinned: another version formats otherwise and has other checks.
CLANG_TOOLS_VERSION=14

MISSING=()  # packages
REASONS=()  # what each is for

miss() {
  MISSING+=("$1")
  REASONS+=("$2")
}

need_command() {
  command -v "$1" >/dev/null || miss "$2" "$3"
}

# clang_tool NAME: the command of the pinned version, if it is there
clang_tool() {
  local tool
  for tool in "$1-$CLANG_TOOLS_VERSION" "$1"; do
    if command -v "$tool" >/dev/null && "$tool" --version | grep -q "version $CLANG_TOOLS_VERSION\."; then
      echo "$tool"
      return
    fi
  done
  return 1
}

distribution_has_clang_tools() { grep -qE '^VERSION_CODENAME=(bookworm|jammy|noble)$' /etc/os-release; }

find_missing_for_demo() {
  need_command make make 'to build'
  need_command g++ g++ 'to build'
  find_server && return
  choose_server_version
  [[ -x /usr/lib/postgresql/$SERVER_VERSION/bin/postgres ]] || miss "postgresql-$SERVER_VERSION" 'the server, for a private cluster'
  miss "postgresql-server-dev-$SERVER_VERSION" 'the headers and makefiles of the server'
}

find_missing_for_check() {
  need_command cmake cmake 'to build the unit tests'
  need_command prove perl 'to run the TAP tests'
  need_command shellcheck shellcheck 'to check the scripts'
  need_command git git 'to test a release'
  [[ -e /usr/include/gtest/gtest.h ]] || miss libgtest-dev 'the unit tests'
  perl -MIPC::Run -e 1 2>/dev/null || miss libipc-run-perl 'the TAP tests'
  distribution_has_clang_tools || return 0
  local tool
  for tool in clang-format clang-tidy; do
    clang_tool "$tool" >/dev/null || miss "$tool-$CLANG_TOOLS_VERSION" 'to check the C++ code'
  done
  find_missing_for_fuzz
}

find_missing_for_fuzz() {
  need_command cmake cmake 'to build the fuzzers'
  need_command "clang++-$CLANG_TOOLS_VERSION" "clang-$CLANG_TOOLS_VERSION" 'to build the fuzzers'
  compgen -G "/usr/lib/llvm-$CLANG_TOOLS_VERSION/lib/clang/*/lib/linux/libclang_rt.fuzzer-$(uname -m).a" >/dev/null ||
    miss "libclang-rt-$CLANG_TOOLS_VERSION-dev" 'libFuzzer'
}

find_missing_for_core_benchmarks() {
  need_command g++ g++ 'to build'
  need_command cmake cmake 'to build the benchmarks'
  [[ -e /usr/include/benchmark/benchmark.h ]] || miss libbenchmark-dev 'the benchmarks'
}

# install_packages PACKAGE...
install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install -y --no-install-recommends "$@"
}

# Debian's packages create and start a cluster "main" along with the server. This keeps them from it while COMMAND runs, and leaves
# neither a cluster nor a changed configuration behind.
without_main_cluster() {
  local folder=/etc/postgresql-common/createcluster.d status=0
  local file=$folder/leadscore-setup.conf
  as_root mkdir -p "$folder"
  echo 'create_main_cluster = false' | as_root tee "$file" >/dev/null
  "$@" || status=$?
  as_root rm -f "$file"
  as_root rmdir --ignore-fail-on-non-empty "$folder"
  return "$status"
}

LISTS_UPDATED=no

update_lists() {
  [[ $LISTS_UPDATED == no ]] || return 0
  command -v apt-get >/dev/null || die "not found: ${MISSING[*]:-the server} (and there is no apt-get to install it with)"
  timed "updating apt's lists of packages" as_root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update
  LISTS_UPDATED=yes
}

install_missing() {
  local i
  ((${#MISSING[@]})) || return 0
  say 'Missing here, to be installed with apt-get:'
  for i in "${!MISSING[@]}"; do
    say "$(printf '  %-30s %s' "${MISSING[i]}" "${REASONS[i]}")"
  done
  update_lists
  timed "installing ${#MISSING[@]} packages and what they need" without_main_cluster install_packages "${MISSING[@]}"
}

# set_up demo|check: afterwards all that is needed is there, and PG_CONFIG is the server's
set_up() {
  find_missing_for_demo
  [[ $1 == demo ]] || find_missing_for_check
  install_missing
  find_server || die 'there is still no PostgreSQL to build with; set PG_CONFIG to its pg_config'
  say "PostgreSQL $("$PG_CONFIG" --version | cut -d ' ' -f 2), $(g++ --version | head -n 1)"
}
