#!/usr/bin/env bash
# Installs the Python clients that the tests run, unmodified, as the package index has them: one virtual environment with what they
# import, and each client version in a directory of its own beside it. Done once; kept in the state directory.
# Prints one line for each client: name==version, python, directory for PYTHONPATH.
set -euo pipefail
cd "$(dirname "$0")/.."
state_dir=${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/gymsmith}
python=${PYTHON:-/usr/bin/python3}
[ -x "$python" ] || python=python3

wanted=$(cat test/python/requirements.txt test/python/clients.txt <("$python" --version) | sha256sum | cut -c1-16)
root=$state_dir/python-clients/$wanted
mkdir -p "$root"
exec 9>"$root/lock"
flock 9
if [ ! -e "$root/complete" ]; then
  rm -rf "$root/venv" "$root/clients"
  "$python" -m venv "$root/venv"
  pip() { "$root/venv/bin/pip" --quiet --disable-pip-version-check --no-input "$@" >&2; }
  pip install --no-deps -r test/python/requirements.txt
  while read -r client; do
    pip install --no-deps --target "$root/clients/$client" "$client"
  done <test/python/clients.txt
  touch "$root/complete"
fi
while read -r client; do
  printf '%s\t%s\t%s\n' "$client" "$root/venv/bin/python" "$root/clients/$client"
done <test/python/clients.txt
