#!/usr/bin/env bash
# Sets up what is missing, then runs every check and every test. Its last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh test || { echo "0 passed, 1 failed"; exit 1; }

results=$(mktemp)
trap 'rm -f "$results"' EXIT
check_failed=0
bash scripts/check.sh || check_failed=1
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$results" "$@"
vitest_status=$?
exec node scripts/summarize-tests.mjs "$results" "$vitest_status" "$check_failed"
