"""Takes the places as they come."""
from pathlib import Path

Path('route.py').write_text('def tour(places):\n    return list(range(len(places)))\n')
