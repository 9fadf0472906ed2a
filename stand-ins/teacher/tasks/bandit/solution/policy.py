import math


def choose(counts, sums):
    if 0 in counts:
        return counts.index(0)
    width = 0.35 * math.log(sum(counts))
    return max(range(len(counts)), key=lambda arm: sums[arm] / counts[arm] + math.sqrt(width / counts[arm]))
