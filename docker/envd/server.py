"""The daemon's socket and its operations."""

import os
import socket
import stat

import loop as events
from connection import Connection, peer_credentials
from errors import WireError

_BACKLOG = 64


class Server:
    """Listens, greets and hands each request to its operation: `operation(connection, header, body)` returns (header, body) or
    None when it answers by itself."""

    def __init__(self, loop, path, operations, greeting, refused_uids, on_leave):
        self._loop = loop
        self._operations = operations
        self._greeting = greeting
        self._refused_uids = refused_uids
        self._on_leave = on_leave
        self._connections = set()
        self._path = path
        self._socket = listen(path, 0o600)
        loop.watch(self._socket.fileno(), events.IN, self._accept)

    def close(self):
        self._loop.unwatch(self._socket.fileno())
        self._socket.close()
        try:
            os.unlink(self._path)
        except OSError:
            pass

    def _accept(self, _ready):
        try:
            sock, _address = self._socket.accept()
        except OSError:
            return
        if peer_credentials(sock)[1] in self._refused_uids:
            sock.close()
            return
        connection = Connection(self._loop, sock, self._request, self._left)
        self._connections.add(connection)
        connection.send({"event": "welcome", **self._greeting()})

    def _left(self, connection):
        self._connections.discard(connection)
        self._on_leave(connection)

    def _request(self, connection, header, body):
        request_id = header.get("id")
        try:
            if isinstance(request_id, bool) or not isinstance(request_id, (int, float)):
                request_id = None
                raise WireError("bad_request", "id must be a number")
            name = header.get("op")
            operation = self._operations.get(name) if isinstance(name, str) else None
            if operation is None:
                raise WireError("bad_request", f"there is no operation {name!r:.80}")
            answer = operation(connection, header, body)
            if answer is not None:
                connection.send({"id": request_id, "ok": True, **answer[0]}, answer[1])
        except Exception as error:
            problem = WireError.of(error)
            failure = {"code": problem.code, "message": problem.message}
            connection.send({"id": request_id, "ok": False, "error": failure})


def listen(path, mode):
    """A listening unix socket; a stale one in its place is removed. Its directory may lie deeper than socket names reach."""
    directory = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        name = os.path.basename(path)
        try:
            if stat.S_ISSOCK(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            pass
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        mask = os.umask(0o777 & ~mode)
        try:
            listener.bind(f"/proc/self/fd/{directory}/{name}")
        finally:
            os.umask(mask)
        listener.listen(_BACKLOG)
        return listener
    finally:
        os.close(directory)
