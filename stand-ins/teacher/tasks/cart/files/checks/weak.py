"""Pushes away from where the pole leans."""
import json
from pathlib import Path

Path('policy.json').write_text(json.dumps({'weights': [0.0, 0.0, -1.0, 0.0]}))
