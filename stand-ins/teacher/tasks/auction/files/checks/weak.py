"""Bids the whole value: wins much, earns nothing."""
from pathlib import Path

Path('strategy.py').write_text('def bid(value, history):\n    return value\n')
