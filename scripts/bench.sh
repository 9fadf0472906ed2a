#!/usr/bin/env bash
# Sets up Gymsmith and its peers, then measures all of it in one run. `npm run bench -- steps` measures one section.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh test
state_dir=${GYMSMITH_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/gymsmith}

swerex=$state_dir/bench/swe-rex-1.4.0
if [ ! -e "$swerex/complete" ]; then
  /usr/bin/python3 -m venv --clear "$swerex"
  "$swerex/bin/pip" --quiet --disable-pip-version-check --no-input install 'swe-rex==1.4.0'
  touch "$swerex/complete"
fi
# MLGym's licence lets everybody run it and nobody ship it: a checkout of the user's own is measured when MLGYM_CHECKOUT names it.
if [ -n "${MLGYM_CHECKOUT:-}" ]; then
  mlgym=$state_dir/bench/mlgym
  if [ ! -e "$mlgym/complete" ]; then
    /usr/bin/python3 -m venv --clear "$mlgym"
    "$mlgym/bin/pip" --quiet --disable-pip-version-check --no-input install docker==7.2.0 gymnasium==1.4.0 \
      simple-parsing==0.1.9 pyyaml==6.0.3 tenacity==9.2.1 rich==15.0.0 rich-argparse==1.8.0 litellm==1.106.2 gputil==1.4.0 config==0.5.1 setuptools==65.5.0
    touch "$mlgym/complete"
  fi
  export BENCH_MLGYM_PYTHON=$mlgym/bin/python
fi
IFS=$'\t' read -r _ openenv_python openenv_path < <(bash scripts/python-venvs.sh | grep '^openenv-core==0.3.0')

# The tokenizer of the student; BENCH_DATASET_DIR names a directory with room for 10 GB, BENCH_TRAJECTORIES fewer trajectories than 34,000.
IFS=$'\t' read -r train_python downloads < <(bash scripts/train-venv.sh)
"$train_python" test/python/qwen_tokenizer.py "$downloads" "$state_dir/bench/student"
export BENCH_TRAIN_PYTHON=$train_python BENCH_STUDENT=$state_dir/bench/student

export BENCH_SWEREX_PYTHON=$swerex/bin/python BENCH_OPENENV_PYTHON=$openenv_python BENCH_OPENENV_PATH=$openenv_path
export GYMSMITH_LOG_LEVEL=${GYMSMITH_LOG_LEVEL:-warn}
exec node --import tsx bench/run.ts "$@"
