# shellcheck shell=bash
# Other releases of Debian, each in a folder made by debootstrap: nothing of this machine is used but its kernel. Needs common.sh and
# packages.sh, and root's rights.

FOLDERS=${LEADSCORE_FOLDERS:-/var/tmp/leadscore-folders}  # kept, so that the next run need not make them
DEBIAN_MIRROR=http://deb.debian.org/debian

# This machine's own source of packages, in either of apt's formats; MIRROR decides if it is set.
mirror() {
  local found
  found=${MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -nE 's#^(URIs:|deb( \[[^]]*\])?) *([a-z]+://[^ ]*/debian/?)( .*)?$#\3#p' | head -n 1)}
  echo "${found:-$DEBIAN_MIRROR}"
}

need_folders() {
  is_root || die "this needs root's rights"
  need_command debootstrap debootstrap 'to make the folders'
  install_missing
}

make_folder() {
  local release=$1 folder=$2
  rm -rf "$folder" "$folder.new"
  mkdir -p "$(dirname "$folder")"
  debootstrap --variant=minbase --include=ca-certificates "$release" "$folder.new" "$(mirror)" || return
  cp -r /etc/apt/apt.conf.d/. "$folder.new/etc/apt/apt.conf.d/"
  mv "$folder.new" "$folder"
}

# want_folder RELEASE: sets FOLDER to the kept folder of that release, made if it is not there
want_folder() {
  FOLDER=$FOLDERS/$1
  [[ -d $FOLDER ]] || timed "making $FOLDER" make_folder "$1" "$FOLDER"
}

# inside FOLDER COMMAND...: with its own view of processes and mounts, which is gone with the command
inside() {
  # shellcheck disable=SC2016 # the inner shell expands
  unshare --mount --pid --fork --kill-child bash -c '
    set -e
    folder=$1
    shift
    mount --make-rprivate /
    mount -t proc proc "$folder/proc"
    mkdir -p "$folder/dev/shm"
    mount -t tmpfs -o mode=1777 shm "$folder/dev/shm"
    cp -L /etc/resolv.conf "$folder/etc/resolv.conf" 2>/dev/null || true
    exec chroot "$folder" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb "$@"' - "$@"
}

# copy_repository FOLDER: the repository as it is now to /src/leadscore, without what was built in it
copy_repository() {
  rm -rf "$1/src" && mkdir -p "$1/src/leadscore"
  tar -c --exclude=.git --exclude=./build --exclude='*.o' --exclude='*.d' --exclude='*.so' -C "$REPO" . |
    tar -x --no-same-owner -C "$1/src/leadscore"
}

# copy_data FOLDER: the real data that tests look for beside the repository, if it is there
copy_data() {
  local data=${LEADSCORE_DATA:-$REPO/../shared/data}
  [[ ! -d $data ]] || { mkdir -p "$1/src/shared" && cp -r "$data" "$1/src/shared/data"; }
}
