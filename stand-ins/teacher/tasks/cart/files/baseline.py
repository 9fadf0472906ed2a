"""Writes policy.json: pushes to where the pole leans."""
import json
from pathlib import Path

from cart import steps_up

weights = [0.0, 0.0, 1.0, 0.0]
Path('policy.json').write_text(json.dumps({'weights': weights}))
print('steps from rest:', steps_up(weights, (0.0, 0.0, 0.02, 0.0), 400))
