"""Finding files by patterns without following links."""

import fnmatch
import os
import re
import stat

from errors import WireError, count, field, plain, text
from files import answering
from walking import borrowed, enter, open_directory, split

_PIECE = 500
_MAX_PATTERNS = 1000
_MAX_FILES = 10000
# Headers are bounded, and names can be long.
_MAX_LIST_BYTES = 900 << 10
_ANY_DEPTH = None


class Globbing:
    """The `glob` operation."""

    def __init__(self, loop, accounts):
        self._loop = loop
        self._agent = accounts.agent

    def glob(self, connection, header, _body):
        root = split(text(header, "root"))
        patterns = _Patterns(_strings(header, "patterns", ...))
        exclude = _Patterns(_strings(header, "exclude", []))
        limits = count(header, "max_files", _MAX_FILES), count(header, "max_bytes", 1 << 53)
        self._loop.add_task(answering(connection, header["id"], self._find(root, patterns, exclude, *limits)))

    def _find(self, root, patterns, exclude, max_files, max_bytes):
        result = _Result(max_files, max_bytes)
        steps = 0
        # Depth first, names in order; directories are held by descriptors, so that moving them leads nowhere else.
        stack = [_Level(open_directory(root), "", patterns.start(), exclude.start())]
        try:
            while stack and not result.truncated:
                level = stack[-1]
                if not level.names:
                    os.close(stack.pop().fd)
                    continue
                name = level.names.pop()
                steps += 1
                if steps % _PIECE == 0:
                    yield
                child = self._visit(level, name, patterns, exclude, result)
                if child is not None:
                    stack.append(child)
        finally:
            for level in stack:
                os.close(level.fd)
        return {"files": result.files, "refused": result.refused, "truncated": result.truncated}, b""

    def _visit(self, level, name, patterns, exclude, result):
        """Lists one entry; a directory in which more may match comes back as the next level."""
        wanted, dropped = patterns.step(level.wanted, name), exclude.step(level.dropped, name)
        deeper = patterns.continues(wanted)
        matches = patterns.accepts(wanted)
        if exclude.accepts(dropped) or not (deeper or matches):
            return None
        try:
            info = os.stat(name, dir_fd=level.fd, follow_symlinks=False)
        except OSError:
            return None
        path = f"{level.path}{name}"
        if stat.S_ISDIR(info.st_mode):
            if not deeper:
                return None
            try:
                return _Level(enter(level.fd, name), f"{path}/", wanted, dropped)
            except (OSError, WireError):
                return None
        if stat.S_ISLNK(info.st_mode):
            if matches or patterns.names(wanted):
                result.refuse(path, "link")
        elif matches:
            if not stat.S_ISREG(info.st_mode):
                result.refuse(path, "special")
            elif borrowed(info, self._agent):
                result.refuse(path, "link")
            else:
                result.take(path, info)
        return None


class _Level:
    """A directory on the way down: its descriptor, what is still to be visited, and how far the patterns have come."""

    def __init__(self, fd, path, wanted, dropped):
        self.fd = fd
        self.path = path
        self.wanted = wanted
        self.dropped = dropped
        try:
            self.names = sorted(os.listdir(fd), reverse=True)
        except BaseException:
            os.close(fd)
            raise


class _Result:
    def __init__(self, max_files, max_bytes):
        self.files = []
        self.refused = []
        self.truncated = False
        self._max_files = max_files
        self._left_bytes = max_bytes
        self._left_list_bytes = _MAX_LIST_BYTES

    def take(self, path, info):
        if len(self.files) >= self._max_files:
            self.truncated = True
        elif info.st_size > self._left_bytes:
            self.refuse(path, "too_large")
        elif not _is_text(path):
            self.refuse(path, "special")
        elif self._room(path):
            self._left_bytes -= info.st_size
            self.files.append({"path": path, "size": info.st_size, "mode": info.st_mode & 0o7777})

    def refuse(self, path, reason):
        path = os.fsencode(path).decode("utf-8", "replace")
        if self._room(path):
            self.refused.append({"path": path, "reason": reason})

    def _room(self, path):
        self._left_list_bytes -= 6 * len(path) + 64 if not path.isascii() else 2 * len(path) + 64
        self.truncated = self.truncated or self._left_list_bytes < 0
        return not self.truncated


class _Patterns:
    """A set of patterns that is matched component by component. A state is a set of (pattern, next component)."""

    def __init__(self, patterns):
        self._patterns = [
            [_ANY_DEPTH if part == "**" else _component(part) for part in pattern.split("/") if part not in ("", ".")]
            for pattern in patterns
        ]

    def start(self):
        return self._reach((index, 0) for index, parts in enumerate(self._patterns) if parts)

    def step(self, state, name):
        """The state below a directory entry of that name."""
        after = set()
        for index, at in state:
            parts = self._patterns[index]
            if at == len(parts):
                continue
            if parts[at] is _ANY_DEPTH:
                after.add((index, at))
                if at == len(parts) - 1:
                    after.add((index, at + 1))
            elif parts[at].match(name):
                after.add((index, at + 1))
        return self._reach(after)

    def accepts(self, state):
        return any(at == len(self._patterns[index]) for index, at in state)

    def continues(self, state):
        return any(at < len(self._patterns[index]) for index, at in state)

    def names(self, state):
        """Whether a pattern means the directory that was reached, rather than passing through any."""
        return any(
            0 < at < len(self._patterns[index]) and self._patterns[index][at - 1] is not _ANY_DEPTH
            for index, at in state
        )

    def _reach(self, positions):
        # `**` may stand for nothing when something follows it.
        reached = set()
        for index, at in positions:
            parts = self._patterns[index]
            reached.add((index, at))
            while at < len(parts) - 1 and parts[at] is _ANY_DEPTH:
                at += 1
                reached.add((index, at))
        return reached


def _component(part):
    return re.compile(fnmatch.translate(part), re.DOTALL)


def _strings(header, name, default):
    values = field(header, name, list, default)
    if len(values) > _MAX_PATTERNS or not all(isinstance(value, str) for value in values):
        raise WireError("bad_request", f"{name} must be a list of at most {_MAX_PATTERNS} strings")
    for value in values:
        plain(value, name)
        if ".." in value.split("/"):
            raise WireError("forbidden_path", f"a pattern must not hold '..': {value}")
    return values


def _is_text(path):
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
