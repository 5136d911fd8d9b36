# shellcheck shell=bash
# The Debian package, built and installed in folders (folders.sh). Needs common.sh, packages.sh and folders.sh.

apt_inside() { inside "$1" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 "${@:2}"; }

# build_package FOLDER PACKAGES: as a distribution would, in a copy of the folder; the packages are put into PACKAGES
build_package() {
  local folder=$1.build packages=$2
  [[ -d $folder ]] || cp -a "$1" "$folder" || return
  copy_repository "$folder" && apt_inside "$folder" update &&
    apt_inside "$folder" install -y --no-install-recommends build-essential debhelper postgresql-server-dev-all &&
    inside "$folder" bash -c 'cd /src/leadscore && pg_buildext updatecontrol && dpkg-buildpackage -us -uc -b' || return
  rm -rf "$packages" && mkdir -p "$packages"
  cp "$folder"/src/*.deb "$packages/"
}
