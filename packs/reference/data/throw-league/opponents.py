"""The hidden opponents of the league. Each sees the throws so far (its own, the other's) and its own random numbers."""

BEATS = (1, 2, 0)  # BEATS[t] is the throw that beats t


def weighted(rng, weights):
    return rng.choices((0, 1, 2), weights)[0]


def leaning(rng, own, other):
    """Prefers one throw."""
    return weighted(rng, (2, 3, 5))


def refrain(rng, own, other):
    """Sings the same seven throws over and over, sometimes out of tune."""
    return rng.randrange(3) if rng.random() < 0.12 else (0, 0, 2, 1, 1, 2, 0)[len(own) % 7]


def chain(rng, own, other):
    """Its last throw decides the next."""
    if not own:
        return rng.randrange(3)
    return weighted(rng, ((1, 7, 2), (2, 1, 7), (6, 3, 1))[own[-1]])


def answers_last(rng, own, other):
    """Beats what the other threw last, mostly."""
    if not other or rng.random() < 0.2:
        return rng.randrange(3)
    return BEATS[other[-1]]


def keeps_winners(rng, own, other):
    """Repeats what won and shifts after a loss, mostly."""
    if not own or rng.random() < 0.2:
        return rng.randrange(3)
    outcome = (own[-1] - other[-1]) % 3
    return own[-1] if outcome == 1 else BEATS[own[-1]] if outcome == 2 else rng.randrange(3)


def counts(rng, own, other):
    """Beats the throw that the other has made most in the last forty rounds."""
    recent = other[-40:]
    if not recent or rng.random() < 0.15:
        return rng.randrange(3)
    return BEATS[max(range(3), key=recent.count)]


def moody(rng, own, other):
    """Changes its favourite every fifty rounds."""
    favourite = (1, 0, 2, 1, 2, 0)[len(own) // 50 % 6]
    return favourite if rng.random() < 0.65 else rng.randrange(3)


def reads_pairs(rng, own, other):
    """Expects the other to do what it did after the same two throws before, and beats that."""
    if len(other) < 3 or rng.random() < 0.1:
        return rng.randrange(3)
    pair = other[-2:]
    follow = [other[at + 2] for at in range(len(other) - 2) if other[at:at + 2] == pair]
    return BEATS[max(range(3), key=follow.count)] if follow else rng.randrange(3)


def two_ahead(rng, own, other):
    """Expects the other to beat its last throw, and beats that."""
    if not own or rng.random() < 0.25:
        return rng.randrange(3)
    return BEATS[BEATS[own[-1]]]


def level_headed(rng, own, other):
    """Throws in the proportions that nobody can exploit."""
    return weighted(rng, (3, 1, 2))


SEED = 5_091_744
LEAGUE = (leaning, refrain, chain, answers_last, keeps_winners, counts, moody, reads_pairs, two_ahead, level_headed)
