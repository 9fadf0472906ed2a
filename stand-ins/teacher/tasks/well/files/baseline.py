"""Writes player.py: leaves water in every round."""
from pathlib import Path

SOURCE = '''"""Shares a well with a neighbour."""


def move(mine, theirs):
    """`C` to leave water or `D` to take all of it; `mine` and `theirs` are the moves so far."""
    return 'C'
'''

Path('player.py').write_text(SOURCE)
print('player.py written: always leaves water')
