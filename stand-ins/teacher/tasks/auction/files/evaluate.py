"""Scores strategy.py: the share of the surplus of an all-knowing bidder that it earns against hidden rivals."""
import json
import random
from pathlib import Path

from referee import Candidate, reject

ROUNDS = 250
HIDDEN = Path(__file__).resolve().parent / 'hidden' / 'seasons.json'


def play(season):
    """Surplus that was earned and that could have been earned in one season."""
    rng = random.Random(season['seed'])
    candidate = Candidate('strategy', 20)
    history, earned, possible = [], 0.0, 0.0
    for _ in range(ROUNDS):
        value = rng.uniform(20, 100)
        best = max(rng.betavariate(season['a'], season['b']) * 100 * season['greed'] for _ in range(season['rivals']))
        offer = candidate.ask('bid', value=value, history=history[-50:])
        if not isinstance(offer, (int, float)) or not 0 <= offer <= 1000:
            reject(f'{offer!r} is no bid from 0 to 1000')
        if offer > best:
            earned += value - offer
        possible += max(0.0, value - best)
        history.append(round(best, 3))
    candidate.close()
    return earned, possible


def main():
    seasons = json.loads(HIDDEN.read_text())
    results = [play(season) for season in seasons]
    score = max(0.0, sum(earned for earned, _ in results)) / sum(possible for _, possible in results)
    print(json.dumps({'surplus_share': score}))


if __name__ == '__main__':
    main()
