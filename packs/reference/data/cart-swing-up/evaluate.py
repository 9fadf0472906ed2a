"""Prints {"mean_return": ..., "worst_policy": ...} of the three checkpointed policies from hidden starting states."""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

from cart import returns
from policy import layer_sizes, load_checkpoint, read_config

WORKSPACE = Path(__file__).resolve().parent
CHECKPOINTS = ('policy_0.npz', 'policy_1.npz', 'policy_2.npz')
MAX_CHECKPOINT_BYTES = 2_000_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--config_fname', required=True, type=Path)
    path = parser.parse_args().config_fname
    starts = np.array(json.loads((WORKSPACE / 'starts.json').read_text(encoding='utf-8')))
    try:
        config = read_config(path)
        sizes = layer_sizes(config)
        directory = (WORKSPACE / str(config.get('checkpoint_dir', ''))).resolve()
        if WORKSPACE not in directory.parents:
            raise ValueError('checkpoint_dir must be a directory of the workspace')
        means = []
        for name in CHECKPOINTS:
            checkpoint = directory / name
            if not checkpoint.is_file() or checkpoint.stat().st_size > MAX_CHECKPOINT_BYTES:
                raise ValueError(f'{name} is missing in {config["checkpoint_dir"]} or too large')
            means.append(float(returns(load_checkpoint(checkpoint, sizes), starts).mean()))
    except (ValueError, OSError) as error:
        sys.exit(f'invalid submission: {error}')
    print(json.dumps({'mean_return': sum(means) / len(means), 'worst_policy': min(means)}))


if __name__ == '__main__':
    main()
