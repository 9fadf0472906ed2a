"""Scores policy.json: mean steps that its policy keeps the pole up from hidden starts."""
import json
import math
import random
import sys
from pathlib import Path

from cart import steps_up

LIMIT = 400
HERE = Path(__file__).resolve().parent


def read_weights(path):
    """The four weights of a submission."""
    try:
        weights = json.loads(path.read_text())['weights']
        numbers = [float(weight) for weight in weights]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f'invalid submission: policy.json cannot be used: {error!r}')
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        sys.exit('invalid submission: weights must be four finite numbers')
    return numbers


def main():
    weights = read_weights(HERE / 'policy.json')
    hidden = json.loads((HERE / 'hidden' / 'starts.json').read_text())
    rng = random.Random(hidden['seed'])
    starts = [[rng.uniform(-0.15, 0.15) for _ in range(4)] for _ in range(hidden['starts'])]
    results = [steps_up(weights, start, LIMIT) for start in starts]
    score = sum(results) / len(results)
    print(json.dumps({'steps': score}))


if __name__ == '__main__':
    main()
