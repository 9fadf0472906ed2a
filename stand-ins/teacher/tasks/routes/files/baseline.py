"""Writes route.py: goes through the places from west to east."""
from pathlib import Path

SOURCE = '''"""Plans a round trip."""


def tour(places):
    """Order in which to visit the places, each an [x, y], once each; the way back is added."""
    return sorted(range(len(places)), key=lambda i: places[i])
'''

Path('route.py').write_text(SOURCE)
print('route.py written: west to east')
