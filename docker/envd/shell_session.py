"""The agent's persistent shell: one command at a time, its output, its limits and its replacement."""

import fcntl
import os
import signal
import struct
import termios

import loop as events
from commands import Stream
from deadline import Deadline
from errors import WireError
from output import OutputBuffer
from resident_bash import SHELL, ResidentBash, exit_code_of

_PIPE_BYTES = 1 << 20
_READ_BYTES = 256 << 10
_GIVE_UP_SECONDS = 2.0
_DYING_SECONDS = 1.0
_FIRST_ROUND_SECONDS = 0.02
_LAST_ROUND_SECONDS = 0.3
_LAST_TOKEN = 10**8 - 1
# More than the longest command that counts when it is repeated.
_LAST_ACTION_CHARACTERS = 20
_RESTART_SECONDS = (0.0, 0.1, 0.5, 2.0)
# Output that background jobs write while no command runs is kept for the next one, read at a bounded rate.
_IDLE_KEPT_BYTES = 64 << 10
_IDLE_BURST_BYTES = 1 << 20
_IDLE_PAUSE_SECONDS = 0.1


class ShellSession:
    """Owns the shell process and the pipe that everything in it writes to."""

    def __init__(self, loop, accounts, env, workspace, limits, processes, checker, commands, tools, logs):
        self._loop = loop
        self._agent = accounts.agent
        self._base_env = env
        self._env = dict(env)
        self._workspace = workspace
        self._limits = limits
        self._processes = processes
        self._checker = checker
        self._commands = commands
        self._tools = tools
        self._logs = logs
        self._token = 0
        self._bash = None
        self._ready = False
        self._restarts = 0
        self._restarted = False
        self.current = None
        self.cwd = workspace if os.path.isdir(workspace) else self._agent.home
        self._rounds = None
        self._give_up = None
        self._read_fd, self._write_fd = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._read_fd, False)
        accounts.agent.own(self._write_fd)
        try:
            fcntl.fcntl(self._write_fd, 1031, _PIPE_BYTES)
        except OSError:
            pass
        self._chunk = bytearray(_READ_BYTES)
        self._view = memoryview(self._chunk)
        self._idle = self._new_idle()
        self._idle_bytes = 0
        self._listening = False
        self._listen()
        self._start()

    @property
    def pid(self):
        return self._bash.pid if self._bash is not None else None

    def run(self, command, timeout_seconds, silence_seconds):
        """Starts a command; its result goes to the registry."""
        self.current = command
        self._commands.add(command)
        if timeout_seconds is not None:
            command.limit = Deadline(self._loop, timeout_seconds, lambda: self.end("timed_out"))
        if silence_seconds is not None:
            command.silence_seconds = silence_seconds
            command.silence = Deadline(self._loop, silence_seconds, lambda: self.end("no_output_timeout"))
        if command.syntax_check:
            self._checker.check(command.text, lambda errors: self._checked(command, errors))
        else:
            self._checked(command, None)

    def end(self, reason):
        """Ends the running command: `timed_out`, `no_output_timeout` or `interrupted`."""
        command = self.current
        if command is None or command.ending is not None:
            return
        command.ending = reason
        for deadline in command.deadlines():
            deadline.cancel()
        if not command.sent:
            self._checker.cancel()
            self._finish(reason, None)
            return
        self._give_up = self._loop.after(_GIVE_UP_SECONDS, self._replace)
        self._round(_FIRST_ROUND_SECONDS)

    def restart(self, cwd, env, kill_all):
        """A fresh shell in `cwd`; `env` (None: unchanged) is added to the environment of this and later shells."""
        if env is not None:
            self._env = {**self._base_env, **env}
        self.cwd = cwd
        command = self.current
        if command is not None:
            command.ending = "interrupted"
            if not command.sent:
                self._checker.cancel()
        old, self._bash = self._bash, None
        if old is not None and old.alive:
            old.kill()
        if kill_all is not None:
            kill_all()
        if command is not None:
            self._drain()
            self._finish("interrupted", None, shell_restarted=True)
        self._drain()
        self._idle = self._new_idle()
        self._restarted = False
        self._restarts = 0
        self._start()

    def pause(self):
        if self.current is not None:
            for deadline in self.current.deadlines():
                deadline.pause()

    def resume(self):
        if self.current is not None:
            for deadline in self.current.deadlines():
                deadline.resume()

    def directory(self):
        """Where the shell is; asked from the kernel while a command runs."""
        if self.current is not None and self._bash is not None:
            return self._bash.directory(self._agent) or self.cwd
        return self.cwd

    def place(self):
        """What every result says about where the agent is."""
        return {"cwd": self.cwd, "open_file": self._tools.open_file}

    def stream(self, connection, command):
        command.streams.append(Stream(self._loop, connection, command.id, command.output.total_bytes))

    def new_output(self, command_keeps, opened):
        """An output buffer whose log, if one is needed, is announced through `opened(path)`."""

        def open_log():
            log = self._logs.create()
            if log is not None:
                opened(log.path)
            return log

        return OutputBuffer(command_keeps[0], command_keeps[1], open_log)

    # -- the command in progress

    def _checked(self, command, errors):
        if command is not self.current or command.ending is not None:
            return
        if errors is not None:
            command.output.write(errors)
            self._finish("syntax_error", None)
            return
        if command.check_only:
            self._finish("exited", 0)
            return
        data = command.data()
        self._unblock()
        kept, _omitted, _at = self._idle.kept()
        if kept and not command.aside:
            command.output.write(kept)
            self._idle = self._new_idle()
        if not self._listening:
            self._listen()
        self._token = self._token % _LAST_TOKEN + 1
        command.token = self._token
        command.moment = self._processes.now()
        command.sent = True
        if self._bash is not None and self._ready:
            self._bash.submit(command.token, data)

    def _answered(self, token, status, directory):
        if directory.startswith("/"):
            self.cwd = directory
        command = self.current
        if token == 0 and not self._ready:
            self._ready = True
            self._restarts = 0
            if command is not None and command.sent and command.ending is None:
                command.moment = self._processes.now()
                self._bash.submit(command.token, command.data())
        elif command is not None and command.sent and token == command.token:
            if command.ending is None:
                self._drain()
                if command.aside:
                    command.output.write(self._bash.said)
                self._finish("exited", status)
            else:
                self._stop_ending()
                self._processes.when_gone(command.killed, _DYING_SECONDS, lambda: self._ended(command, status))

    def _ended(self, command, status):
        # The shell may have come to its end as well meanwhile, which has been answered then.
        if command is self.current:
            self._drain()
            self._finish(command.ending, status)

    def _stop_ending(self):
        for timer in (self._rounds, self._give_up):
            if timer is not None:
                timer.cancel()

    def _finish(self, status, exit_code, shell_restarted=False):
        command, self.current = self.current, None
        for deadline in command.deadlines():
            deadline.cancel()
        self._stop_ending()
        command.output.close()
        body, omitted, at = command.output.kept()
        if status == "exited" and not command.check_only and not command.aside:
            self._tools.last_action = command.text.strip()[:_LAST_ACTION_CHARACTERS]
        header = {
            "status": status,
            "exit_code": exit_code,
            "duration_ms": command.elapsed_ms(),
            "output_bytes": command.output.total_bytes,
            "omitted_bytes": omitted,
            "omitted_at": at,
            "log_path": command.log_path,
            "requests": command.requests,
            **self.place(),
            "shell_restarted": shell_restarted or self._restarted,
        }
        self._restarted = False
        self._commands.finish(command, header, body)

    def _round(self, wait):
        # Killing what runs lets the shell go on in its list, so there may be more to kill soon.
        if self._bash is not None:
            self.current.killed |= self._processes.kill_since(self.current.moment, self._bash.pid)
        self._rounds = self._loop.after(wait, lambda: self._round(min(wait * 2, _LAST_ROUND_SECONDS)))

    def _replace(self):
        self._rounds.cancel()
        if self._bash is not None:
            self.cwd = self._bash.directory(self._agent) or self.cwd
            self._bash.kill()
            if self._processes.crowded():
                self._processes.signal_all(signal.SIGKILL)
        else:
            self._drain()
            self._finish("interrupt_failed", None, shell_restarted=True)

    # -- the shell process

    def _start(self):
        self._ready = False
        cwds = [self.cwd, self._workspace, self._agent.home, "/"]
        try:
            self._bash = ResidentBash(
                self._loop,
                SHELL,
                self._agent,
                self._env,
                cwds,
                self._write_fd,
                self._limits,
                self._answered,
                self._exited,
            )
        except OSError:
            self._bash = None
            self._start_later()

    def _start_later(self):
        self._restarts = min(self._restarts + 1, len(_RESTART_SECONDS) - 1)
        self._loop.after(_RESTART_SECONDS[self._restarts], lambda: self._bash or self._start())

    def _exited(self, wait_status):
        if self._bash is None or self._bash.alive:
            return
        self._bash = None
        command = self.current
        if not self._ready and self._restarts:
            self._start_later()
        else:
            self._restarts = 0 if self._ready else 1
            self._start()
        if command is None or not command.sent:
            self._restarted = True
            return
        self._drain()
        if command.ending is not None:
            self._finish("interrupt_failed", None, shell_restarted=True)
        else:
            self._finish("shell_exited", exit_code_of(wait_status), shell_restarted=True)

    # -- output

    def _new_idle(self):
        return OutputBuffer(_IDLE_KEPT_BYTES, _IDLE_KEPT_BYTES)

    def _readable(self, _ready):
        self._take(_READ_BYTES)
        if self.current is None and self._idle_bytes >= _IDLE_BURST_BYTES:
            self._loop.unwatch(self._read_fd)
            self._listening = False
            self._loop.after(_IDLE_PAUSE_SECONDS, self._listen)

    def _listen(self):
        self._idle_bytes = 0
        if not self._listening:
            self._listening = True
            self._loop.watch(self._read_fd, events.IN, self._readable)

    def _take(self, most):
        """Reads once; returns how much there was."""
        try:
            size = os.readv(self._read_fd, [self._view[:most]])
        except (BlockingIOError, InterruptedError):
            return 0
        data = self._view[:size]
        command = self.current
        if command is None or not command.sent or command.aside:
            self._idle.write(data)
            self._idle_bytes += size
            return size
        command.output.write(data)
        if command.silence is not None and command.ending is None:
            command.silence.extend(command.silence_seconds)
        for stream in command.streams:
            stream.write(data)
        return size

    def _drain(self):
        """Takes what is in the pipe now and no more: somebody else may go on writing."""
        left = struct.unpack("i", fcntl.ioctl(self._read_fd, termios.FIONREAD, b"\0\0\0\0"))[0]
        while left > 0:
            size = self._take(min(left, _READ_BYTES))
            if not size:
                return
            left -= size

    def _unblock(self):
        # A program may have made the shared pipe non-blocking, which would fail the writes of the next one.
        flags = fcntl.fcntl(self._write_fd, fcntl.F_GETFL)
        if flags & os.O_NONBLOCK:
            fcntl.fcntl(self._write_fd, fcntl.F_SETFL, flags & ~os.O_NONBLOCK)


def parse_keep(header, streams=1):
    """keep_bytes of a request as (head, tail), refused when a reply could not carry them."""
    keep = header.get("keep_bytes")
    if keep is None:
        keep = {"head": 65536, "tail": 65536}
    if not isinstance(keep, dict):
        raise WireError("bad_request", "keep_bytes must be an object")
    sizes = []
    for name in ("head", "tail"):
        value = keep.get(name, 65536)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise WireError("bad_request", f"keep_bytes.{name} must be a whole number that is not negative")
        sizes.append(value)
    most = (4 << 20) // streams
    if sum(sizes) > most:
        raise WireError("bad_request", f"keep_bytes must not be more than {most} together")
    return tuple(sizes)
