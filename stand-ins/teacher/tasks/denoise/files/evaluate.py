"""Scores filter.json: root of the mean squared error of hidden recordings after the filter."""
import json
import math
import sys
from pathlib import Path

from tones import filtered, recording

HERE = Path(__file__).resolve().parent


def read_taps(path):
    """The taps of a submission."""
    try:
        taps = [float(tap) for tap in json.loads(path.read_text())['taps']]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f'invalid submission: filter.json cannot be used: {error!r}')
    if len(taps) % 2 == 0 or len(taps) > 31 or not all(math.isfinite(tap) and abs(tap) < 100 for tap in taps):
        sys.exit('invalid submission: taps must be an odd number, at most 31, of numbers below 100')
    return taps


def main():
    taps = read_taps(HERE / 'filter.json')
    seeds = json.loads((HERE / 'hidden' / 'recordings.json').read_text())
    errors = []
    for seed in seeds:
        clean, noisy = recording(seed)
        errors += [(a - b) ** 2 for a, b in zip(clean, filtered(taps, noisy))]
    score = math.sqrt(sum(errors) / len(errors))
    print(json.dumps({'rmse': score}))


if __name__ == '__main__':
    main()
