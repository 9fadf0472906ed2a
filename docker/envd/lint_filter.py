"""Which lint errors an edit has introduced."""


class Unparsable(Exception):
    """A line that is no lint line: MLGym's filter dies of it, and the edit goes through."""


def introduced(new_lines, old_lines, start, end, count):
    """
    The problems of the new contents that the old contents did not have, in flake8's order. Lines start..end of the old
    contents were replaced by `count` lines: errors above stay where they are, errors inside do not excuse new ones,
    errors below move. Raises Unparsable.
    """
    new = [_parse(line) for line in new_lines]
    old = set()
    for prefix, line, column, problem in map(_parse, old_lines):
        if line < start:
            old.add((prefix, line, column, problem))
        elif line > end:
            old.add((prefix, line + count - (end - start + 1), column, problem))
    return [entry[3] for entry in new if entry not in old]


def _parse(line):
    where, _separator, problem = line.partition(": ")
    parts = where.split(":")
    try:
        if len(parts) == 3:
            return parts[0], int(parts[1]), int(parts[2]), problem
        if len(parts) == 2:
            return parts[0], int(parts[1]), 0, problem
    except ValueError:
        pass
    raise Unparsable(f"Unexpected flake8 output format: {line}")
