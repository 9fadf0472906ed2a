#!/bin/bash
# Usage: install-packages.sh [LIST_FILE...]
# Runs inside an image or a root filesystem: brings it up to date and installs the packages that the lists name (one a
# line, # begins a comment). The archives to build from come as DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR and are used for
# this run only; without them the image's own are used, which are Debian's.
set -euo pipefail

release=bookworm
mapfile -t own < <(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources)
main=${DEBIAN_MIRROR:-${own[0]:-}}
security=${DEBIAN_SECURITY_MIRROR:-${own[1]:-}}
sources=$(mktemp)
trap 'rm -f "$sources"' EXIT
chmod 644 "$sources"

apt() {
  DEBIAN_FRONTEND=noninteractive timeout "${APT_TIMEOUT_S:-1500}" apt-get -qq -y --no-install-recommends \
    -o Dir::Etc::SourceList="$sources" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Retries=3 \
    -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o APT::Update::Error-Mode=any -o Acquire::Languages=none \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confold \
    -o APT::Sandbox::User=root "$@"
}

line="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
cat >"$sources" <<END
$line $main $release main
$line $main $release-updates main
$line $security $release-security main
END
if ! apt update; then
  echo "the updates or the security archive does not answer ($main, $security): going on with $release alone" >&2
  echo "$line $main $release main" >"$sources"
  if ! apt update; then
    echo "error: no Debian archive answers at $main. Set GYMSMITH_DEBIAN_MIRROR (and http_proxy where one is needed)." >&2
    exit 1
  fi
fi
apt upgrade
names=$(for list in "$@"; do sed 's/#.*//' "$list"; done)
# shellcheck disable=SC2086 # package names are words
[ -z "${names//[[:space:]]/}" ] || apt install $names

# What scipy's package pulls in for its authors only: boost's headers, static libraries.
rm -rf /usr/include/boost /usr/lib/*/openblas-pthread/*.a /usr/lib/*/libpython3*.a /usr/lib/python3*/config-*/*.a

apt clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache
find /var/log -type f -delete
