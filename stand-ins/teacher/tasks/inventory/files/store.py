"""A store that orders three goods by levels: when few are left, it orders up to a level; goods come two days later."""
import random

GOODS = [
    {'mean': 6, 'hold': 0.2, 'miss': 4.0, 'order': 8.0},
    {'mean': 15, 'hold': 0.1, 'miss': 2.0, 'order': 12.0},
    {'mean': 3, 'hold': 0.5, 'miss': 9.0, 'order': 5.0},
]


def cost(levels, seed, days=150):
    """Mean cost of a day under [[reorder, up_to], ...] for each good."""
    rng, total = random.Random(seed), 0.0
    for good, (reorder, up_to) in zip(GOODS, levels):
        stock, coming = up_to, []
        for day in range(days):
            stock += sum(amount for when, amount in coming if when == day)
            coming = [entry for entry in coming if entry[0] > day]
            asked = min(60, int(rng.expovariate(1 / good['mean'])))
            total += good['miss'] * max(0, asked - stock)
            stock = max(0, stock - asked)
            total += good['hold'] * stock
            ordered = sum(amount for _, amount in coming)
            if stock + ordered <= reorder:
                total += good['order']
                coming.append((day + 3, up_to - stock - ordered))
    return total / days
