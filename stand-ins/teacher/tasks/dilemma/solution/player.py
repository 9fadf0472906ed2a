def move(mine, theirs):
    if len(theirs) >= 12 and theirs[-12:].count('D') >= 5:
        return 'D'
    if len(theirs) > 74:
        return 'D'
    return theirs[-1] if theirs else 'C'
