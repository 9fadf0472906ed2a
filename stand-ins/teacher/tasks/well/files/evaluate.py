"""Scores player.py: mean points of a round of sharing a well with hidden neighbours."""
import json
import random
import sys
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

ROUNDS = 80
POINTS = {'CC': 3, 'CD': 1, 'DC': 5, 'DD': 0}
HERE = Path(__file__).resolve().parent


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def play(candidate, opponent, seed):
    """Points of the candidate in one match."""
    rng = random.Random(seed)
    mine, theirs, points = [], [], 0
    for _ in range(ROUNDS):
        choice = ask(candidate, 'move', mine, theirs)
        if choice not in ('C', 'D'):
            fail(f'{choice!r} is neither C nor D')
        answer = opponent(rng, theirs, mine)
        points += POINTS[choice + answer]
        mine.append(choice)
        theirs.append(answer)
    return points / ROUNDS


def main():
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE / 'hidden'))
    from opponents import OPPONENTS, SEED

    guard([HERE / 'hidden' / 'opponents.py'])
    with Candidate(HERE / 'runner.py', 5.0, 30.0) as candidate:
        results = [play(candidate, opponent, SEED + number) for number, opponent in enumerate(OPPONENTS)]
    score = sum(results) / len(results)
    print(json.dumps({'points': score}))


if __name__ == '__main__':
    main()
