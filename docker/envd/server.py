"""The daemon's socket and its operations."""

import os
import socket

import loop as events
from connection import Connection, peer_credentials
from errors import WireError

_BACKLOG = 64


class Server:
    """
    Listens, greets and hands each request to its operation: `operation(connection, header, body)` returns
    (header, body), or None when it answers by itself.
    """

    def __init__(self, loop, path, operations, greeting, refused_uids, on_leave):
        self._loop = loop
        self._operations = operations
        self._greeting = greeting
        self._refused_uids = refused_uids
        self._on_leave = on_leave
        self._connections = set()
        self._path = path
        self._socket = listen(path, 0o600, refused_uids)
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


def listen(path, mode, strangers=frozenset()):
    """
    A listening unix socket, which appears under its name when it is ready; a stale one in its place is replaced. Its
    directory may lie deeper than socket names reach. It belongs to the directory's owner, unless that is one of
    `strangers`: a server that is not root owns the directory that it shares with us, and must be able to connect.
    """
    directory = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        name = os.path.basename(path)
        fresh = f".{name}.{os.getpid()}"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        try:
            os.unlink(fresh, dir_fd=directory)
        except FileNotFoundError:
            pass
        mask = os.umask(0o777 & ~mode)
        try:
            listener.bind(f"/proc/self/fd/{directory}/{fresh}")
        finally:
            os.umask(mask)
        owner = os.fstat(directory).st_uid
        if os.geteuid() == 0 and owner != 0 and owner not in strangers:
            os.chown(fresh, owner, -1, dir_fd=directory, follow_symlinks=False)
        listener.listen(_BACKLOG)
        os.rename(fresh, name, src_dir_fd=directory, dst_dir_fd=directory)
        return listener
    finally:
        os.close(directory)
