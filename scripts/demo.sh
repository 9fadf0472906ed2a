#!/usr/bin/env bash
# Sets up what is missing, then runs the demo on the best backend there is. Flags go to `gymsmith demo`: see --help.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh runtime
exec node bin/gymsmith.js demo "$@"
