"""Keeps next to nothing."""
import json
from pathlib import Path

Path('levels.json').write_text(json.dumps({'levels': [[0, 1], [0, 1], [0, 1]]}))
