"""The daemon's side of the SWE-agent commands: the tool host, the fast path, and the commands called in the shell."""

import collections
import os
import signal
import socket
import sys

import loop as events
from connection import Connection, peer_credentials
from deadline import Deadline
from errors import WireError, count, field, plain, text
from processes import send
from server import listen
from spawn import spawn

HOSTED = (
    *("open", "goto", "scroll_up", "scroll_down", "create", "state"),
    *("edit", "insert", "search_dir", "search_file", "find_file"),
)
REQUESTS = ("submit", "validate")
MEMORY = ("memory_write", "memory_read")
_MEMORY_MODEL = "/opt/gymsmith/models/all-MiniLM-L6-v2"
_VARIABLES = {"WINDOW": "window", "OVERLAP": "overlap", "QUIRKS": "quirks"}
_CALL_SECONDS = 25.0
_MAX_CALLERS = 64
_MAX_REQUESTS = 16
_CHANNEL_FD = 3
_TIMED_OUT = 124


class Call:
    """
    One call of a command, waiting or running. `stdin`: its text, None when nobody gave it one.
    `answer(exit_code, output, timed_out)` is called once.
    """

    def __init__(self, name, args, cwd, stdin, answer, seconds):
        self.name = name
        self.args = args
        self.cwd = cwd
        self.stdin = stdin
        self.answer = answer
        self.seconds = seconds
        self.limit = None
        self.late = False


class Tools:
    """Keeps the commands' state, so that the host can be replaced at any time, and hands calls over one by one."""

    def __init__(self, loop, accounts, processes, directory, commands_directory):
        self._loop = loop
        self._accounts = accounts
        self._processes = processes
        self._directory = directory
        self._state = {}
        self._calls = collections.deque()
        self._active = None
        self._paused = False
        self._host = None
        self._callers = {}
        self._session = None
        self.last_action = ""
        self._install(commands_directory)
        self._listener = listen(f"{directory}/tools.sock", 0o666)
        loop.watch(self._listener.fileno(), events.IN, self._accept)

    @property
    def open_file(self):
        return self._state.get("open_file")

    def serve(self, session):
        """Names the shell session whose directory and running command the calls belong to."""
        self._session = session

    def forget(self):
        """A new shell: no file is open any more."""
        self._state = {name: value for name, value in self._state.items() if name in _VARIABLES.values()}
        self.last_action = ""

    def pause(self):
        """Lets nothing more happen to files: calls wait, the one that runs stands still with its host."""
        self._paused = True
        if self._active is not None:
            self._active.limit.pause()
        if self._host is not None:
            self._host.signal(signal.SIGSTOP)

    def resume(self):
        """Ends a pause."""
        self._paused = False
        if self._host is not None:
            self._host.signal(signal.SIGCONT)
        if self._active is not None:
            self._active.limit.resume()
        self._next()

    def drop_callers(self):
        """Forgets what the agent's own processes have asked for."""
        for connection in list(self._callers):
            connection.close()

    def set_variables(self, variables):
        """
        WINDOW, OVERLAP and QUIRKS, strings of digits taken as numbers; LAST_ACTION, for what an agent did without this daemon.
        Others are ignored.
        """
        if isinstance(variables.get("LAST_ACTION"), str):
            self.last_action = variables["LAST_ACTION"]
        for name, key in _VARIABLES.items():
            value = variables.get(name)
            if isinstance(value, str) and value.isdigit() and len(value) < 10:
                value = int(value)
            least = 0 if name == "QUIRKS" else 1
            if isinstance(value, int) and not isinstance(value, bool) and least <= value < 10**9:
                self._state[key] = value

    def tool(self, connection, header, _body):
        """The fast path: runs a command in the shell's directory and answers with its output."""
        name = text(header, "name")
        args = field(header, "args", list, [])
        if not all(isinstance(arg, str) for arg in args):
            raise WireError("bad_request", "args must be strings")
        stdin = text(header, "stdin", None) or ""
        for arg in args:
            plain(arg, "args")
        self.set_variables(field(header, "variables", dict, {}))
        timeout_ms = count(header, "timeout_ms", int(_CALL_SECONDS * 1000))
        request_id = header["id"]

        def answer(exit_code, output, timed_out):
            place = self._session.place()
            connection.send(
                {
                    "id": request_id,
                    "ok": True,
                    "exit_code": exit_code,
                    "timed_out": timed_out,
                    "requests": [name] if name in REQUESTS else [],
                    **place,
                },
                output,
            )
            if not timed_out:
                # Only whether it was a bare scrolling matters.
                self.last_action = name if not args else ""

        if name in REQUESTS:
            answer(0, b"", False)
        elif name in HOSTED:
            if self._paused:
                raise WireError("busy", "the agent is frozen")
            self._add(Call(name, args, self._session.directory(), stdin.encode(), answer, timeout_ms / 1000))
        else:
            raise WireError("bad_request", f"there is no tool {name!r:.80}")

    # -- calls from the shell

    def _install(self, directory):
        """
        Puts the commands where the agent's shell finds them: one small client under most names, and the two of the memory.
        """
        os.makedirs(directory, 0o755, exist_ok=True)
        client = _source("tool_client.py").replace("/run/gymsmith-tools/tools.sock", f"{self._directory}/tools.sock")
        for name in (*HOSTED, *REQUESTS):
            _write_program(f"{directory}/{name}", f"#!{sys.executable} -IS\n{client}")
        model = os.environ.get("GYMSMITH_MEMORY_MODEL", _MEMORY_MODEL)
        memory = _source("memory_commands.py").replace(f'"{_MEMORY_MODEL}"', repr(model))
        # What runs a model is installed for the interpreter that the agent finds.
        interpreter = "/usr/bin/env python3" if os.path.isdir(model) else f"{sys.executable} -IS"
        for name in MEMORY:
            _write_program(f"{directory}/{name}", f"#!{interpreter}\n{memory}")

    def _accept(self, _ready):
        try:
            sock, _address = self._listener.accept()
        except OSError:
            return
        allowed = {self._accounts.agent.uid, 0}
        if peer_credentials(sock)[1] not in allowed or len(self._callers) >= _MAX_CALLERS:
            sock.close()
            return
        connection = Connection(self._loop, sock, self._called, self._hung_up)
        self._callers[connection] = None

    def _called(self, connection, header, body):
        name, args, cwd = header.get("name"), header.get("args"), header.get("cwd")
        valid = isinstance(args, list) and all(isinstance(arg, str) and "\0" not in arg for arg in args)
        if self._callers.get(connection) is not None or not valid or not isinstance(cwd, str) or "\0" in cwd:
            connection.close()
        elif name in REQUESTS:
            command = self._session.current
            if command is not None and len(command.requests) < _MAX_REQUESTS:
                command.requests.append(name)
            connection.send({"exit_code": 0})
        elif name in HOSTED:

            def answer(exit_code, output, timed_out):
                message = f"{name}: timed out\n".encode() if timed_out else output
                self._callers[connection] = None
                connection.send({"exit_code": exit_code}, message)

            stdin = None if header.get("lacks_text") is True else body
            call = Call(name, args, cwd, stdin, answer, _CALL_SECONDS)
            self._callers[connection] = call
            self._add(call)
        else:
            connection.close()

    def _hung_up(self, connection):
        call = self._callers.pop(connection, None)
        if call is None:
            return
        call.answer = lambda *_: None
        if call is self._active:
            self._host.kill()
        elif call in self._calls:
            self._calls.remove(call)

    # -- the host

    def _add(self, call):
        self._calls.append(call)
        self._next()

    def _next(self):
        if self._paused or self._active is not None or not self._calls:
            return
        call = self._active = self._calls.popleft()
        call.limit = Deadline(self._loop, call.seconds, lambda: self._too_long(call))
        try:
            if self._host is None:
                self._host = Host(self._loop, self._accounts, self._processes, self._answered, self._lost)
            self._host.send(
                {
                    "name": call.name,
                    "args": call.args,
                    "cwd": call.cwd,
                    "state": self._state,
                    "last_action": self.last_action,
                    "lacks_text": call.stdin is None,
                },
                call.stdin or b"",
            )
        except OSError as error:
            self._finish(126, f"{call.name}: {error.strerror}\n".encode())
        except ValueError:
            self._finish(126, f"{call.name}: the arguments are too long\n".encode())

    def _answered(self, header, body):
        self._state = header["state"]
        self._finish(header["exit_code"], body)

    def _too_long(self, call):
        call.late = True
        self._host.kill()

    def _lost(self):
        self._host = None
        if self._active is not None:
            late = self._active.late
            self._finish(_TIMED_OUT if late else 137, b"", late)

    def _finish(self, exit_code, output, timed_out=False):
        call, self._active = self._active, None
        if call is not None:
            call.limit.cancel()
            call.answer(exit_code, output, timed_out)
        self._next()


def _source(name):
    with open(os.path.join(os.path.dirname(os.path.realpath(__file__)), name), encoding="utf-8") as file:
        return file.read()


def _write_program(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o755)
    with os.fdopen(fd, "wb") as file:
        file.write(text.encode())
        os.fchmod(fd, 0o755)


class Host:
    """The tool host's process and the channel to it."""

    def __init__(self, loop, accounts, processes, on_answer, on_end):
        self._processes = processes
        self._on_answer = on_answer
        self._on_end = on_end
        ours, theirs = socket.socketpair()
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        directory = os.path.dirname(os.path.realpath(__file__))
        agent, nobody = accounts.agent, accounts.nobody
        argv = [sys.executable, "-I", "-S", f"{directory}/tool_host.py"]
        argv += ["--uid", str(agent.uid), "--gid", str(agent.gid), "--nobody", str(nobody.uid)]
        env = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": "/"}
        try:
            fds = {0: null, 1: null, 2: 2, _CHANNEL_FD: theirs.fileno()}
            self._pid = spawn(argv, lambda: None, env, fds, ["/"], None, 500)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(null)
        processes.add_helper(self._pid)
        loop.on_exit(self._pid, self._exited)
        self._connection = Connection(loop, ours, self._received, lambda _connection: self.kill())

    def send(self, header, body):
        self._connection.send(header, body)

    def kill(self):
        self.signal(signal.SIGKILL)

    def signal(self, number):
        send(self._pid, number)

    def _received(self, _connection, header, body):
        self._on_answer(header, body)

    def _exited(self, _status):
        self._processes.remove_helper(self._pid)
        self._connection.close()
        self._on_end()
