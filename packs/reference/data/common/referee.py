"""Plays against code that the candidate wrote, in a process of its own that is not trusted.

An evaluation that runs as root starts the candidate as the user `agent`, after taking the hidden files from that user;
otherwise (MLGym runs everything as one user) the candidate runs with the rights of the evaluation. Either way it talks
through pipes only: what it prints can be a wrong answer, never a score.

A question shows something that is hidden, and whoever wrote the candidate reads why an evaluation failed. So the
candidate is asked nothing before its script says that it is ready, and what any candidate writes after the first
question of an evaluation goes nowhere.
"""
import atexit
import contextlib
import ctypes
import os
import pwd
import resource
import select
import signal
import subprocess
import sys
import textwrap
import time

CANDIDATE_USER = 'agent'
KEPT_ENVIRONMENT = ('PATH', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES')
MAX_FILE_BYTES = 1 << 26
READY = b'ready\n'
KEPT_ERROR_BYTES = 2_000
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36

# A compiled copy of a hidden module would lie beside it for everybody to read.
sys.dont_write_bytecode = True


class CandidateError(Exception):
    """The candidate ended, was too slow, or gave an answer that is none."""


def guard(hidden_files):
    """Makes the evaluation safe to run beside a candidate. Call it after the hidden files were read."""
    # Nothing may be imported from where the candidate can write.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != here]
    prctl = ctypes.CDLL(None).prctl
    # Orphans of the candidate come to us, so that none outlives its match; and nobody of our own user may trace us.
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    for path in hidden_files:
        if os.geteuid() == 0:
            os.chown(path, 0, 0)
            os.chmod(path, 0o600)
        else:
            # The candidate has our rights: the file is away while it plays.
            atexit.register(path.write_bytes, path.read_bytes())
            path.unlink()


def fail(reason):
    """Ends the evaluation without a score."""
    sys.exit(f'invalid submission: {reason}')


class Candidate:
    """A script of the workspace that runs as the candidate; a context manager that leaves no process behind.

    `answer_seconds` bounds one answer, `total_seconds` all of them; the first may take `start_seconds` more.
    """

    # Of all candidates: what one has seen it can leave to the next.
    _was_asked = False

    def __init__(self, script, answer_seconds, total_seconds, start_seconds=20.0):
        self._answer_seconds = answer_seconds
        self._left_seconds = total_seconds
        self._extra_seconds = start_seconds
        self._said = b''
        self._is_ready = False
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        options = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(CANDIDATE_USER)
            options = {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}
        self._process = subprocess.Popen(
            [sys.executable, '-u', '-B', str(script)], cwd=script.parent, bufsize=0, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_limit,
            env={**environment, 'HOME': '/tmp', 'LANG': 'C.UTF-8', 'PYTHONHASHSEED': '0'}, **options)
        self._stdin, self._stdout, self._stderr = self._process.stdin, self._process.stdout, self._process.stderr
        self._poll = select.poll()
        for stream in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(stream.fileno(), False)
        for stream in (self._stdout, self._stderr):
            self._poll.register(stream.fileno(), select.POLLIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            self._process.kill()
        _end_children()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        for stream in (self._stdin, self._stdout, self._stderr):
            stream.close()

    def ask_line(self, line, max_bytes=200):
        """Sends a line of text and returns the line that answers it, without its end."""
        answer = self._exchange(line.encode() + b'\n', max_bytes, lambda got: got.endswith(b'\n'))
        if not answer.isascii() or answer.count(b'\n') > 1:
            raise CandidateError('its answer is not one line of plain text')
        return answer[:-1].decode('ascii')

    def ask_bytes(self, data, size):
        """Sends bytes and returns the `size` bytes that answer them."""
        return self._exchange(data, size, lambda got: len(got) == size)

    def _exchange(self, outgoing, max_bytes, is_complete):
        if not self._is_ready:
            extra = self._extra_seconds
            if self._converse(b'', len(READY), lambda got: len(got) == len(READY)) != READY:
                raise self._error('it answers before it was asked')
            self._is_ready, self._extra_seconds = True, extra
            Candidate._was_asked = True
        return self._converse(outgoing, max_bytes, is_complete)

    def _converse(self, outgoing, max_bytes, is_complete):
        outgoing = memoryview(outgoing)
        incoming = bytearray()
        began = time.monotonic()
        allowed = min(self._answer_seconds, self._left_seconds) + self._extra_seconds
        self._poll.register(self._stdin.fileno(), select.POLLOUT)
        while outgoing or not is_complete(incoming):
            left = began + allowed - time.monotonic()
            if left <= 0:
                few = self._left_seconds < self._answer_seconds
                raise self._error(f'no answer within {allowed:.1f} s' + ', which was all the time left to it' * few)
            for handle, _ in self._poll.poll(left * 1000 + 1):
                if handle == self._stderr.fileno():
                    if not self._listen():
                        self._poll.unregister(handle)
                elif handle == self._stdin.fileno():
                    outgoing = self._send(outgoing)
                else:
                    data = os.read(handle, 1 << 16)
                    if not data:
                        raise self._error('it ended')
                    incoming += data
            if len(incoming) > max_bytes:
                raise self._error(f'its answer is longer than {max_bytes} bytes')
        self._left_seconds -= max(0.0, time.monotonic() - began - self._extra_seconds)
        self._extra_seconds = 0.0
        return bytes(incoming)

    def _send(self, outgoing):
        try:
            outgoing = outgoing[os.write(self._stdin.fileno(), outgoing):]
        except BlockingIOError:
            return outgoing
        except BrokenPipeError:
            raise self._error('it ended') from None
        if not outgoing:
            self._poll.unregister(self._stdin.fileno())
        return outgoing

    def _listen(self):
        """Keeps the end of what the candidate writes to standard error; false when no more can come."""
        try:
            data = os.read(self._stderr.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        self._said = (self._said + data)[-KEPT_ERROR_BYTES:]
        return bool(data)

    def _error(self, reason):
        if Candidate._was_asked:
            return CandidateError(reason + '; what it wrote is not shown, for it has seen what is hidden')
        # Its last words say why, but may still be on their way.
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline and self._listen():
            time.sleep(0.01)
        said = self._said.decode('utf-8', 'replace').strip()
        # Indented, because some readers of both streams take a line that begins with a brace for the score.
        return CandidateError(reason + '; it wrote:\n' + textwrap.indent(said, '  | ', bool) if said else reason)


def _limit():
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))


def _children():
    own = os.getpid()
    for name in filter(str.isdigit, os.listdir('/proc')):
        with contextlib.suppress(OSError), open(f'/proc/{name}/stat', 'rb') as file:
            if int(file.read().rpartition(b')')[2].split()[1]) == own:
                yield int(name)


def _end_children():
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = list(_children())
        if not children:
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)
