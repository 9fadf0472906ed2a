#!/usr/bin/env bash
# Prints two lines: the Debian archive to build from, then its security archive.
# GYMSMITH_DEBIAN_MIRROR and GYMSMITH_DEBIAN_SECURITY_MIRROR decide; else what this machine's apt uses for the same
# release; else Debian's own addresses, as debootstrap knows them. `--default` prints only those.
set -euo pipefail

# Debian's own archive; its security archive lies beside it.
default=$(sed -n 's/^DEF_MIRROR="\(http.*\)"$/\1/p' "$(command -v debootstrap || echo /dev/null)" | head -n 1)
if [ "${1:-}" = --default ]; then
  printf '%s\n%s\n' "$default" "${default:+${default%/debian}/debian-security}"
  exit 0
fi

release=${1:-bookworm}
main=${GYMSMITH_DEBIAN_MIRROR:-}
security=${GYMSMITH_DEBIAN_SECURITY_MIRROR:-}

configured() {
  command -v apt-get >/dev/null || return 0
  { apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null || true; } |
    awk -v release="$1" '$1 == release && $2 == "main" && $3 ~ /^https?:/ && !found { print $3; found = 1 }'
}

[ -n "$main" ] || main=$(configured "$release")
[ -n "$security" ] || security=$(configured "$release-security")
main=${main:-$default}
security=${security:-${main%/debian}/debian-security}
printf '%s\n%s\n' "${main%/}" "${security%/}"
