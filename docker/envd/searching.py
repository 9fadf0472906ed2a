"""search_dir, search_file, find_file."""

import os
import re

from grep import Grep
from tool_session import read_file
from window import split_lines

_MAX_FILES = 100
_BRACKETS = re.compile(rb"([!^]?)(\]?(?:\\.|\[:[a-z]+:\]|[^\]])*)\]", re.DOTALL)
_IN_BRACKETS = re.compile(rb"\[:([a-z]+):\]|\\?([^-])", re.DOTALL)
_CLASSES = {
    b"alnum": b"a-zA-Z0-9",
    b"alpha": b"a-zA-Z",
    b"digit": b"0-9",
    b"lower": b"a-z",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb"\s",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}


def search_dir(session, args):
    if not 1 <= len(args) <= 2:
        session.say("Usage: search_dir <search_term> [<dir>]")
        return 0
    term, directory = args[0], args[1] if len(args) > 1 else "./"
    if not os.path.isdir(os.fsencode(directory)):
        session.say(f"Directory {directory} not found")
        return 0
    root = os.path.realpath(os.fsencode(directory))
    counts = {}
    # A path component that starts with a dot hides what is below it, the directory's own path included.
    paths = [] if b"/." in root else list(_files_below(session, root, hidden=False))
    for path, count in Grep(session).count(term, paths):
        # MLGym cuts its lists at colons and spaces.
        name = path.split(b":", 1)[0] if session.quirks else path
        counts[name] = counts.get(name, 0) + count
    where = f'"{term}" in {os.fsdecode(root)}'
    if not counts:
        session.say(f"No matches found for {where}")
    elif len(counts) > _MAX_FILES:
        session.say(f"More than {len(counts)} files matched for {where}. Please narrow your search.")
    else:
        session.say(f"Found {sum(counts.values())} matches for {where}:")
        shown = {name: name.split(b" ", 1)[0] if session.quirks else name for name in counts}
        session.say(*(shown[name] + b" (%d matches)" % counts[name] for name in sorted(counts)))
        session.say(f"End of matches for {where}")
    return 0


def search_file(session, args):
    usage = "Usage: search_file <search_term> [<file>]"
    term = args[0] if args else ""
    if not term:
        session.say(usage)
        return 0
    if len(args) > 1 and args[1]:
        if not os.path.isfile(os.fsencode(args[1])):
            session.say(usage, f"Error: File name {args[1]} not found. Please provide a valid file name.")
            return 0
        path = os.path.realpath(os.fsencode(args[1]))
    elif session.open_file is None:
        session.say("No file open. Use the open command first.")
        return 0
    else:
        path = session.open_file
    numbers = Grep(session).lines(term, path)
    where = f'"{term}" in {os.fsdecode(path)}'
    if not numbers:
        session.say(f"No matches found for {where}")
        return 0
    lines = split_lines(read_file(path))
    session.say(f"Found {len(numbers)} matches for {where}:")
    session.say(*(b"Line %d:%s" % (number, lines[number - 1]) for number in numbers if number <= len(lines)))
    session.say(f"End of matches for {where}")
    return 0


def find_file(session, args):
    if not 1 <= len(args) <= 2:
        session.say("Usage: find_file <file_name> [<dir>]")
        return 0
    name, directory = args[0], args[1] if len(args) > 1 else "./"
    if not os.path.isdir(os.fsencode(directory)):
        session.say(f"Directory {directory} not found")
        return 0
    root = os.path.realpath(os.fsencode(directory))
    pattern = _shell_pattern(os.fsencode(name))
    found = [path for path in _files_below(session, root, hidden=True) if pattern.fullmatch(os.path.basename(path))]
    where = f'"{name}" in {os.fsdecode(root)}'
    if not found:
        session.say(f"No matches found for {where}")
        return 0
    session.say(f"Found {len(found)} matches for {where}:")
    session.say(*sorted(found))
    return 0


def _files_below(session, root, hidden):
    """
    The regular files of a tree; links are not followed, directories that cannot be read are told as find(1) tells
    them.
    """
    open_directories = [root]
    while open_directories:
        directory = open_directories.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if not hidden and entry.name.startswith(b"."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        open_directories.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.path
        except OSError as error:
            session.say(b"find: '" + directory + b"': " + error.strerror.encode())


def _shell_pattern(glob):
    """find -name's pattern as a regular expression over bytes."""
    parts = []
    at = 0
    while at < len(glob):
        character = glob[at : at + 1]
        at += 1
        if character == b"*":
            parts.append(b".*")
        elif character == b"?":
            # One character, not one byte.
            parts.append(rb"(?:[\x00-\x7f\x80-\xbf]|[\xc0-\xff][\x80-\xbf]*)")
        elif character == b"\\" and at < len(glob):
            parts.append(re.escape(glob[at : at + 1]))
            at += 1
        elif character == b"[" and _BRACKETS.match(glob, at):
            brackets = _BRACKETS.match(glob, at)
            inner = _IN_BRACKETS.sub(_in_expression, brackets[2])
            parts.append(b"[" + (b"^" if brackets[1] else b"") + inner + b"]")
            at = brackets.end()
        else:
            parts.append(re.escape(character))
    try:
        return re.compile(b"".join(parts), re.DOTALL)
    except re.error:
        return re.compile(re.escape(glob))


def _in_expression(match):
    return _CLASSES.get(match[1], b"") if match[1] else re.escape(match[2])
