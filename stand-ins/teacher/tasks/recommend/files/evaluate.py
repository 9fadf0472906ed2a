"""Scores recommender.py: share of its recommendations that hidden visitors click."""
import json
import random
from pathlib import Path

from catalogue import GENRES, ITEMS
from referee import Candidate, reject

SHOWN = 20
HIDDEN = Path(__file__).resolve().parent / 'hidden' / 'visitors.json'


def visit(candidate, rng):
    """Clicks of one visitor, who likes two genres and dislikes the rest."""
    liked = rng.sample(range(len(GENRES)), 2)
    luck = [rng.random() for _ in range(SHOWN)]
    shown, clicked = [], []
    for turn in range(SHOWN):
        item = candidate.ask('recommend', shown=shown, clicked=clicked)
        if not isinstance(item, int) or not 0 <= item < len(ITEMS) or item in shown:
            reject(f'{item!r} is no item that can still be shown')
        chance = 0.05 + 0.42 * len(set(ITEMS[item]) & set(liked))
        shown.append(item)
        clicked.append(luck[turn] < chance)
    return sum(clicked)


def main():
    hidden = json.loads(HIDDEN.read_text())
    rng = random.Random(hidden['seed'])
    candidate = Candidate('recommender', 30)
    clicks = [visit(candidate, rng) for _ in range(hidden['visitors'])]
    candidate.close()
    score = sum(clicks) / (SHOWN * len(clicks))
    print(json.dumps({'click_rate': score}))


if __name__ == '__main__':
    main()
