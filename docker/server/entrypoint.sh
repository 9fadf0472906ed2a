#!/bin/bash
# The engine beside the server resolves the paths of mounts on the host, not in this container. So the project runs from
# the state directory, which the host has at the same path: there the engine finds the in-sandbox daemon and the packs.
set -euo pipefail

state=${GYMSMITH_STATE_DIR:?GYMSMITH_STATE_DIR must name a directory that the host has at the same path}
app=$state/app/${GYMSMITH_CONTENT:?}
if [ ! -d "$app" ]; then
  mkdir -p "$state/app"
  rm -rf "$state"/app/.new.*
  staged=$(mktemp -d "$state/app/.new.XXXXXX")
  cp -a /opt/gymsmith/app/. "$staged/"
  chmod 755 "$staged"
  mv -T "$staged" "$app" 2>/dev/null || rm -rf "$staged"
fi
exec node "$app/bin/gymsmith.js" "$@"
