"""Writes filter.json: a mean of three samples."""
import json
from pathlib import Path

Path('filter.json').write_text(json.dumps({'taps': [1 / 3] * 3}))
print('filter.json written: 3 equal taps')
