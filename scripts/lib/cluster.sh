# shellcheck shell=bash
# A private, throw-away PostgreSQL: neither the machine's own clusters nor its PostgreSQL folders are touched. Needs common.sh and
# PG_CONFIG.
#
# WORK (a new temporary folder) holds
#   root/    the server as it would be installed, with leadscore in it: its programs copied, because PostgreSQL finds its files from
#            where its program lies, and the rest linked
#   data/    the cluster      socket/  its socket, open to its user (and root) alone      server.log

WORK=''
SERVER_USER=''

# The server refuses to run as root.
choose_server_user() {
  if ! is_root; then
    SERVER_USER=$(id -un)
  elif id postgres >/dev/null 2>&1; then
    SERVER_USER=postgres
  else
    SERVER_USER=nobody
  fi
}

# as_server COMMAND...: as the user of the server, from a folder that it can read
as_server() (
  cd "$WORK" || exit
  if is_root; then
    exec runuser -u "$SERVER_USER" -- env HOME="$WORK" "$@"
  else
    exec "$@"
  fi
)

# make_work_folder: a folder that the server's user can reach, with a path short enough for a socket
make_work_folder() {
  local base
  choose_server_user
  for base in "${TMPDIR:-/tmp}" /tmp; do
    ((${#base} <= 60)) || continue
    WORK=$(mktemp -d "$base/leadscore.XXXXXX")
    chmod 755 "$WORK"
    if as_server test -x "$WORK"; then
      trap remove_cluster EXIT
      trap 'exit 130' INT
      trap 'exit 143' TERM HUP
      return
    fi
    rmdir "$WORK"
  done
  die "user $SERVER_USER cannot reach a folder in ${TMPDIR:-/tmp}"
}

# own_folder NAME: a folder in WORK that belongs to the server's user
own_folder() {
  mkdir -p "$WORK/$1"
  ! is_root || chown "$SERVER_USER:" "$WORK/$1"
}

# make_private_server: WORK/root, with the extension installed into it. Afterwards SERVER_BIN is its folder of programs.
make_private_server() {
  local folder option
  make -s -C "$REPO" install DESTDIR="$WORK/root" PG_CONFIG="$PG_CONFIG" "$@" || return
  for option in --sharedir --pkglibdir; do
    folder=$("$PG_CONFIG" "$option")
    mkdir -p "$WORK/root$folder"
    # Not -f: what is there already is the extension just installed, which wins over one of the machine.
    cp -rsn "$folder/." "$WORK/root$folder/" 2>/dev/null || true
  done
  SERVER_BIN=$WORK/root$("$PG_CONFIG" --bindir)
  mkdir -p "$SERVER_BIN"
  cp -L "$("$PG_CONFIG" --bindir)"/* "$SERVER_BIN/"
  chmod -R a+rX "$WORK/root"
  # Tests put other versions of the extension there.
  ! is_root || chown "$SERVER_USER:" "$WORK/root$("$PG_CONFIG" --sharedir)/extension"
  [[ -z ${INSTRUMENT:-} ]] || instrument_server || return
  if [[ $("$SERVER_BIN/pg_config" --sharedir) != "$WORK"/* ]]; then
    echo "$("$PG_CONFIG" --version) cannot be run from another folder than its own" >&2
    return 1
  fi
}

# start_cluster PORT: makes and starts the cluster; no TCP, the port is part of the socket's name. Connections need PGHOST and the
# like, which are exported.
start_cluster() {
  own_folder data
  own_folder socket
  chmod 700 "$WORK/socket"
  as_server "$SERVER_BIN/initdb" --pgdata="$WORK/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync --no-instructions || return
  cat >>"$WORK/data/postgresql.conf" <<CONF || return
listen_addresses = ''
port = $1
unix_socket_directories = '$WORK/socket'
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = '2GB'
log_min_messages = warning
CONF
  : >"$WORK/server.log"
  ! is_root || chown "$SERVER_USER:" "$WORK/server.log"
  as_server "$SERVER_BIN/pg_ctl" --pgdata="$WORK/data" --log="$WORK/server.log" --wait --silent start || {
    cat "$WORK/server.log"
    return 1
  }
  export PGHOST=$WORK/socket PGPORT=$1 PGUSER=postgres PGDATABASE=postgres PGCLIENTENCODING=UTF8
}

stop_cluster() {
  [[ ! -e $WORK/data/postmaster.pid ]] || as_server "$SERVER_BIN/pg_ctl" --pgdata="$WORK/data" --mode=immediate --silent stop
}

remove_cluster() {
  [[ -n $WORK ]] || return 0
  stop_cluster || true
  rm -rf "$WORK"
  WORK=''
}

# keep_cluster: it survives this script; WORK/stop ends it
keep_cluster() {
  local runner=''
  ! is_root || runner="runuser -u $SERVER_USER -- "
  cat >"$WORK/stop" <<STOP
#!/bin/sh
# Stops this PostgreSQL and removes it.
cd / && $runner'$SERVER_BIN/pg_ctl' --pgdata='$WORK/data' --mode=fast --silent stop && rm -rf '$WORK'
STOP
  chmod 755 "$WORK/stop"
  trap - EXIT INT TERM HUP
}
