"""Prints {"points": ..., "worst_match": ...}: the mean points a round of strategy.py against the hidden league.

strategy.py runs in processes of its own, one for each match.
"""
import json
import random
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

WORKSPACE = Path(__file__).resolve().parent
STAKES = (1, 2, 3)
ROUNDS = 300
ANSWER_SECONDS, MATCH_SECONDS = 2.0, 30.0


def points(mine, theirs):
    """Points of a round for the one who threw `mine`."""
    if mine == theirs:
        return 0
    return STAKES[mine] if (mine - theirs) % 3 == 1 else -STAKES[theirs]


def play(opponent, rng):
    """Points of the candidate in one match."""
    mine, theirs, total = [], [], 0
    with Candidate(WORKSPACE / 'runner.py', ANSWER_SECONDS, MATCH_SECONDS) as candidate:
        last = 'null'
        for _ in range(ROUNDS):
            answer = opponent(rng, theirs, mine)
            text = candidate.ask_line(last)
            if text not in ('0', '1', '2'):
                raise CandidateError('an answer is none of 0, 1 and 2')
            choice = int(text)
            total += points(choice, answer)
            mine.append(choice)
            theirs.append(answer)
            last = f'[{choice},{answer}]'
    return total


def main():
    from opponents import LEAGUE, SEED

    guard([WORKSPACE / 'opponents.py'])
    if not (WORKSPACE / 'strategy.py').is_file():
        fail('there is no strategy.py')
    results = []
    for number, opponent in enumerate(LEAGUE):
        try:
            results.append(play(opponent, random.Random(SEED + number)))
        except CandidateError as error:
            fail(f'match {number + 1}: {error}')
    print(json.dumps({'points': sum(results) / (ROUNDS * len(results)), 'worst_match': min(results) / ROUNDS}))


if __name__ == '__main__':
    main()
