#!/usr/bin/env bash
# Usage: prepare.sh CONTEXT
# Lays out what the server image copies: the built project with its run-time packages, and this machine's Node. Done here
# and not inside the image, because this machine reaches the package registry already, and no registry with Node images
# needs to.
set -euo pipefail

context=$1
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
app=$context/app

command -v node >/dev/null || { echo "error: Node.js is missing on this machine; the server image carries it." >&2; exit 1; }
mkdir -p "$app"
cp -L "$(node -p process.execPath)" "$context/node"
for part in package.json package-lock.json tsconfig.json tsconfig.build.json bin src docker packs; do
  cp -r "$project/$part" "$app/"
done
cd "$app"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent build
npm prune --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
find . -name __pycache__ -type d -prune -exec rm -rf {} +
