"""Writes strategy.py: bid a fixed share of the value."""
from pathlib import Path

SOURCE = '''"""A bidder in a repeated first-price auction."""


def bid(value, history):
    """What to offer for an item that is worth `value`; `history` lists the best rival bids of earlier rounds."""
    return 0.9 * value
'''

Path('strategy.py').write_text(SOURCE)
print('strategy.py written: bids 90 % of the value')
