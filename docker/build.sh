#!/usr/bin/env bash
# Builds the images of sandboxes and the root filesystem of the bubblewrap backend. Does only what is missing or stale.
#
#   build.sh [cpu|gpu|train|server|all] [--rootfs [DIR]] [--no-docker] [--force]
#
#   cpu, gpu, train, server, all
#                           the images to build (default: cpu); all is cpu and gpu; train is that of the student's training
#   --rootfs [DIR]          also lay out the image (cpu or gpu) as a directory; without DIR each one at
#                           ${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-~/.local/state}/gymsmith}/rootfs/<image>
#   --no-docker             no Docker engine: the CPU root filesystem only, straight from the Debian archive (needs root)
#   --force                 build again what is current (takes in the newest Debian packages); the base as well
#
# Environment: GYMSMITH_DEBIAN_MIRROR, GYMSMITH_DEBIAN_SECURITY_MIRROR, http_proxy / https_proxy / no_proxy,
# PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_TRUSTED_HOST, PIP_CERT (or SSL_CERT_FILE). They serve the build and do not stay
# in the image; a mirror's address can be read in the layer history, so put no password into one.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rootfs_home=${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/gymsmith}/rootfs

say() { printf '[build] %s\n' "$*" >&2; }
die() {
  printf '[build] error: %s\n' "$1" >&2
  shift
  printf '[build]   %s\n' "$@" >&2
  exit 1
}

targets=()
want_rootfs=
rootfs_at=
use_docker=1
force=
while [ $# -gt 0 ]; do
  case $1 in
    cpu | gpu | train | server) targets+=("$1") ;;
    all) targets+=(cpu gpu) ;;
    --rootfs)
      want_rootfs=1
      if [ $# -gt 1 ] && [[ $2 != --* ]] && [[ ! $2 =~ ^(cpu|gpu|train|server|all)$ ]]; then rootfs_at=$2; shift; fi
      ;;
    --no-docker) use_docker= ;;
    --force) force=1 ;;
    -h | --help) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown argument: $1" "See: docker/build.sh --help" ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || targets=(cpu)
if [ -z "$use_docker" ]; then
  [ "${targets[*]}" = cpu ] || die "--no-docker makes the CPU root filesystem only." "Leave out: ${targets[*]}"
  want_rootfs=1
fi
[ -z "$rootfs_at" ] || [ ${#targets[@]} = 1 ] ||
  die "one directory cannot hold several images: ${targets[*]}" "Leave out the directory, or name one image."

version=0.0.0
if [ -f "$here/../package.json" ]; then
  version=$(sed -n 's/^  "version": *"\([^"]*\)".*/\1/p' "$here/../package.json" | head -n 1)
fi
version=${version:-0.0.0}

# The files that decide what an image holds, relative to docker/.
content_files() {
  find "$here/$1" -type f -printf "$1/%P\n"
  if [ "$1" = server ]; then
    find "$here"/../{bin,src,packs} "$here"/{envd,prepare} "$here"/../package*.json -type f -not -path '*/__pycache__/*' \
      -printf '%p\n' | sed "s|^$here/||"
  else
    printf 'base/%s\n' drop-samples.sh install-packages.sh make-base.sh setup-users.sh write-release.sh
  fi
}
content_of() {
  (cd "$here" && content_files "$1" | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -c1-16)
}

# One build of a thing at a time on a machine and user: a second one waits, then finds the work done.
lock() {
  exec 9>"${TMPDIR:-/tmp}/gymsmith-build-$(id -u)-$1.lock"
  flock -n 9 && return
  say "another build of $1 is running: waiting for it"
  flock -w 3600 9 || die "another build of $1 has been running for an hour." \
    "Look for it (ps aux | grep build.sh), end it, try again."
}

work=
staged=
cleanup() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$staged" ] || rm -rf --one-file-system "$staged"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What this machine needs to reach packages, as build arguments.
build_args() {
  local mirrors own name
  mapfile -t mirrors < <("$here/base/find-mirror.sh")
  mapfile -t own < <("$here/base/find-mirror.sh" --default)
  if [ "${mirrors[0]}" != "${own[0]}" ]; then
    printf '%s\n' --build-arg "DEBIAN_MIRROR=${mirrors[0]}"
  fi
  if [ "${mirrors[1]}" != "${own[1]}" ]; then
    printf '%s\n' --build-arg "DEBIAN_SECURITY_MIRROR=${mirrors[1]}"
  fi
  if [ -z "${http_proxy:-}" ] && command -v apt-config >/dev/null; then
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
  fi
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || printf '%s\n' --build-arg "$name=${!name}"
  done
  if [[ $1 =~ ^(gpu|train)$ ]]; then
    for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST; do
      [ -z "${!name:-}" ] || printf '%s\n' --build-arg "$name=${!name}"
    done
  fi
}

label_of() {
  docker image inspect --format "{{index .Config.Labels \"org.gymsmith.content\"}}" "$1" 2>/dev/null || true
}

image_is_current() {
  [ -z "$force" ] && [ "$(label_of "$1:latest")" = "$2" ] || return 1
  docker tag "$1:latest" "$1:$version"
  say "$1 is current ($2)"
}

# Stages, images of a failed build, and the image that a new one replaced, unless a container uses it. Only of our label.
drop_leftovers() {
  docker image prune --force --filter dangling=true --filter "label=org.gymsmith.image=$1" >/dev/null 2>&1 || true
}

base_forced=
ensure_base() {
  if [ -n "$force" ] && [ -z "$base_forced" ]; then
    "$here/base/make-base.sh" --force
    base_forced=1
  else
    "$here/base/make-base.sh"
  fi
}

build_image() {
  local target=$1 image=gymsmith/$1 content ca args started=$SECONDS context
  content=$(content_of "$target")
  image_is_current "$image" "$content" && return
  lock "$target"
  image_is_current "$image" "$content" && return
  ensure_base
  say "building $image ($content)"
  context=$work/context
  rm -rf "$context"
  mkdir -p "$context"
  cp -r "$here/base" "$here/$target" "$context/"
  if [[ $target =~ ^(gpu|train)$ ]]; then
    ca=${PIP_CERT:-${SSL_CERT_FILE:-}}
    [ -z "$ca" ] || [ ! -f "$ca" ] || cp "$ca" "$context/build-ca.pem"
  fi
  if [ "$target" = server ]; then
    "$here/server/prepare.sh" "$context" >"$work/log" 2>&1 || {
      tail -n 40 "$work/log" >&2
      die "the project could not be built for the server image; the end of the log is above." "Try: npm ci && npm run build"
    }
  fi
  mapfile -t args < <(build_args "$target")
  # The classic builder: it comes with every engine, and it finds a base that no registry has.
  DOCKER_BUILDKIT=0 timeout "${GYMSMITH_BUILD_TIMEOUT_S:-5400}" docker build --network host --force-rm --no-cache \
    -f "$context/$target/Dockerfile" "${args[@]}" \
    --build-arg "GYMSMITH_VERSION=$version" --build-arg "GYMSMITH_CONTENT=$content" \
    -t "$image:latest" -t "$image:$version" "$context" >"$work/log" 2>&1 || {
    drop_leftovers "$target"
    sed 's/\x1b\[[0-9;]*m//g' "$work/log" | tail -n 60 >&2
    die "the image $image could not be built; the end of the log is above." \
      "Most often an archive does not answer: check the network, or set the variables that docker/build.sh --help lists."
  }
  drop_leftovers "$target"
  say "$image:$version built in $((SECONDS - started)) s"
}

rootfs_is_current() {
  [ -z "$force" ] && grep -qs "\"content\":\"$1\"" "$rootfs/etc/gymsmith-release" || return 1
  say "$rootfs is current ($1)"
}

# Old trees that a sandbox still has mounted stay until the next build.
sweep_old_rootfs() {
  local old
  for old in "$(dirname "$rootfs")"/."$(basename "$rootfs")".old.*; do
    [ -d "$old" ] || continue
    if grep -qsF "/$(basename "$old")" /proc/[0-9]*/mountinfo; then
      say "$old is in use by a running sandbox: kept until the next build"
    else
      rm -rf --one-file-system "$old"
    fi
  done
}

export_with_docker() {
  local container owner=(--same-owner)
  if [ "$(id -u)" != 0 ]; then
    owner=(--no-same-owner)
    say "not root: every file of the root filesystem will belong to $(id -un)"
  fi
  container=$(docker create --label org.gymsmith.owner=build "gymsmith/$2:latest")
  if ! docker export "$container" | tar -x --numeric-owner -p "${owner[@]}" --exclude=.dockerenv --exclude='dev/*' -C "$1"; then
    docker rm -f "$container" >/dev/null
    die "gymsmith/$2 could not be unpacked into $1." "Is there room? df -h $(dirname "$1")"
  fi
  docker rm "$container" >/dev/null
}

export_without_docker() {
  local mirrors
  rmdir "$1"
  "$here/base/make-base.sh" --tree "$1"
  mapfile -t mirrors < <("$here/base/find-mirror.sh")
  export DEBIAN_MIRROR=${mirrors[0]} DEBIAN_SECURITY_MIRROR=${mirrors[1]}
  mkdir "$1/build"
  cp "$here"/base/{drop-samples,install-packages,setup-users,write-release}.sh "$here/cpu/packages.txt" "$1/build/"
  say "installing the packages of cpu/packages.txt"
  "$here/base/in-tree.sh" "$1" /bin/bash -euc "
    /build/install-packages.sh /build/packages.txt
    /build/drop-samples.sh
    /build/setup-users.sh
    /build/write-release.sh cpu '$version' '$2'" >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    die "the packages could not be installed; the end of the log is above." "Check the network and the mirror, then try again."
  }
  rm -rf "$1/build"
}

make_rootfs() {
  local target=$1 content started=$SECONDS parent name
  rootfs=${rootfs_at:-$rootfs_home/$target}
  content=$(content_of "$target")
  parent=$(dirname "$rootfs")
  name=$(basename "$rootfs")
  mkdir -p "$parent" || die "$parent cannot be made." "Name another directory: --rootfs DIR"
  sweep_old_rootfs
  rootfs_is_current "$content" && return
  lock "rootfs-$target"
  rootfs_is_current "$content" && return
  if [ -e "$rootfs" ] && [ ! -f "$rootfs/etc/gymsmith-release" ] && [ -n "$(ls -A "$rootfs")" ]; then
    die "$rootfs exists and is not a Gymsmith root filesystem." "Name an empty or a new directory: --rootfs DIR"
  fi
  # What a killed build left behind: no other one runs, the lock says so.
  rm -rf --one-file-system "$parent/.$name.new."*
  staged=$(mktemp -d "$parent/.$name.new.XXXXXX")
  if [ -n "$use_docker" ]; then export_with_docker "$staged" "$target"; else export_without_docker "$staged" "$content"; fi
  chmod 755 "$staged"
  rm -rf "${staged:?}"/dev/* "${staged:?}"/etc/{hosts,hostname,resolv.conf,mtab}
  mkdir -p "$staged"/{dev,proc,sys,tmp,run}
  chmod 1777 "$staged/tmp"
  # What a Docker engine puts into each container, so that localhost and the sandbox's own name have an address.
  printf '127.0.0.1 localhost gymsmith\n::1 localhost ip6-localhost ip6-loopback\n' >"$staged/etc/hosts"
  echo gymsmith >"$staged/etc/hostname"
  : >"$staged/etc/resolv.conf"
  ln -s /proc/mounts "$staged/etc/mtab"
  [ ! -e "$rootfs" ] || mv -T "$rootfs" "$parent/.$name.old.$$"
  mv -T "$staged" "$rootfs"
  staged=
  sweep_old_rootfs
  say "$rootfs made in $((SECONDS - started)) s"
}

main() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/gymsmith-build.XXXXXX")
  local target
  if [ -n "$use_docker" ]; then
    timeout 20 docker version >/dev/null 2>&1 || die "no Docker engine answers." \
      "Start it (for example: systemctl start docker) or check DOCKER_HOST; without one: docker/build.sh --no-docker"
    for target in "${targets[@]}"; do build_image "$target"; done
  fi
  [ -n "$want_rootfs" ] || return 0
  for target in "${targets[@]}"; do
    [[ $target =~ ^(server|train)$ ]] || make_rootfs "$target"
  done
}

# On one line: bash reads a script as it goes, and this file may change while a long build runs.
main; exit
