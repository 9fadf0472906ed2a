"""One client of the daemon."""

import socket
import sys

import loop as events
from framing import FrameReader, FramingError, encode

# One buffer for all connections: allocating one for each read costs more than the read.
_BUFFER = memoryview(bytearray(256 << 10))
# A client that does not read: events are left out beyond the first limit, the connection is cut at the second.
_EVENT_BACKLOG_BYTES = 4 << 20
_MAX_BACKLOG_BYTES = 96 << 20


class Connection:
    """Frames in and out over one socket. `on_frame(connection, header, body)`, `on_close(connection)`."""

    def __init__(self, loop, sock, on_frame, on_close):
        self._loop = loop
        self._sock = sock
        self._fd = sock.fileno()
        self._on_frame = on_frame
        self._on_close = on_close
        self._reader = FrameReader()
        self._unsent = []
        self._unsent_bytes = 0
        self.open = True
        sock.setblocking(False)
        loop.watch(self._fd, events.IN, self._ready)

    def send(self, header, body=b""):
        """Queues a frame; a closed connection swallows it."""
        if not self.open:
            return
        buffers = encode(header, body)
        if not self._unsent:
            size = sum(map(len, buffers))
            try:
                sent = self._sock.sendmsg(buffers)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                self.close()
                return
            if sent == size:
                return
            buffers = [memoryview(b"".join(buffers))[sent:]]
        self._unsent.extend(memoryview(buffer) for buffer in buffers)
        self._unsent_bytes += sum(map(len, buffers))
        if self._unsent_bytes > _MAX_BACKLOG_BYTES:
            self.close()
        elif self.open:
            self._loop.change(self._fd, events.IN | events.OUT)

    def send_event(self, header, body=b""):
        """Sends an event, unless the client is behind; returns whether it was sent."""
        if self._unsent_bytes > _EVENT_BACKLOG_BYTES:
            return False
        self.send(header, body)
        return True

    def close(self):
        if self.open:
            self.open = False
            self._loop.unwatch(self._fd)
            self._sock.close()
            self._unsent = []
            self._on_close(self)

    def _ready(self, ready):
        if ready & events.OUT:
            self._flush()
        if self.open and ready & (events.IN | events.HUP | events.ERR):
            self._receive()

    def _receive(self):
        try:
            size = self._sock.recv_into(_BUFFER)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if not size:
            self.close()
            return
        try:
            frames = self._reader.feed(_BUFFER[:size])
        except FramingError:
            self.close()
            return
        for header, body in frames:
            self._on_frame(self, header, body)
            if not self.open:
                return

    def _flush(self):
        while self._unsent:
            try:
                sent = self._sock.send(self._unsent[0])
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.close()
                return
            self._unsent_bytes -= sent
            if sent == len(self._unsent[0]):
                del self._unsent[0]
            else:
                self._unsent[0] = self._unsent[0][sent:]
        self._loop.change(self._fd, events.IN)


def peer_credentials(sock):
    """(pid, uid, gid) of the process at the other end of a unix socket."""
    data = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return tuple(int.from_bytes(data[at : at + 4], sys.byteorder) for at in (0, 4, 8))
