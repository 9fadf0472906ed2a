"""A pole on a cart that is pushed to the left or to the right."""
import math

LENGTH, POLE, TOTAL, PUSH, STEP = 0.5, 0.1, 1.1, 10.0, 0.02


def steps_up(weights, start, limit):
    """Steps until the pole falls or the cart leaves the track, under a linear policy."""
    x, speed, angle, spin = start
    for step in range(limit):
        force = PUSH if sum(w * s for w, s in zip(weights, (x, speed, angle, spin))) > 0 else -PUSH
        sine, cosine = math.sin(angle), math.cos(angle)
        pull = (force + POLE * LENGTH * spin * spin * sine) / TOTAL
        twist = (9.8 * sine - cosine * pull) / (LENGTH * (4 / 3 - POLE * cosine * cosine / TOTAL))
        x, speed = x + STEP * speed, speed + STEP * (pull - POLE * LENGTH * twist * cosine / TOTAL)
        angle, spin = angle + STEP * spin, spin + STEP * twist
        if abs(x) > 2.4 or abs(angle) > 0.21:
            return step + 1
    return limit
