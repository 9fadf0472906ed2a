"""Scores levels.json: mean cost of a day of the store under hidden demand."""
import json
import sys
from pathlib import Path

from store import GOODS, cost

HERE = Path(__file__).resolve().parent


def read_levels(path):
    """The pairs of levels of a submission."""
    try:
        levels = [[int(reorder), int(up_to)] for reorder, up_to in json.loads(path.read_text())['levels']]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f'invalid submission: levels.json cannot be used: {error!r}')
    if len(levels) != len(GOODS) or not all(0 <= reorder < up_to <= 1000 for reorder, up_to in levels):
        sys.exit(f'invalid submission: {len(GOODS)} pairs with 0 <= reorder < up_to <= 1000 are needed')
    return levels


def main():
    levels = read_levels(HERE / 'levels.json')
    seeds = json.loads((HERE / 'hidden' / 'demand.json').read_text())
    results = [cost(levels, seed) for seed in seeds]
    score = sum(results) / len(results)
    print(json.dumps({'daily_cost': score}))


if __name__ == '__main__':
    main()
