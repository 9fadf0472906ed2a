"""Writes levels.json: one guess for all goods."""
import json
from pathlib import Path

from store import GOODS, cost

levels = [[2 * good['mean'], 3 * good['mean']] for good in GOODS]
Path('levels.json').write_text(json.dumps({'levels': levels}))
print('cost of a day:', cost(levels, 0))
