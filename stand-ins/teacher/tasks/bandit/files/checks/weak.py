"""Pulls the arms in turn, whatever they give."""
from pathlib import Path

Path('policy.py').write_text('def choose(counts, sums):\n    return sum(counts) % len(counts)\n')
