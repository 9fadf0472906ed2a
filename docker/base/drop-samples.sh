#!/bin/bash
# Runs inside an image or a root filesystem. The Python libraries' own samples and test suites carry the labels of
# well-known data sets: a task that hides the labels of such a set would hand them to its agent. Tasks bring their data
# themselves.
set -euo pipefail
shopt -s nullglob

for libraries in /usr/lib/python3/dist-packages /usr/local/lib/python3*/dist-packages; do
  for library in numpy pandas scipy sklearn; do
    [ ! -d "$libraries/$library" ] || find "$libraries/$library" -type d -name tests -prune -exec rm -rf {} +
  done
  samples=$libraries/sklearn/datasets/data
  [ ! -d "$samples" ] || find "$samples" -type f ! -name '*.py' -delete
  # A recording of which a reference task hides parts, and two pictures.
  rm -f "$libraries"/scipy/misc/*.dat
done
