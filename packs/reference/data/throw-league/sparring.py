"""Three simple opponents to practise against; those of the league are hidden and others.

    python sparring.py        plays strategy.py against each and prints the mean points a round
"""
import random

from strategy import points, throw

ROUNDS = 300


def mostly_stone(rng, own, other):
    return rng.choice((0, 0, 0, 1, 2))


def in_turn(rng, own, other):
    return rng.randrange(3) if rng.random() < 0.15 else len(own) % 3


def copies(rng, own, other):
    return other[-1] if other and rng.random() < 0.8 else rng.randrange(3)


if __name__ == '__main__':
    for opponent in (mostly_stone, in_turn, copies):
        rng = random.Random(7)
        mine, theirs, total = [], [], 0
        for _ in range(ROUNDS):
            answer = opponent(rng, theirs, mine)
            choice = int(throw(list(mine), list(theirs)))
            total += points(choice, answer)
            mine.append(choice)
            theirs.append(answer)
        print(f'{opponent.__name__}: {total / ROUNDS:+.3f} points a round')
