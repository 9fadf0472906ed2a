"""Passes bytes between the standard streams and the daemon's socket: `relay.py SOCKET [WAIT_SECONDS]`."""

import os
import selectors
import socket
import sys
import time

_CHUNK_BYTES = 256 << 10
_STEP_SECONDS = 0.005


def main(path, wait_seconds):
    daemon = connect(path, time.monotonic() + wait_seconds)
    with selectors.DefaultSelector() as selector:
        # What is read from one side is written to the other before anything else is read: nobody can flood this process.
        selector.register(0, selectors.EVENT_READ, lambda: pass_on(os.read(0, _CHUNK_BYTES), daemon.fileno()))
        selector.register(daemon, selectors.EVENT_READ, lambda: pass_on(daemon.recv(_CHUNK_BYTES), 1))
        while all(key.data() for key, _events in selector.select()):
            pass


def connect(path, until):
    """
    A daemon that is only starting has no socket yet, or one on which it does not listen. Tried again until a deadline, once
    in the life of a relay: the standard library cannot watch a directory.
    """
    while True:
        daemon = socket.socket(socket.AF_UNIX)
        try:
            daemon.connect(path)
            return daemon
        except (FileNotFoundError, ConnectionRefusedError):
            daemon.close()
            if time.monotonic() > until:
                raise
            time.sleep(_STEP_SECONDS)


def pass_on(data, target):
    """Returns whether there was anything; a side that has ended ends the relay."""
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
    return bool(data)


if __name__ == "__main__":
    try:
        main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0)
    except (BrokenPipeError, ConnectionResetError):
        pass
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
