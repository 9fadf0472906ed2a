#!/bin/bash
# Usage: python-environment.sh PLACE WORK
# Runs inside a sandbox with network: makes a Python environment in the directory PLACE from WORK/requirements.txt within WORK/constraints.txt. What pip downloads
# stays in WORK for the next try; WORK/packages.txt and WORK/python.txt say what was made.
set -euo pipefail

place=$1
work=$2
mkdir -p "$work/tmp" "$work/cache"
rm -rf "${work:?}"/tmp/*
# Whoever prepares can remove what the sandbox's user made.
trap 'find "$place" "$work" -mindepth 1 -uid "$(id -u)" ! -type l -exec chmod a+rwX {} +' EXIT
# The disk of the sandbox is small.
export TMPDIR=$work/tmp PIP_CACHE_DIR=$work/cache PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off

# What a try that was cut off had installed.
find "$place" -mindepth 1 -delete
# Copies instead of links: the environment may be used where the links would lead elsewhere.
python3 -m venv --without-pip --copies "$place"
rm -f "$place/lib64"

pip() { python3 -m pip --python "$place/bin/python" "$@"; }
# What an environment of conda holds from the beginning; later setuptools lack pkg_resources, which older packages import.
pip install --no-warn-script-location pip 'setuptools<81' wheel
pip install --no-warn-script-location -r "$work/requirements.txt" -c "$work/constraints.txt"
pip freeze --all >"$work/packages.txt"
"$place/bin/python" -c 'import platform; print(platform.python_version())' >"$work/python.txt"
rm -rf "$work/tmp"
