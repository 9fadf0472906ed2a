"""Scores recommender.py: share of its recommendations that hidden visitors click."""
import json
import random
from pathlib import Path

from catalogue import GENRES, ITEMS
from referee import Candidate, CandidateError, fail, guard

SHOWN = 20
HERE = Path(__file__).resolve().parent
HIDDEN = HERE / 'hidden' / 'visitors.json'


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def visit(candidate, rng):
    """Clicks of one visitor, who likes two genres and dislikes the rest."""
    liked = rng.sample(range(len(GENRES)), 2)
    luck = [rng.random() for _ in range(SHOWN)]
    shown, clicked = [], []
    for turn in range(SHOWN):
        item = ask(candidate, 'recommend', shown, clicked)
        if not isinstance(item, int) or not 0 <= item < len(ITEMS) or item in shown:
            fail(f'{item!r} is no item that can still be shown')
        chance = 0.05 + 0.42 * len(set(ITEMS[item]) & set(liked))
        shown.append(item)
        clicked.append(luck[turn] < chance)
    return sum(clicked)


def main():
    hidden = json.loads(HIDDEN.read_text())
    rng = random.Random(hidden['seed'])
    guard([HIDDEN])
    with Candidate(HERE / 'runner.py', 5.0, 30.0) as candidate:
        clicks = [visit(candidate, rng) for _ in range(hidden['visitors'])]
    score = sum(clicks) / (SHOWN * len(clicks))
    print(json.dumps({'click_rate': score}))


if __name__ == '__main__':
    main()
