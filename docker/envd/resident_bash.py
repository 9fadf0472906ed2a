"""A bash that stays and takes one text after the other, over descriptors that what it runs never inherits."""

import os
import signal
import socket

import loop as events
from processes import send
from spawn import spawn

_CONTROL_FD = 198
_TEXT_FD = 199
_TOKEN_DIGITS = 8
_MAX_MESSAGE_BYTES = 256 << 10
_READ_BYTES = 4 << 10
_KEPT_TEXT_BYTES = 256 << 10

# Waits for a token on the control socket, then takes the text from the memory file, which can be read in blocks where
# a pipe would be read byte by byte. The answer is "token status directory NUL".
_ANSWER_AND_WAIT = (
    'builtin printf "%s %s %s\\0" "${__gs_token-}" "$__gs_status" "${PWD-}" >&198 '
    "&& IFS= TMOUT= builtin read -r -N 8 -u 198 __gs_token "
    "&& IFS= TMOUT= builtin read -r -d '' -u 199 __gs_text || builtin exit 250; "
)

# What an aside has said goes before the answer, as "S" output NUL.
_SAY = (
    "[[ -z ${__gs_said+x} ]] || "
    "{ builtin printf 'S%s\\0' \"${__gs_said:0:32768}\" >&198; builtin unset __gs_said; }; "
)

# The whole loop is one line, so that `eval` counts lines from 1. Two loops, because `break` in a text leaves one; the
# answer stands in the condition, because `continue` in a text skips the rest of the body. No command name is used that
# an agent would define by accident (`:` and `true` among them). `$?` of the last text is handed to the next one, and
# tracing (set -x) is off outside the texts. The empty input is open for writing too: an empty here-document is not.
SHELL = (
    '__gs_token=00000000; __gs_tracing=; __gs_return() { builtin return "$1"; }; builtin declare -rf __gs_return; '
    "while [[ 1 ]]; do "
    "while { __gs_status=$?; if [[ $- == *x* ]]; then builtin set +x; __gs_tracing='set -x; '; else __gs_tracing=; fi; "
    + _SAY
    + _ANSWER_AND_WAIT
    + "} >/dev/null 2>&1; do "
    'if __gs_return "$__gs_status"; '
    'then builtin eval "$__gs_tracing$__gs_text" 198<&- 199<&-; '
    'else builtin eval "$__gs_tracing$__gs_text" 198<&- 199<&-; '
    "fi; done; done <>/dev/null\n"
)

# Parses each text in a forked copy that executes nothing.
CHECKER = (
    "__gs_token=00000000; PWD=/; __gs_status=0; while [[ 1 ]]; do "
    + _ANSWER_AND_WAIT
    + '( eval "set -n"$\'\\n\'"$__gs_text" ) </dev/null >/dev/null 2>&1 198<&- 199<&-; __gs_status=$?; done\n'
)


class ResidentBash:
    """
    Runs one of the two loops above. `on_answer(token, status, directory)` follows every text, `on_exit(wait_status)`
    comes once. An answer that makes no sense ends the process.
    """

    def __init__(self, loop, script, account, env, cwds, output_fd, limits, on_answer, on_exit):
        self._loop = loop
        self._on_answer = on_answer
        self._on_exit = on_exit
        self._received = bytearray()
        self._text_bytes = 0
        self.said = b""
        self._control, theirs = socket.socketpair()
        self._text_fd = os.memfd_create("text", os.MFD_CLOEXEC)
        script_fd = os.memfd_create("script", os.MFD_CLOEXEC)
        try:
            os.write(script_fd, script.encode())
            os.lseek(script_fd, 0, os.SEEK_SET)
            fds = {0: script_fd, 1: output_fd, 2: output_fd, _CONTROL_FD: theirs.fileno(), _TEXT_FD: self._text_fd}
            argv = ["/bin/bash", "--norc", "--noprofile"]
            self.pid = spawn(argv, account.become, env, fds, cwds, limits)
        except OSError:
            self._control.close()
            os.close(self._text_fd)
            raise
        finally:
            theirs.close()
            os.close(script_fd)
        self.alive = True
        self._busy = False
        self._control.setblocking(False)
        loop.watch(self._control.fileno(), events.IN, self._receive)
        loop.on_exit(self.pid, self._ended)

    def submit(self, token, text):
        """Hands over the next text (bytes without NUL). The caller waits for one answer before the next."""
        if self._text_bytes > _KEPT_TEXT_BYTES:
            os.ftruncate(self._text_fd, 0)
        self._text_bytes = len(text)
        self.said = b""
        self._busy = True
        try:
            os.pwrite(self._text_fd, text + b"\0", 0)
            os.lseek(self._text_fd, 0, os.SEEK_SET)
            self._control.send(b"%0*d" % (_TOKEN_DIGITS, token))
        except OSError:
            self.kill()

    def kill(self):
        """Ends the process; `on_exit` follows."""
        if self.alive:
            send(self.pid, signal.SIGKILL)

    def directory(self, account):
        """The working directory as the kernel knows it, or None."""
        path = f"/proc/{self.pid}/cwd"
        try:
            if os.geteuid() != 0:
                return os.readlink(path)
            # Without the right to trace, root may not look at other users' processes; they may look at their own.
            os.setegid(account.gid)
            os.seteuid(account.uid)
            try:
                return os.readlink(path)
            finally:
                os.seteuid(0)
                os.setegid(0)
        except OSError:
            return None

    def _receive(self, _ready):
        try:
            data = self._control.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            # The shell closed it or became another program (`exec`), which may go on until its time is up.
            self._loop.unwatch(self._control.fileno())
            if not self._busy:
                self.kill()
            return
        self._received += data
        while self.alive:
            end = self._received.find(b"\0")
            if end < 0:
                break
            message = bytes(self._received[:end])
            del self._received[: end + 1]
            self._answer(message)
        if len(self._received) > _MAX_MESSAGE_BYTES:
            self.kill()

    def _answer(self, message):
        if message.startswith(b"S"):
            self.said = message[1:]
            return
        parts = message.split(b" ", 2)
        if len(parts) != 3 or not parts[0].isdigit() or not parts[1].isdigit():
            self.kill()
            return
        self._busy = False
        self._on_answer(int(parts[0]), int(parts[1]), os.fsdecode(parts[2]))

    def _ended(self, status):
        self.alive = False
        self._loop.unwatch(self._control.fileno())
        self._control.close()
        os.close(self._text_fd)
        self._on_exit(status)


def exit_code_of(wait_status):
    """An exit code in the shell's manner: 128 + signal for a killed process."""
    code = os.waitstatus_to_exitcode(wait_status)
    return 128 - code if code < 0 else code
