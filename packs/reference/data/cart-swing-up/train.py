"""The baseline: draws random policies and keeps the best. Writes three checkpoints, from three seeds."""
from pathlib import Path

import numpy as np

from cart import random_starts, returns
from policy import count_parameters, layer_sizes, make_policy, read_config, save_checkpoint

SEEDS = (0, 1, 2)


def train(config, sizes, rng):
    """The best of many random parameter vectors and its mean return."""
    starts = random_starts(rng, config['starts'])
    best, best_return = None, -1.0
    for _ in range(config['candidates']):
        parameters = rng.normal(0, 1.5, count_parameters(sizes))
        earned = returns(make_policy(parameters, sizes), starts).mean()
        if earned > best_return:
            best, best_return = parameters, earned
    return best, best_return


def main():
    config = read_config('config.yaml')
    sizes = layer_sizes(config)
    for seed in SEEDS:
        parameters, earned = train(config, sizes, np.random.default_rng(seed))
        path = Path(config['checkpoint_dir']) / f'policy_{seed}.npz'
        save_checkpoint(path, parameters)
        print(f'{path}: mean return in training {earned:.3f}')


if __name__ == '__main__':
    main()
