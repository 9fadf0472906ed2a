def pack(sizes, capacity):
    bins, free = [0] * len(sizes), []
    for item in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        fits = [number for number, space in enumerate(free) if space >= sizes[item]]
        if fits:
            number = min(fits, key=lambda i: free[i])
        else:
            number = len(free)
            free.append(capacity)
        free[number] -= sizes[item]
        bins[item] = number
    return bins
