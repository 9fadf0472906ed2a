"""The strategy that plays the league. This is the baseline: the best reply to how often the opponent threw what."""

STONE, PAPER, SCISSORS = 0, 1, 2
STAKES = (1, 2, 3)


def points(mine, theirs):
    """Points of a round for the one who threw `mine`."""
    if mine == theirs:
        return 0
    return STAKES[mine] if (mine - theirs) % 3 == 1 else -STAKES[theirs]


def throw(mine, theirs):
    """Chooses the next throw.

    `mine` and `theirs` are the throws of this match so far, oldest first. Every match starts a fresh process.
    """
    expected = [1 + theirs.count(option) for option in (STONE, PAPER, SCISSORS)]
    return max((STONE, PAPER, SCISSORS),
               key=lambda choice: sum(expected[other] * points(choice, other) for other in (STONE, PAPER, SCISSORS)))
