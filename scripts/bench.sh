#!/usr/bin/env bash
# Sets up Gymsmith and its peers, then measures all of it in one run. `npm run bench -- steps` measures one section.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh test
bash scripts/python-venvs.sh swe-rex
GYMSMITH_LOG_LEVEL=${GYMSMITH_LOG_LEVEL:-warn} exec node --import tsx bench/run.ts "$@"
