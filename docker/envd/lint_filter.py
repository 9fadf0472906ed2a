"""Which lint errors an edit has introduced."""


class _Unparsable(Exception):
    pass


def introduced(new_lines, old_lines, start, end, count):
    """
    The problems of the new contents that the old contents did not have, in flake8's order. Lines start..end of the old
    contents were replaced by `count` lines: errors above stay where they are, errors inside do not excuse new ones,
    errors below move. A line that is no lint line makes the whole verdict empty: MLGym's filter dies of it.
    """
    try:
        old = set()
        for prefix, line, column, problem in map(_parse, old_lines):
            if line < start:
                old.add((prefix, line, column, problem))
            elif line > end:
                old.add((prefix, line + count - (end - start + 1), column, problem))
        return [entry[3] for entry in map(_parse, new_lines) if entry not in old]
    except _Unparsable:
        return []


def _parse(line):
    where, separator, problem = line.partition(": ")
    parts = where.split(":")
    try:
        if separator and len(parts) == 3:
            return parts[0], int(parts[1]), int(parts[2]), problem
        if separator and len(parts) == 2:
            return parts[0], int(parts[1]), 0, problem
    except ValueError:
        pass
    raise _Unparsable(line)
