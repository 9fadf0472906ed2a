#!/bin/bash
# Usage: write-release.sh IMAGE VERSION CONTENT
# Runs inside an image or a root filesystem: says in /etc/gymsmith-release what it was made from.
set -euo pipefail

printf '{"image":"%s","version":"%s","content":"%s"}\n' "$1" "$2" "$3" >/etc/gymsmith-release
chmod 644 /etc/gymsmith-release
