"""Searching with the system's own grep, whose patterns and notions of a text file are the specification."""

import os
import select

from spawn import spawn

# As in MLGym's container, where every byte is a character: text of any encoding is text.
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
_BATCH_BYTES = 96 << 10
_MAX_OUTPUT_BYTES = 32 << 20


class Grep:
    """Runs grep with the agent's rights in the current directory; what it complains about is printed first."""

    def __init__(self, session):
        self._session = session

    def count(self, term, paths):
        """(path, matching lines) of the text files that match."""
        found = []
        for batch in _batches(paths):
            output = self._run([b"-cIHZ", b"--", os.fsencode(term), *batch])
            for line in output.split(b"\n"):
                path, separator, number = line.rpartition(b"\0")
                if separator and number.isdigit() and int(number):
                    found.append((path, int(number)))
        return found

    def lines(self, term, path):
        """The numbers of the matching lines of a file."""
        output = self._run([b"-n", b"--", os.fsencode(term), path])
        starts = (line.partition(b":") for line in output.split(b"\n"))
        return [int(number) for number, separator, _text in starts if separator and number.isdigit()]

    def _run(self, arguments):
        output, errors = _run(["grep", *arguments])
        if errors:
            self._session.show(errors)
        return output


def drop_to_effective_user():
    """What the tool host may do with files becomes all that its child is."""
    uid, gid = os.geteuid(), os.getegid()
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _batches(paths):
    batch, size = [], 0
    for path in paths:
        if batch and size + len(path) > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += len(path) + 9
    if batch:
        yield batch


def _run(argv):
    """(output, errors) of a program; more than the limit of either is left out."""
    null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    pipes = [os.pipe2(os.O_CLOEXEC) for _stream in range(2)]
    try:
        pid = spawn(argv, drop_to_effective_user, _ENVIRONMENT, {0: null, 1: pipes[0][1], 2: pipes[1][1]}, ["."])
    finally:
        os.close(null)
        for _reader, writer in pipes:
            os.close(writer)
    data = {reader: bytearray() for reader, _writer in pipes}
    waiting = set(data)
    while waiting:
        for reader in select.select(list(waiting), [], [])[0]:
            part = os.read(reader, 256 << 10)
            if not part:
                waiting.discard(reader)
                os.close(reader)
            elif len(data[reader]) < _MAX_OUTPUT_BYTES:
                data[reader] += part
    os.waitpid(pid, 0)
    return tuple(bytes(data[reader]) for reader, _writer in pipes)
