"""Scores strategy.py: the share of the surplus of an all-knowing bidder that it earns against hidden rivals."""
import json
import random
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

ROUNDS = 250
HERE = Path(__file__).resolve().parent
HIDDEN = HERE / 'hidden' / 'seasons.json'


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def play(candidate, season):
    """Surplus that was earned and that could have been earned in one season."""
    rng = random.Random(season['seed'])
    history, earned, possible = [], 0.0, 0.0
    for _ in range(ROUNDS):
        value = rng.uniform(20, 100)
        best = max(rng.betavariate(season['a'], season['b']) * 100 * season['greed'] for _ in range(season['rivals']))
        offer = ask(candidate, 'bid', value, history[-50:])
        if not isinstance(offer, (int, float)) or not 0 <= offer <= 1000:
            fail(f'{offer!r} is no bid from 0 to 1000')
        if offer > best:
            earned += value - offer
        possible += max(0.0, value - best)
        history.append(round(best, 3))
    return earned, possible


def main():
    seasons = json.loads(HIDDEN.read_text())
    guard([HIDDEN])
    with Candidate(HERE / 'runner.py', 5.0, 20.0) as candidate:
        results = [play(candidate, season) for season in seasons]
    score = max(0.0, sum(earned for earned, _ in results)) / sum(possible for _, possible in results)
    print(json.dumps({'surplus_share': score}))


if __name__ == '__main__':
    main()
