#!/usr/bin/env bash
# Makes the image gymsmith/base:bookworm, from a registry where one answers, else from the Debian archive.
#
#   make-base.sh [--force]     the image; does nothing when it is there, unless forced
#   make-base.sh --tree DIR    the same content as a directory, without any Docker engine (DIR must not exist)
#
# Environment: GYMSMITH_DEBIAN_MIRROR, GYMSMITH_DEBIAN_SECURITY_MIRROR (see find-mirror.sh), GYMSMITH_PULL_TIMEOUT_S (15;
# 0 asks no registry), http_proxy / https_proxy / no_proxy.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=gymsmith/base:bookworm
release=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
pull_timeout_s=${GYMSMITH_PULL_TIMEOUT_S:-15}

say() { printf '[base] %s\n' "$*" >&2; }
die() {
  printf '[base] error: %s\n' "$1" >&2
  shift
  printf '[base]   %s\n' "$@" >&2
  exit 1
}

force=
tree=
while [ $# -gt 0 ]; do
  case $1 in
    --force) force=1 ;;
    --tree) tree=${2:?--tree needs a directory}; shift ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown argument: $1" "Known: --force, --tree DIR, --help." ;;
  esac
  shift
done

ensure_debootstrap() {
  [ "$(id -u)" = 0 ] || die "making a Debian base needs root: debootstrap unpacks files of many owners." \
    "Run the same command with sudo, or make a registry reachable (docker pull debian:$release-slim)."
  local want=()
  command -v debootstrap >/dev/null || want+=(debootstrap)
  [ -f "$keyring" ] || want+=(debian-archive-keyring)
  [ ${#want[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing here, and no apt to install it: ${want[*]}" \
    "Install ${want[*]} with this machine's package manager (the keyring belongs at $keyring), then run this again."
  say "installing ${want[*]}"
  apt_install "${want[@]}" >/dev/null 2>&1 ||
    { timeout 120 apt-get -qq update >&2 && apt_install "${want[@]}" >&2; } ||
    die "apt could not install ${want[*]}." "Run: apt-get update && apt-get install ${want[*]}"
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -y install --no-install-recommends "$@"
}

make_tree() {
  local root=$1 log mirrors
  mapfile -t mirrors < <("$here/find-mirror.sh" "$release")
  export DEBIAN_MIRROR=${mirrors[0]} DEBIAN_SECURITY_MIRROR=${mirrors[1]}
  if [ -z "${http_proxy:-}" ] && command -v apt-config >/dev/null; then
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
    [ -z "${http_proxy:-}" ] || export http_proxy
  fi
  say "debootstrap --variant=minbase $release (about a minute)"
  log=$(mktemp)
  mkdir -p "$root"
  # Without --force-check-gpg debootstrap takes an unsigned archive where the keyring is missing.
  if ! timeout 900 debootstrap --variant=minbase --include=ca-certificates "--keyring=$keyring" --force-check-gpg \
    "$release" "$root" "$DEBIAN_MIRROR" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    die "debootstrap could not make a base from $DEBIAN_MIRROR; its last lines are above." \
      "Check the network, or name another archive: GYMSMITH_DEBIAN_MIRROR=http://... (and http_proxy where one is needed)."
  fi

  # As in Debian's own slim images: an agent reads no manual in other languages; copyright files stay.
  cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*/LC_MESSAGES/*
END
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  find "$root/usr/share/doc" -mindepth 2 -type l ! -name copyright -delete
  find "$root/usr/share/doc" -depth -type d -empty -delete
  rm -rf "$root"/usr/share/{man,info,lintian}/* "$root"/usr/share/locale/*/LC_MESSAGES

  rm -f "$root/etc/apt/sources.list"
  mapfile -t own < <("$here/find-mirror.sh" --default)
  cat >"$root/etc/apt/sources.list.d/debian.sources" <<END
Types: deb
URIs: ${own[0]}
Suites: $release $release-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: ${own[1]}
Suites: $release-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  say "bringing it up to date"
  cp "$here/install-packages.sh" "$root/install-packages.sh"
  if ! "$here/in-tree.sh" "$root" /install-packages.sh >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    die "the new base could not be brought up to date; the last lines are above." "Check the network, then try again."
  fi
  rm -f "$log" "$root/install-packages.sh" "$root/etc/hostname"
  rm -rf "$root"/tmp/*
  : >"$root/etc/resolv.conf"
  : >"$root/etc/machine-id"
}

if [ -n "$tree" ]; then
  [ ! -e "$tree" ] || die "$tree exists." "Name a directory that does not exist yet."
  ensure_debootstrap
  make_tree "$tree"
  exit 0
fi

command -v docker >/dev/null || die "the docker command is missing." "Install Docker, or build without it: docker/build.sh --no-docker"
timeout 20 docker version >/dev/null 2>&1 || die "no Docker engine answers." \
  "Start it (for example: systemctl start docker), check DOCKER_HOST, or build without it: docker/build.sh --no-docker"

# A base without this label came from a registry.
content=$(cat "$here"/{make-base,install-packages}.sh | sha256sum | cut -c1-16)
label='{{with .Config.Labels}}{{index . "org.gymsmith.content"}}{{end}}'
if [ -z "$force" ] && found=$(docker image inspect --format "$label" "$image" 2>/dev/null); then
  if [ -z "$found" ] || [ "$found" = "$content" ]; then
    say "$image is there (--force makes it anew)"
    exit 0
  fi
  say "$image was made by another version of this script"
fi

if [ "$pull_timeout_s" != 0 ]; then
  say "asking the registry for debian:$release-slim (at most $pull_timeout_s s)"
  if timeout "$pull_timeout_s" docker pull -q "debian:$release-slim" >/dev/null 2>&1; then
    docker tag "debian:$release-slim" "$image"
    say "$image is debian:$release-slim"
    exit 0
  fi
  say "no registry answers: making the base from the Debian archive"
fi

ensure_debootstrap
started=$SECONDS
work=$(mktemp -d "${TMPDIR:-/var/tmp}/gymsmith-base.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
make_tree "$work/root"
# What is under /dev the engine makes for each container.
tar --numeric-owner --one-file-system --exclude='./dev/*' -C "$work/root" -c . |
  docker import --change 'CMD ["/bin/bash"]' --change "LABEL org.gymsmith.content=$content" --message "debootstrap --variant=minbase $release" - "$image" >/dev/null
say "$image made in $((SECONDS - started)) s"
