"""Silence."""
import json
from pathlib import Path

Path('filter.json').write_text(json.dumps({'taps': [0.0]}))
