from catalogue import GENRES, ITEMS


def recommend(shown, clicked):
    wins, tries = [1.0] * len(GENRES), [2.0] * len(GENRES)
    for item, click in zip(shown, clicked):
        for genre in set(ITEMS[item]):
            wins[genre] += click
            tries[genre] += 1
    left = [item for item in range(len(ITEMS)) if item not in shown]
    return max(left, key=lambda item: sum(wins[genre] / tries[genre] for genre in set(ITEMS[item])))
