"""The window that `open`, `goto`, `scroll_*`, `edit` and `insert` show: MLGym's arithmetic."""

import math


def split_lines(data):
    """The lines of a file's bytes; a last line without newline counts, an empty file has none."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def constrain(centre, size, total):
    """Keeps the window inside the file; the lower bound wins."""
    half = size // 2
    return max(min(centre, total - half), half)


def centre_for(line, size):
    """Where the centre is put so that a line stands a sixth of the window below the top."""
    return math.floor(max(line + size / 2 - size // 6, 1))


def render(path, lines, centre, size):
    """The text of a window (bytes). A reversed edit can make the size zero or negative; the arithmetic goes on then."""
    total = len(lines)
    half = size / 2
    above = math.floor(max(0, centre - half))
    below = math.floor(max(0, total - centre - half) + 0.5)
    last = math.floor(max(centre + half, half))
    # A negative count means all but that many, as head(1) has it.
    end = min(last, total) if last >= 0 else max(0, total + last)
    first = max(0, end - abs(size))
    parts = [b"[File: %s (%d lines total)]\n" % (path, total)]
    if above > 0:
        parts.append(b"(%d more lines above)\n" % above)
    parts += [b"%d:%s\n" % (first + index + 1, line) for index, line in enumerate(lines[first:end])]
    if below > 0:
        parts.append(b"(%d more lines below)\n" % below)
    return b"".join(parts)
