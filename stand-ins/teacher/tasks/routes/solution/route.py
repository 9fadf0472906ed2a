import math


def tour(places):
    left, order = set(range(1, len(places))), [0]
    while left:
        order.append(min(left, key=lambda i: math.dist(places[i], places[order[-1]])))
        left.discard(order[-1])
    far = [[math.dist(a, b) for b in places] for a in places]
    for _ in range(4):
        for i in range(1, len(order) - 1):
            for j in range(i + 1, len(order)):
                a, b, c, d = order[i - 1], order[i], order[j], order[(j + 1) % len(order)]
                if far[a][c] + far[b][d] < far[a][b] + far[c][d] - 1e-12:
                    order[i:j + 1] = order[i:j + 1][::-1]
    return order
