#!/usr/bin/env bash
# Brings a machine to the point where Gymsmith runs (`runtime`, the default) or where its whole test suite runs (`test`).
# Every step is skipped when it is done already. What needs root is done by root or reported with the command to run.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-runtime}
case $profile in runtime | test) ;; *) echo "usage: scripts/setup.sh [runtime|test]" >&2; exit 2 ;; esac

state_dir=${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/gymsmith}
say() { printf '\033[2m[setup]\033[0m %s\n' "$*" >&2; }
die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

node_major=$(node -p 'process.versions.node.split(".").slice(0,2).map((n)=>n.padStart(3,"0")).join("")' 2>/dev/null || echo 0)
[ "$node_major" -ge 020019 ] || die "Node.js 20.19 or newer is needed; 'node --version' says: $(node --version 2>/dev/null || echo 'not found')"

# --- Node packages -----------------------------------------------------------------------------------------------------------
lock_hash=$(sha256sum package-lock.json | cut -c1-16)-$(node -p process.versions.modules)
if [ "$(cat node_modules/.gymsmith-lock 2>/dev/null)" != "$lock_hash" ]; then
  say "installing Node packages (about half a minute)"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$lock_hash" > node_modules/.gymsmith-lock
fi

# --- Debian packages ---------------------------------------------------------------------------------------------------------
want=()
need() { command -v "$1" >/dev/null 2>&1 || want+=("$2"); }
need bwrap bubblewrap
need debootstrap debootstrap
if [ "$profile" = test ] || is_root; then need dockerd docker.io; fi
if [ "$profile" = test ]; then
  need chromium chromium
  [ -x /usr/bin/python3 ] || want+=(python3)
  /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null || want+=(python3-venv)
  /usr/bin/python3 -c 'import yaml' 2>/dev/null || want+=(python3-yaml)
fi
if [ ${#want[@]} -gt 0 ]; then
  if is_root && command -v apt-get >/dev/null; then
    say "installing Debian packages: ${want[*]}"
    log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${want[@]}" iptables; } >"$log" 2>&1; then
      tail -20 "$log" >&2
      die "apt-get could not install ${want[*]}"
    fi
    rm -f "$log"
  elif [ "$profile" = test ]; then
    die "missing: ${want[*]}. As root: apt-get install -y ${want[*]}"
  else
    say "missing (some backends will not work): ${want[*]}. As root: apt-get install -y ${want[*]}"
  fi
fi

# --- Docker engine -----------------------------------------------------------------------------------------------------------
engine_answers() { timeout 10 docker info >/dev/null 2>&1; }
if command -v dockerd >/dev/null 2>&1 && ! engine_answers && is_root; then
  say "starting the Docker engine"
  mkdir -p "$state_dir"
  setsid nohup dockerd >"$state_dir/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 60); do engine_answers && break; sleep 0.5; done
fi
if ! engine_answers; then
  [ "$profile" = test ] && die "the Docker engine does not answer (docker info fails); its log: $state_dir/dockerd.log"
  say "no Docker engine answers: the bubblewrap backend will be used"
fi

# --- Images and the root file system of local sandboxes ----------------------------------------------------------------------
if engine_answers; then bash docker/build.sh cpu --rootfs "$state_dir/rootfs/cpu"; else bash docker/build.sh cpu --no-docker --rootfs "$state_dir/rootfs/cpu"; fi

# --- Python that the tests drive: clients, the student's training -------------------------------------------------------------
if [ "$profile" = test ]; then
  bash scripts/python-venvs.sh
  bash scripts/train-venv.sh
fi
say "ready"
