"""Programs run outside the shell, for evaluation and set-up."""

import fcntl
import os
import signal
import struct
import termios

import kernel
import loop as events
from commands import Command
from deadline import Deadline
from errors import WireError, count, field, plain, text, variables
from environment import program_environment
from output import OutputBuffer
from processes import send
from resident_bash import exit_code_of
from shell_session import parse_keep
from spawn import reset_signals, spawn

_READ_BYTES = 256 << 10
_GIVE_UP_SECONDS = 2.0


class Programs:
    """The `exec` operation."""

    def __init__(self, loop, accounts, limits, processes, commands, session):
        self._loop = loop
        self._accounts = accounts
        self._limits = limits
        self._processes = processes
        self._commands = commands
        self._session = session

    def execute(self, connection, header, body):
        """Starts a program, or attaches to the one of that id. The reply comes when it ended."""
        command_id = text(header, "command_id")
        if self._commands.known(command_id):
            self._commands.attach(connection, header["id"], command_id)
            return
        argv = field(header, "argv", list)
        if not argv or not all(isinstance(arg, str) for arg in argv):
            raise WireError("bad_request", "argv must be a list of strings, the program first")
        account = self._accounts.get(text(header, "user", "agent"))
        if account is None:
            raise WireError("bad_request", "user must be agent, evaluator or root")
        for value in argv:
            plain(value, "argv")
        env = variables(header, "env")
        cwd = text(header, "cwd", self._session.cwd)
        if not os.path.isdir(cwd):
            raise WireError("no_such_file", f"there is no directory {cwd}")
        if count(header, "stdin_bytes", len(body)) != len(body):
            raise WireError("bad_request", "stdin_bytes must be the size of the body")
        timeout_ms = count(header, "timeout_ms", None)
        merge = field(header, "merge_stderr", bool, False)
        keep = parse_keep(header, 1 if merge else 2)
        program = Program(self, command_id, account, keep, merge)
        program.start(argv, cwd, {**program_environment(account), **env}, body)
        program.wait(connection, header["id"])
        self._commands.add(program)
        if timeout_ms is not None:
            program.limit = Deadline(self._loop, timeout_ms / 1000, lambda: program.end("timed_out"))

    def finished(self, program, header, body):
        self._commands.finish(program, {**header, "requests": [], **self._session.place()}, body)


class Program(Command):
    """One `exec`, below a supervisor that inherits all its orphans and so can tell the whole tree."""

    def __init__(self, programs, command_id, account, keep, merge):
        super().__init__(command_id)
        self.account = account
        self.limit = None
        self._programs = programs
        self._loop = programs._loop
        self._processes = programs._processes
        self._keep = keep
        self._outputs = []
        self._merge = merge
        self._ending = None
        self._give_up = None
        # Without a report the supervisor itself was killed, and everything below it.
        self._exit_code = 137
        self._status_fd = None
        self._supervisor = None

    def start(self, argv, cwd, env, stdin):
        self._processes.prepare_for(self.account)
        fds = [os.memfd_create("stdin", os.MFD_CLOEXEC) if stdin else os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)]
        try:
            if stdin:
                os.write(fds[0], stdin)
                os.lseek(fds[0], 0, os.SEEK_SET)
            for _stream in range(1 if self._merge else 2):
                output = _Output(self._loop, self._keep, self.account)
                self._outputs.append(output)
                fds.append(output.write_fd)
            self._status_fd, status_write = os.pipe2(os.O_CLOEXEC)
            fds.append(status_write)
            targets = {0: fds[0], 1: fds[1], 2: fds[1] if self._merge else fds[2]}
            limits = None if self.account.name == "root" else self._programs._limits
            self._supervisor = os.fork()
            if self._supervisor == 0:
                _supervise(
                    status_write, set(fds), lambda: spawn(argv, self.account.become, env, targets, [cwd], limits)
                )
        except OSError:
            for output in self._outputs:
                output.close()
            raise
        finally:
            for fd in fds:
                os.close(fd)
        self._processes.add_helper(self._supervisor, runs_agent=self.account.name == "agent")
        self._loop.on_exit(self._supervisor, lambda _status: self._finish())
        self._loop.watch(self._status_fd, events.IN, self._reported)

    def end(self, reason):
        """Kills the program and everything it started."""
        if self._ending is None and self._status_fd is not None:
            self._ending = reason
            self._kill_below()

    def pause(self):
        if self.limit is not None and self.account.name == "agent":
            self.limit.pause()

    def resume(self):
        if self.limit is not None:
            self.limit.resume()

    def _reported(self, _ready):
        data = os.read(self._status_fd, 4)
        self._loop.unwatch(self._status_fd)
        os.close(self._status_fd)
        self._status_fd = None
        if len(data) == 4:
            self._exit_code = exit_code_of(struct.unpack("i", data)[0])
        for output in self._outputs:
            output.drain()
        # What the program left behind ends with it; the supervisor goes when nothing is left.
        if self._give_up is None and self._processes.has_below(self._supervisor):
            self._kill_below()

    def _kill_below(self):
        self._give_up = self._loop.after(_GIVE_UP_SECONDS, lambda: send(self._supervisor, signal.SIGKILL))
        self._processes.kill_tree(self._supervisor, self.account)

    def _finish(self):
        self._processes.remove_helper(self._supervisor)
        if self._status_fd is not None:
            self._reported(events.IN)
        for timer in (self.limit, self._give_up):
            if timer is not None:
                timer.cancel()
        for output in self._outputs:
            output.close()
        kept = [output.buffer.kept() for output in self._outputs]
        stderr_body, stderr_omitted, stderr_at = kept[1] if len(kept) > 1 else (b"", 0, None)
        stdout_body, omitted, at = kept[0]
        header = {
            "status": self._ending or "exited",
            "exit_code": self._exit_code,
            "duration_ms": self.elapsed_ms(),
            "output_bytes": sum(output.buffer.total_bytes for output in self._outputs),
            "stdout_bytes": len(stdout_body),
            "stderr_bytes": len(stderr_body),
            "omitted_bytes": omitted,
            "omitted_at": at,
            "stderr_omitted_bytes": stderr_omitted,
            "stderr_omitted_at": stderr_at,
            "log_path": None,
            "shell_restarted": False,
        }
        self._programs.finished(self, header, stdout_body + stderr_body)


class _Output:
    """One output pipe of a program."""

    def __init__(self, loop, keep, account):
        self._loop = loop
        self.buffer = OutputBuffer(*keep)
        self._fd, self.write_fd = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._fd, False)
        account.own(self.write_fd)
        loop.watch(self._fd, events.IN, lambda _ready: self._take(_READ_BYTES))

    def drain(self):
        left = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, b"\0\0\0\0"))[0]
        while left > 0:
            size = self._take(left)
            if not size:
                return
            left -= size

    def close(self):
        self._loop.unwatch(self._fd)
        os.close(self._fd)

    def _take(self, most):
        try:
            data = os.read(self._fd, min(most, _READ_BYTES))
        except (BlockingIOError, InterruptedError):
            return 0
        if not data:
            self._loop.unwatch(self._fd)
        self.buffer.write(data)
        return len(data)


def _supervise(status_fd, fds, start):
    """Starts the program, reports its wait status and reaps its orphans until nothing is left. Never returns."""
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        reset_signals()
        kernel.close_all_but(fds)
        pid = start()
        kernel.close_all_but({status_fd})
        while True:
            ended, status = os.waitpid(-1, 0)
            if ended == pid:
                os.write(status_fd, struct.pack("i", status))
    except ChildProcessError:
        pass
    finally:
        os._exit(0)
