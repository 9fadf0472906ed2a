"""What the SWE-agent commands share: where they are, what is open, what they have printed."""

import os
import stat

_MAX_FILE_BYTES = 256 << 20


class ToolSession:
    """
    One call of a command. Paths are bytes; `state` is what stays for the next call. `stdin`: the text below the
    command, None when it has none. `quirks`: whether MLGym's defects are repeated that help nobody.
    """

    def __init__(self, cwd, state, last_action, stdin):
        self.cwd = cwd
        self.last_action = last_action
        self.stdin = stdin
        self.open_file = os.fsencode(state["open_file"]) if state.get("open_file") else None
        self.line = state.get("line", 0)
        self.window = state.get("window", 1000)
        self.overlap = state.get("overlap", 2)
        self.scrolls = state.get("scrolls", 0)
        self.quirks = state.get("quirks", 0) != 0
        self._output = []

    def state(self):
        return {
            "open_file": os.fsdecode(self.open_file) if self.open_file else None,
            "line": self.line,
            "window": self.window,
            "overlap": self.overlap,
            "scrolls": self.scrolls,
            "quirks": int(self.quirks),
        }

    def say(self, *lines):
        """Prints lines; strings may carry bytes as os.fsdecode leaves them."""
        for line in lines:
            self._output.append((os.fsencode(line) if isinstance(line, str) else line) + b"\n")

    def show(self, data):
        """Prints bytes as they are."""
        self._output.append(data)

    def output(self):
        return b"".join(self._output)


def read_file(path):
    """The contents of a regular file, with the agent's rights."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(22, "Invalid argument")
        parts = []
        size = 0
        while True:
            part = os.read(fd, 1 << 20)
            if not part:
                return b"".join(parts)
            size += len(part)
            if size > _MAX_FILE_BYTES:
                raise OSError(27, "File too large")
            parts.append(part)
    finally:
        os.close(fd)


def is_number(word):
    return word != "" and all("0" <= character <= "9" for character in word)
