"""Recordings of tones in noise."""
import math
import random

SAMPLES = 400


def recording(seed):
    """A clean signal of three tones, and the same with noise."""
    rng = random.Random(seed)
    tones = [(rng.uniform(0.01, 0.06), rng.uniform(0, 6.28), rng.uniform(0.3, 1.0)) for _ in range(3)]
    clean = [sum(a * math.sin(6.2832 * f * t + p) for f, p, a in tones) for t in range(SAMPLES)]
    return clean, [value + rng.gauss(0, 0.5) for value in clean]


def filtered(taps, signal):
    """The signal under a symmetric window of an odd number of taps."""
    half = len(taps) // 2
    padded = [0.0] * half + signal + [0.0] * half
    return [sum(tap * padded[t + i] for i, tap in enumerate(taps)) for t in range(len(signal))]
