#!/usr/bin/env bash
# Formatter, linter, types, unused code, import directions, requirement ids, bash syntax. Runs all, then fails if one failed.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
step() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then printf '  ok    %s\n' "$name"; else failed=1; printf '  FAIL  %s\n%s\n' "$name" "$out"; fi
}
step 'format and lint (biome)' npx --no-install biome check .
step 'types (tsc)' npx --no-install tsc --noEmit
step 'unused code (knip)' npx --no-install knip
step 'import directions' node scripts/check-imports.mjs
step 'requirement ids' node scripts/check-requirements.mjs
step 'file sizes' node scripts/check-file-sizes.mjs
step 'bash syntax' bash -c 'for f in $(git ls-files "*.sh" .ci/run); do bash -n "$f" || exit 1; done'
step 'python syntax' bash -c 'git ls-files -z "*.py" | xargs -0 -r /usr/bin/python3 -c "import ast,sys
for f in sys.argv[1:]: ast.parse(open(f).read(), f)"'
exit $failed
