"""The window that `open`, `goto`, `scroll_*`, `edit` and `insert` show: MLGym's arithmetic."""

import math
import os

# Where a file holds zero bytes, MLGym's grep shows no line of this block and of those behind it.
_BLOCK_BYTES = 96 << 10


class Text:
    """What a file holds: its lines, and how many of them can be shown."""

    def __init__(self, data):
        self.lines = split_lines(data)
        zero = data.find(b"\0")
        self.shown = len(self.lines) if zero < 0 else data.count(b"\n", 0, zero - zero % _BLOCK_BYTES)


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


def render(path, text, centre, size):
    """
    What a window shows of a Text (bytes). A reversed edit can make the size zero or negative; the arithmetic goes on
    then.
    """
    total = len(text.lines)
    half = size / 2
    above = math.floor(max(0, centre - half))
    below = math.floor(max(0, total - centre - half) + 0.5)
    last = math.floor(max(centre + half, half))
    # A negative count means all but that many, as head(1) has it.
    end = min(last, total) if last >= 0 else max(0, total + last)
    parts = [b"[File: %s (%d lines total)]\n" % (os.path.realpath(path), total)]
    if above > 0:
        parts.append(b"(%d more lines above)\n" % above)
    if end > text.shown:
        parts.append(b"grep: (standard input): binary file matches\n")
        end = text.shown
    first = max(0, end - abs(size))
    parts += [b"%d:%s\n" % (first + index + 1, line) for index, line in enumerate(text.lines[first:end])]
    if below > 0:
        parts.append(b"(%d more lines below)\n" % below)
    return b"".join(parts)
