"""Scores packer.py: bins used above the least that could do, as a share of it, over hidden instances."""
import json
import math
import random
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

CAPACITY = 100
HERE = Path(__file__).resolve().parent
HIDDEN = HERE / 'hidden' / 'instances.json'


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def waste(candidate, instance):
    """Share of bins that were used above the sum of the sizes."""
    rng = random.Random(instance['seed'])
    sizes = [rng.randint(instance['least'], instance['most']) for _ in range(instance['items'])]
    bins = ask(candidate, 'pack', sizes, CAPACITY)
    if not isinstance(bins, list) or len(bins) != len(sizes) or not all(isinstance(number, int) for number in bins):
        fail(f'pack must return a list of {len(sizes)} numbers')
    load = {}
    for number, size in zip(bins, sizes):
        load[number] = load.get(number, 0) + size
    if max(load.values()) > CAPACITY:
        fail(f'a bin holds {max(load.values())} of {CAPACITY}')
    least = math.ceil(sum(sizes) / CAPACITY)
    return len(load) / least - 1


def main():
    instances = json.loads(HIDDEN.read_text())
    guard([HIDDEN])
    with Candidate(HERE / 'runner.py', 5.0, 20.0) as candidate:
        results = [waste(candidate, instance) for instance in instances]
    score = sum(results) / len(results)
    print(json.dumps({'waste': score}))


if __name__ == '__main__':
    main()
