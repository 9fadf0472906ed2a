"""Writes player.py: cooperates in every round."""
from pathlib import Path

SOURCE = '''"""Plays the iterated prisoner's dilemma."""


def move(mine, theirs):
    """`C` to cooperate or `D` to defect; `mine` and `theirs` are the moves so far."""
    return 'C'
'''

Path('player.py').write_text(SOURCE)
print('player.py written: always cooperates')
