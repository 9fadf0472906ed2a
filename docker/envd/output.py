"""Bounded keeping of a command's output."""

_TRIM_SLACK_BYTES = 1 << 20


class OutputBuffer:
    """
    Keeps the first `head` and the last `tail` bytes of a stream. When more than both comes, everything goes to a log
    that `open_log()` provides (an object with write(bytes) and close(), or None).
    """

    def __init__(self, head, tail, open_log=None):
        self._head_limit = head
        self._tail_limit = tail
        self._open_log = open_log
        self._log = None
        self._head = bytearray()
        self._tail = bytearray()
        self.total_bytes = 0

    def write(self, data):
        """Takes the next bytes (a bytes-like object that is not kept)."""
        size = len(data)
        before = self.total_bytes
        self.total_bytes = before + size
        if self.total_bytes > self._head_limit + self._tail_limit and self._open_log is not None:
            self._log = self._open_log()
            self._open_log = None
            if self._log is not None:
                self._log.write(self._head)
                self._log.write(self._tail)
        if self._log is not None:
            self._log.write(data)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
            size = len(data)
        if not size:
            return
        if size >= self._tail_limit:
            self._tail = bytearray(data[size - self._tail_limit :])
            return
        self._tail += data
        if len(self._tail) > self._tail_limit + _TRIM_SLACK_BYTES:
            del self._tail[: len(self._tail) - self._tail_limit]

    def close(self):
        """Ends the log; returns nothing."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def kept(self):
        """(body, omitted bytes, position of the cut in the body or None)."""
        tail = self._tail[-self._tail_limit :] if self._tail_limit else b""
        body = bytes(self._head) + bytes(tail)
        omitted = self.total_bytes - len(body)
        return body, omitted, len(self._head) if omitted else None
