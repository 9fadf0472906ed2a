"""Commands, their waiting clients and their kept results."""

import collections
import time

from errors import WireError

_MAX_KEPT = 64
_MAX_KEPT_BYTES = 64 << 20
_STREAM_SECONDS = 0.02
_STREAM_BYTES = 256 << 10


class Command:
    """A running command. It belongs to the daemon; connections only wait for it."""

    def __init__(self, command_id):
        self.id = command_id
        self.requests = []
        self.streams = []
        self._waiters = []
        self._started = time.monotonic()

    def wait(self, connection, request_id):
        self._waiters.append((connection, request_id))

    def elapsed_ms(self):
        return round((time.monotonic() - self._started) * 1000, 3)

    def leave(self, connection):
        """Forgets a closed connection."""
        self._waiters = [waiter for waiter in self._waiters if waiter[0] is not connection]
        self.streams = [stream for stream in self.streams if stream.connection is not connection]

    def answer(self, header, body):
        for stream in self.streams:
            stream.end()
        for connection, request_id in self._waiters:
            connection.send({"id": request_id, "ok": True, **header}, body)
        self._waiters = []


class Stream:
    """Sends output as it comes, in lumps."""

    def __init__(self, loop, connection, command_id, offset):
        self.connection = connection
        self._loop = loop
        self._command_id = command_id
        self._offset = offset
        self._data = bytearray()
        self._sent_at = 0.0
        self._timer = None

    def write(self, data):
        self._data += data
        while len(self._data) >= _STREAM_BYTES:
            self._send(_STREAM_BYTES)
        if self._data and self._timer is None:
            wait = self._sent_at + _STREAM_SECONDS - time.monotonic()
            if wait <= 0:
                self._send(len(self._data))
            else:
                self._timer = self._loop.after(wait, self._due)

    def end(self):
        if self._timer is not None:
            self._timer.cancel()
        if self._data:
            self._send(len(self._data))

    def _due(self):
        self._timer = None
        if self._data:
            self._send(len(self._data))

    def _send(self, size):
        # A client that is behind misses lumps; the offsets show where.
        self.connection.send_event(
            {"event": "output", "command_id": self._command_id, "offset": self._offset}, bytes(self._data[:size])
        )
        self._offset += size
        del self._data[:size]
        self._sent_at = time.monotonic()


class Commands:
    """All commands by id: running ones, and results that nobody has acknowledged yet."""

    def __init__(self):
        self._running = {}
        self._kept = collections.OrderedDict()
        self._kept_bytes = 0

    def known(self, command_id):
        return command_id in self._running or command_id in self._kept

    def running(self, command_id):
        """The running command of that id, or None."""
        return self._running.get(command_id)

    def all_running(self):
        return list(self._running.values())

    def add(self, command):
        self._running[command.id] = command

    def attach(self, connection, request_id, command_id):
        """Answers with the kept result, or lets the connection wait; returns the running command, if it runs."""
        command = self._running.get(command_id)
        if command is not None:
            command.wait(connection, request_id)
            return command
        kept = self._kept.get(command_id)
        if kept is None:
            raise WireError("unknown_command", f"there is no command {command_id}")
        connection.send({"id": request_id, "ok": True, **kept[0]}, kept[1])
        return None

    def finish(self, command, header, body):
        """Keeps the result and answers everybody who waits."""
        header = {"command_id": command.id, **header}
        del self._running[command.id]
        self._kept[command.id] = (header, body)
        self._kept_bytes += len(body)
        while len(self._kept) > _MAX_KEPT or (self._kept_bytes > _MAX_KEPT_BYTES and len(self._kept) > 1):
            self._drop(next(iter(self._kept)))
        command.answer(header, body)

    def acknowledge(self, command_id):
        if command_id in self._kept:
            self._drop(command_id)

    def leave(self, connection):
        for command in self._running.values():
            command.leave(connection)

    def summary(self):
        running = [{"command_id": command_id, "state": "running"} for command_id in self._running]
        return running + [{"command_id": command_id, "state": "finished"} for command_id in self._kept]

    def _drop(self, command_id):
        _header, body = self._kept.pop(command_id)
        self._kept_bytes -= len(body)
