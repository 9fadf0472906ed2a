"""A pole hangs from a cart on a short track; pushing the cart is the only way to swing it up and hold it there.

Everything works on many carts at once: a state is an array (carts, 4) of position [m], speed [m/s], angle of the pole
from upright [rad] and its angular speed [rad/s].
"""
import numpy as np

STEPS = 300
TIME_STEP = 0.04
TRACK = 2.4
FORCE = 10.0
CART_MASS, POLE_MASS, POLE_LENGTH, GRAVITY, DRAG = 1.0, 0.3, 0.6, 9.81, 0.1
OBSERVATIONS = 5


def _columns(state):
    # In one piece each: numpy computes sines of spread-out numbers in either of two ways, which differ in the last
    # digit, and which one depends on where the memory happens to lie. The pole would make a different swing of that.
    return np.ascontiguousarray(state.T)


def observe(state):
    """What a policy sees: position, speed, cosine and sine of the angle, angular speed, all about one in size."""
    position, speed, angle, spin = _columns(state)
    return np.stack([position / TRACK, speed / 4, np.cos(angle), np.sin(angle), spin / 8], axis=1)


def _acceleration(speed, angle, spin, force):
    sine, cosine = np.sin(angle), np.cos(angle)
    push = force - DRAG * speed
    total = CART_MASS + POLE_MASS * sine ** 2
    cart = (push + POLE_MASS * sine * (POLE_LENGTH * spin ** 2 - GRAVITY * cosine)) / total
    pole = (GRAVITY * sine - cosine * cart) / POLE_LENGTH
    return cart, pole


def step(state, action):
    """The state one time step later; `action` in [-1, 1] is the push."""
    position, speed, angle, spin = _columns(state)
    force = FORCE * np.clip(action, -1, 1)
    for _ in range(2):
        half = TIME_STEP / 2
        cart, pole = _acceleration(speed, angle, spin, force)
        speed = speed + half * cart
        spin = spin + half * pole
        position = position + half * speed
        angle = angle + half * spin
    return np.stack([position, speed, angle, spin], axis=1)


def random_starts(rng, count):
    """States with the pole hanging, about as the evaluation draws its own."""
    return np.stack([rng.uniform(-0.8, 0.8, count), rng.uniform(-0.4, 0.4, count),
                     np.pi + rng.uniform(-0.5, 0.5, count), rng.uniform(-0.8, 0.8, count)], axis=1)


def returns(policy, starts):
    """What `policy` (observations -> actions) earns from each start, from 0 to 1.

    Each step pays 1 while the pole is upright and 0 while it hangs; leaving the track ends the earning.
    """
    state = np.array(starts, dtype=float)
    earned = np.zeros(len(state))
    on_track = np.ones(len(state), dtype=bool)
    for _ in range(STEPS):
        state = step(state, policy(observe(state)))
        on_track &= np.abs(state[:, 0]) <= TRACK
        state[~on_track] = 0
        earned += on_track * (1 + np.cos(_columns(state)[2])) / 2
    return earned / STEPS
