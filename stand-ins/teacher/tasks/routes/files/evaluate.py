"""Scores route.py: length of its round trips over what is expected of the best ones, on hidden maps."""
import json
import math
import random
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

HERE = Path(__file__).resolve().parent
HIDDEN = HERE / 'hidden' / 'maps.json'


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def ratio(candidate, seed, places):
    """Length of the tour over 0.7124 * sqrt(n * area), the expectation for the shortest one."""
    rng = random.Random(seed)
    points = [[round(rng.random(), 4), round(rng.random(), 4)] for _ in range(places)]
    order = ask(candidate, 'tour', points)
    if not isinstance(order, list) or sorted(map(str, order)) != sorted(map(str, range(places))):
        fail(f'tour must return each number from 0 to {places - 1} once')
    length = sum(math.dist(points[a], points[b]) for a, b in zip(order, order[1:] + order[:1]))
    return length / (0.7124 * math.sqrt(places))


def main():
    maps = json.loads(HIDDEN.read_text())
    guard([HIDDEN])
    with Candidate(HERE / 'runner.py', 5.0, 20.0) as candidate:
        results = [ratio(candidate, entry['seed'], entry['places']) for entry in maps]
    score = sum(results) / len(results)
    print(json.dumps({'length_ratio': score}))


if __name__ == '__main__':
    main()
