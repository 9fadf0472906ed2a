"""Full outputs on disk, for the agent to read."""

import os

_MAX_LOG_BYTES = 64 << 20
_MAX_LOGS = 4


class LogDirectory:
    """Holds the newest few logs; older ones are removed, so that output can never fill the disk."""

    def __init__(self, path):
        self._path = path
        self._kept = []
        self._made = 0

    def create(self):
        """A new log, or None when the disk refuses one."""
        self._made += 1
        path = f"{self._path}/{self._made}.log"
        while len(self._kept) >= _MAX_LOGS:
            _remove(self._kept.pop(0))
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError:
            return None
        self._kept.append(path)
        return Log(fd, path)


class Log:
    """One log; what goes beyond its limit or what the disk refuses is left out."""

    def __init__(self, fd, path):
        self._fd = fd
        self._room = _MAX_LOG_BYTES
        self.path = path

    def write(self, data):
        if self._room <= 0:
            return
        try:
            self._room -= os.write(self._fd, data[: self._room])
        except OSError:
            self._room = 0

    def close(self):
        os.close(self._fd)


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass
