# shellcheck shell=bash
# Finds the PostgreSQL to work with. Needs common.sh.
# PG_CONFIG, if set, decides. Else it is the pg_config of the path, else the newest of the distribution.

# usable PG_CONFIG: a server that runs and that one can build extensions for. The headers are asked for too: Debian's package of the
# client alone has the makefiles.
usable() {
  local bin
  bin=$("$1" --bindir 2>/dev/null) &&
    [[ -x $bin/postgres && -x $bin/initdb && -e $("$1" --pgxs) && -e $("$1" --includedir-server)/postgres.h ]]
}

# find_server: sets PG_CONFIG, or fails
find_server() {
  local candidate
  if [[ -n ${PG_CONFIG:-} ]]; then
    usable "$PG_CONFIG"
    return
  fi
  for candidate in pg_config $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -t / -k 5,5nr); do
    if usable "$candidate"; then
      PG_CONFIG=$(command -v "$candidate")
      export PG_CONFIG
      return
    fi
  done
  return 1
}

# choose_server_version: sets SERVER_VERSION, the version to install if there is no server: the one that PG_CONFIG names, else the
# distribution's.
choose_server_version() {
  if [[ ${PG_CONFIG:-} =~ ^/usr/lib/postgresql/([0-9]+)/bin/pg_config$ ]]; then
    SERVER_VERSION=${BASH_REMATCH[1]}
    return
  fi
  [[ -z ${PG_CONFIG:-} ]] || die "PG_CONFIG=$PG_CONFIG: this is no pg_config of a server with its development files"
  update_lists
  SERVER_VERSION=$(LC_ALL=C apt-cache depends postgresql | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
  [[ -n $SERVER_VERSION ]] || die 'this distribution has no package postgresql'
}
