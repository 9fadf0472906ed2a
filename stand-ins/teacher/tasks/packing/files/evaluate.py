"""Scores packer.py: bins used above the least that could do, as a share of it, over hidden instances."""
import json
import math
import random
from pathlib import Path

from referee import Candidate, reject

CAPACITY = 100
HIDDEN = Path(__file__).resolve().parent / 'hidden' / 'instances.json'


def waste(candidate, instance):
    """Share of bins that were used above the sum of the sizes."""
    rng = random.Random(instance['seed'])
    sizes = [rng.randint(instance['least'], instance['most']) for _ in range(instance['items'])]
    bins = candidate.ask('pack', sizes=sizes, capacity=CAPACITY)
    if not isinstance(bins, list) or len(bins) != len(sizes) or not all(isinstance(number, int) for number in bins):
        reject(f'pack must return a list of {len(sizes)} numbers')
    load = {}
    for number, size in zip(bins, sizes):
        load[number] = load.get(number, 0) + size
    if max(load.values()) > CAPACITY:
        reject(f'a bin holds {max(load.values())} of {CAPACITY}')
    least = math.ceil(sum(sizes) / CAPACITY)
    return len(load) / least - 1


def main():
    instances = json.loads(HIDDEN.read_text())
    candidate = Candidate('packer', 20)
    results = [waste(candidate, instance) for instance in instances]
    candidate.close()
    score = sum(results) / len(results)
    print(json.dumps({'waste': score}))


if __name__ == '__main__':
    main()
