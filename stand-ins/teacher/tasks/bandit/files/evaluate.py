"""Scores policy.py: mean regret of a pull over hidden bandits; 0 is an oracle."""
import json
import random
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

PULLS = 300
HERE = Path(__file__).resolve().parent
HIDDEN = HERE / 'hidden' / 'bandits.json'


def ask(candidate, function, *arguments):
    """What a function of the submission returns."""
    try:
        return json.loads(candidate.ask_line(json.dumps([function, arguments]), 100_000))
    except (CandidateError, ValueError) as error:
        fail(f'{function}: {error}')


def play(candidate, seed, means):
    """Regret of a pull in one bandit."""
    rng = random.Random(seed)
    counts, sums = [0] * len(means), [0.0] * len(means)
    regret = 0.0
    for _ in range(PULLS):
        arm = ask(candidate, 'choose', counts, sums)
        if not isinstance(arm, int) or not 0 <= arm < len(means):
            fail(f'{arm!r} is no arm from 0 to {len(means) - 1}')
        counts[arm] += 1
        sums[arm] += float(rng.random() < means[arm])
        regret += max(means) - means[arm]
    return regret / PULLS


def main():
    bandits = json.loads(HIDDEN.read_text())
    guard([HIDDEN])
    with Candidate(HERE / 'runner.py', 5.0, 30.0) as candidate:
        regrets = [play(candidate, bandit['seed'], bandit['means']) for bandit in bandits]
    score = sum(regrets) / len(regrets)
    print(json.dumps({'regret': score}))


if __name__ == '__main__':
    main()
