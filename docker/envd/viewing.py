"""open, goto, scroll_down, scroll_up, create, state."""

import json
import os
import stat

from image_types import looks_like_image
from tool_session import is_number, read_file
from window import Text, centre_for, constrain, render

_NO_FILE = "No file open. Use the open command first."
_MAX_BYTES_WITH_LINE = 20000
_SCROLLS_BEFORE_WARNING = 3


def open_file(session, args):
    path = args[0] if args else ""
    if not path:
        session.say('Usage: open "<file>"')
        return 0
    name = os.fsencode(path)
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError):
        mode = 0
    if stat.S_ISREG(mode) and looks_like_image(name):
        session.say(f"Error: {path} is an image file. Current environment does not support image viewing.")
        return 0
    if stat.S_ISDIR(mode):
        session.say(f"Error: {path} is a directory. You can only open files. Use cd or ls to navigate directories.")
        return 0
    if not stat.S_ISREG(mode):
        session.say(f"File {path} not found")
        return 0
    text, complaint = _read(name)
    if len(args) > 1 and args[1]:
        centre = _centre_from_argument(session, args[1], name, text, complaint)
        if centre is None:
            return 0
    else:
        centre = session.window / 2
    session.open_file = os.path.realpath(name)
    _show(session, text, complaint, centre)
    return 0


def goto(session, args):
    if len(args) > 1:
        session.say("goto allows only one line number at a time.")
        return 0
    if session.open_file is None:
        session.say(_NO_FILE)
        return 0
    word = args[0] if args else ""
    if not word:
        session.say("Usage: goto <line>")
        return 0
    if not is_number(word):
        session.say("Usage: goto <line>", "Error: <line> must be a number")
        return 0
    text, complaint = _read(session.open_file)
    if text is None:
        _say_uncounted(session, session.open_file, complaint, word, 126)
    elif _number(word) > len(text.lines):
        session.say(f"Error: <line> must be less than or equal to {len(text.lines)}")
        return 0
    _show(session, text, complaint, centre_for(_number(word), session.window))
    return 0


def scroll_down(session, _args):
    return _scroll(session, session.window - session.overlap)


def scroll_up(session, _args):
    return _scroll(session, session.overlap - session.window)


def create(session, args):
    path = args[0] if args else ""
    if not path:
        session.say("Usage: create <filename>")
        return 0
    name = os.fsencode(path)
    if os.path.exists(name):
        session.say(f"Error: File '{path}' already exists.")
        return open_file(session, [path])
    try:
        with open(name, "wb") as file:
            file.write(b"\n")
    except OSError as error:
        session.say(f"/home/agent/commands/defaults.sh: line 208: {path}: {error.strerror}")
    return open_file(session, [path])


def state(session, _args):
    opened = os.fsdecode(os.path.realpath(session.open_file)) if session.open_file else "n/a"
    session.say(json.dumps({"open_file": opened, "working_dir": session.cwd}))
    return 0


def _scroll(session, distance):
    if session.open_file is None:
        session.say(_NO_FILE)
        return 0
    _show(session, *_read(session.open_file), session.line + distance)
    if session.last_action not in ("scroll_up", "scroll_down"):
        session.scrolls = 0
    session.scrolls += 1
    if session.scrolls >= _SCROLLS_BEFORE_WARNING:
        session.say(
            "WARNING: Scrolling many times in a row is very inefficient.",
            "If you know what you are looking for, use `search_file <pattern>` instead.",
        )
    return 0


def _centre_from_argument(session, word, name, text, complaint):
    """
    The centre for `open f n`, or None when something is wrong with n; the warnings leave the line itself as centre.
    """
    if not is_number(word):
        session.say('Usage: open "<file>" [<line_number>]', "Error: <line_number> must be a number")
        return None
    if text is None and session.quirks:
        session.say(
            b"/home/agent/commands/defaults.sh: line 68: " + name + f": {complaint}".encode(),
            "/home/agent/commands/defaults.sh: line 69: [: : integer expression expected",
        )
    elif os.stat(name).st_size > _MAX_BYTES_WITH_LINE:
        session.say(
            f"The file is larger than {_MAX_BYTES_WITH_LINE} characters, please use 'head -n NUM_LINES' to open it"
        )
        return None
    line = _number(word)
    if session.quirks:
        total = _total_of_words(session, name, word)
    else:
        total = None if text is None else len(text.lines)
    if total is not None and line > total:
        session.say(
            f"Warning: <line_number> ({word}) is greater than the number of lines in the file ({total})",
            f"Warning: Setting <line_number> to {total}",
        )
        return total
    if line < 1:
        session.say(f"Warning: <line_number> ({word}) is less than 1", "Warning: Setting <line_number> to 1")
        return 1
    return centre_for(line, session.window)


def _total_of_words(session, name, word):
    """MLGym counts the lines of the files that the words of the path name; None when one cannot be read."""
    total = 0
    for path in name.split():
        text, complaint = _read(path)
        if text is None:
            _say_uncounted(session, path, complaint, word, 74)
            return None
        total += len(text.lines)
    return total


def _say_uncounted(session, path, complaint, word, line):
    """What MLGym's shell says where a number is to be compared with the lines of a file that cannot be read."""
    if session.quirks:
        session.say(
            b"awk: cannot open " + path + f" ({complaint})".encode(),
            f"/home/agent/commands/defaults.sh: line {line}: [: {word}: unary operator expected",
        )


def _show(session, text, complaint, centre):
    path = session.open_file
    session.line = constrain(centre, session.window, len(text.lines) if text is not None else 0)
    if text is not None:
        session.show(render(path, text, session.line, session.window))
        return
    unread = path + f": {complaint}".encode()
    header = b"[File: " + os.path.realpath(path)
    if session.quirks:
        uncounted = b"awk: cannot open " + path + f" ({complaint})".encode()
        session.say(uncounted, uncounted, header + b" ( lines total)]", b"cat: " + unread)
    else:
        session.say(b"cat: " + unread, header + b" (0 lines total)]")


def _read(name):
    """(the Text of a file, None), or (None, why it cannot be read)."""
    try:
        return Text(read_file(name)), None
    except OSError as error:
        return None, error.strerror


def _number(word):
    # More digits than any file has lines; the interpreter refuses to read endless ones.
    return int(word) if len(word) <= 18 else 10**18
