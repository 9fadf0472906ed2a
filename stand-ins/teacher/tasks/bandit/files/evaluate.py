"""Scores policy.py: mean regret of a pull over hidden bandits; 0 is an oracle."""
import json
import random
from pathlib import Path

from referee import Candidate, reject

PULLS = 300
HIDDEN = Path(__file__).resolve().parent / 'hidden' / 'bandits.json'


def play(candidate, seed, means):
    """Regret of a pull in one bandit."""
    rng = random.Random(seed)
    counts, sums = [0] * len(means), [0.0] * len(means)
    regret = 0.0
    for _ in range(PULLS):
        arm = candidate.ask('choose', counts=counts, sums=sums)
        if not isinstance(arm, int) or not 0 <= arm < len(means):
            reject(f'{arm!r} is no arm from 0 to {len(means) - 1}')
        counts[arm] += 1
        sums[arm] += float(rng.random() < means[arm])
        regret += max(means) - means[arm]
    return regret / PULLS


def main():
    bandits = json.loads(HIDDEN.read_text())
    candidate = Candidate('policy', 30)
    regrets = [play(candidate, bandit['seed'], bandit['means']) for bandit in bandits]
    candidate.close()
    score = sum(regrets) / len(regrets)
    print(json.dumps({'regret': score}))


if __name__ == '__main__':
    main()
