"""One of the agent's commands in its shell: hands the call to the daemon and prints the answer."""

import fcntl
import json
import os
import socket
import stat
import struct
import sys

_READS_INPUT = ("edit", "insert")
_MAX_INPUT_BYTES = 4 << 20


def main():
    name = os.path.basename(sys.argv[0])
    body = b""
    lacks_text = name in _READS_INPUT and _has_no_input()
    if name in _READS_INPUT and not lacks_text:
        body = sys.stdin.buffer.read(_MAX_INPUT_BYTES + 1)
        if len(body) > _MAX_INPUT_BYTES:
            sys.exit(f"{name}: the text is too long")
    try:
        cwd = os.getcwd()
    except OSError as error:
        sys.exit(f"{name}: {error.strerror}")
    logical = os.environ.get("PWD", "")
    call = {"name": name, "args": sys.argv[1:], "cwd": cwd, "lacks_text": lacks_text}
    if logical.startswith("/") and os.path.realpath(logical) == cwd:
        call["cwd"] = logical
    header = json.dumps(call).encode()
    channel = socket.socket(socket.AF_UNIX)
    try:
        channel.connect(SOCKET)
        channel.sendall(struct.pack(">II", len(header), len(body)) + header + body)
        header_bytes, body_bytes = struct.unpack(">II", _receive(channel, 8))
        answer = json.loads(_receive(channel, header_bytes))
        output = _receive(channel, body_bytes)
    except OSError as error:
        sys.exit(f"{name}: {error.strerror}")
    try:
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(141)
    os._exit(answer["exit_code"])


def _has_no_input():
    """Whether the input is the one of the shell itself, which is at its end: nothing was meant for this command."""
    try:
        is_device = stat.S_ISCHR(os.fstat(0).st_mode)
        return is_device and fcntl.fcntl(0, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    except OSError:
        return True


def _receive(channel, size):
    data = bytearray()
    while len(data) < size:
        part = channel.recv(min(size - len(data), 1 << 20))
        if not part:
            raise OSError(104, "the daemon ended the call")
        data += part
    return bytes(data)


SOCKET = "/run/gymsmith-tools/tools.sock"

if __name__ == "__main__":
    main()
