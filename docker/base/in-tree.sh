#!/usr/bin/env bash
# Usage: in-tree.sh ROOT COMMAND [ARG...]
# Runs a command inside a root filesystem with this machine's network. Own mount and pid namespaces where the kernel
# grants them, so that a killed build leaves neither a mount nor a process; a plain chroot elsewhere.
set -euo pipefail

root=$1
shift

forget_network() {
  : >"$root/etc/resolv.conf"
}
trap forget_network EXIT
rm -f "$root/etc/resolv.conf"
cat /etc/resolv.conf >"$root/etc/resolv.conf"

enter=(chroot "$root")
if unshare --mount --pid --fork --kill-child true 2>/dev/null; then
  enter=(unshare --mount --pid --fork --kill-child "--mount-proc=$root/proc" chroot "$root")
fi
"${enter[@]}" /usr/bin/env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
  ${DEBIAN_MIRROR:+DEBIAN_MIRROR="$DEBIAN_MIRROR"} \
  ${DEBIAN_SECURITY_MIRROR:+DEBIAN_SECURITY_MIRROR="$DEBIAN_SECURITY_MIRROR"} \
  "$@"
