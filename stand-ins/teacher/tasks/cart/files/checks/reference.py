"""Looks at position and speeds as well."""
import json
from pathlib import Path

Path('policy.json').write_text(json.dumps({'weights': [0.1, 0.25, 2.0, 0.6]}))
