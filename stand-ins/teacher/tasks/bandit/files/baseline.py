"""Writes policy.py: the arm with the best mean, or in a third of the pulls any arm."""
from pathlib import Path

SOURCE = '''"""Chooses arms of a bandit."""
import random

rng = random.Random(0)


def choose(counts, sums):
    """Number of the arm to pull; `counts` and `sums` are pulls and rewards of each arm so far."""
    if 0 in counts or rng.random() < 0.33:
        return rng.randrange(len(counts))
    return max(range(len(counts)), key=lambda arm: sums[arm] / counts[arm])
'''

Path('policy.py').write_text(SOURCE)
print('policy.py written: epsilon-greedy with epsilon 0.33')
