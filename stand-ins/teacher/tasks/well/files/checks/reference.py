"""Tries once how the other one answers, and takes from those who let it happen."""
from pathlib import Path

Path('player.py').write_text('''def move(mine, theirs):
    turn = len(theirs)
    if turn < 6:
        return 'D' if turn == 3 else 'C'
    early = theirs[:12]
    if len(set(early)) == 1 and early[0] == 'D':
        return 'C'
    if early.count('D') >= 3:
        return 'D'
    if 'D' in theirs[4:6]:
        return 'C'
    return 'CD'[turn % 2]
''')
