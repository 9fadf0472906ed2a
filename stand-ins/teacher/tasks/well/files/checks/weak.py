"""Takes all the water in every round."""
from pathlib import Path

Path('player.py').write_text("def move(mine, theirs):\n    return 'D'\n")
