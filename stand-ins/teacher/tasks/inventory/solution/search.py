import json

from store import GOODS, cost

levels = [[2 * good['mean'], 3 * good['mean']] for good in GOODS]
for i, good in enumerate(GOODS):
    tries = [[a * good['mean'], (a + b) * good['mean']] for a in (3, 4, 5, 6) for b in (2, 4)]
    levels[i] = min(tries, key=lambda pair: cost(levels[:i] + [pair] + levels[i + 1:], 1))
json.dump({'levels': levels}, open('levels.json', 'w'))
print(levels)
