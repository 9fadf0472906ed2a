"""Puts the parts together and answers what concerns the sandbox as a whole."""

import os
import re
import signal
import time

import kernel
from accounts import Accounts
from archives import Archives
from environment import program_environment, shell_environment
from commands import Commands
from errors import WireError, count, field, text, variables
from files import Files
from globbing import Globbing
from logs import LogDirectory
from loop import Loop
from processes import Processes
from programs import Programs
from server import Server
from shell_command import ShellCommand
from shell_session import ShellSession, parse_keep
from syntax import SyntaxChecker
from tools import Tools

_WIRE = 1
_DYING_SECONDS = 2.0
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Daemon:
    """envd."""

    def __init__(self, options):
        self._accounts = Accounts(options.agent_user, options.single_user)
        self._workspace = options.workspace
        self._instance = os.urandom(8).hex()
        self._started_at_ms = int(time.time() * 1000)
        self._frozen = False
        self._lifetime = None
        self.loop = Loop()
        os.makedirs(f"{options.tools}/logs", 0o755, exist_ok=True)
        agent = self._accounts.agent
        _make_workspace(self._workspace, agent)
        self._processes = Processes(self.loop, agent, _owns_namespace(options.single_user))
        checker = SyntaxChecker(
            self.loop, self._accounts.nobody, program_environment(self._accounts.nobody), self._processes
        )
        self._commands = Commands()
        self._tools = Tools(self.loop, self._accounts, self._processes, options.tools, f"{options.tools}/bin")
        logs = LogDirectory(f"{options.tools}/logs")
        env = shell_environment(agent, f"{options.tools}/bin")
        self._session = ShellSession(
            self.loop,
            self._accounts,
            env,
            self._workspace,
            options.limits,
            self._processes,
            checker,
            self._commands,
            self._tools,
            logs,
        )
        self._tools.serve(self._session)
        self._programs = Programs(
            self.loop, self._accounts, options.limits, self._processes, self._commands, self._session
        )
        self._files = Files(self.loop, self._accounts)
        self._globbing = Globbing(self.loop, self._accounts)
        self._archives = Archives(self.loop, self._accounts, options.run_dir)
        refused = set() if options.single_user else {agent.uid, self._accounts.get("evaluator").uid}
        self._server = Server(self.loop, options.socket, self._operations(), self._greeting, refused, self._left)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self._end)
        if options.lifetime_ms is not None:
            self._live(options.lifetime_ms)

    def _operations(self):
        return {
            "run": self._run,
            "attach": self._attach,
            "interrupt": self._interrupt,
            "ack": self._acknowledge,
            "state": self._state,
            "exec": self._programs.execute,
            "put": self._files.put,
            "get": self._files.get,
            "mkdir": self._files.mkdir,
            "remove": self._files.remove,
            "chmod": self._files.chmod,
            "list": self._files.list,
            "glob": self._globbing.glob,
            "archive": self._archives.archive,
            "get_archive": self._archives.get_archive,
            "unarchive": self._archives.unarchive,
            "tool": self._tools.tool,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "kill_agent": self._kill_agent,
            "reset_shell": self._reset_shell,
            "lifetime": self._set_lifetime,
            "shutdown": self._shut_down,
        }

    def _greeting(self):
        return {
            "wire": _WIRE,
            "instance": self._instance,
            "agent_uid": self._accounts.agent.uid,
            "started_at_ms": self._started_at_ms,
            "commands": self._commands.summary(),
        }

    def _left(self, connection):
        self._commands.leave(connection)
        self._files.leave(connection)
        self._archives.leave(connection)

    # -- commands

    def _run(self, connection, header, _body):
        command_id = text(header, "command_id")
        stream = field(header, "stream", bool, False)
        if self._commands.known(command_id):
            self._attach_to(connection, header["id"], command_id, stream)
            return
        source = text(header, "command")
        timeout_ms = count(header, "timeout_ms", None)
        silence_ms = count(header, "no_output_timeout_ms", None)
        check = field(header, "syntax_check", bool, True)
        check_only = field(header, "check_only", bool, False)
        aside = field(header, "aside", bool, False)
        exports = variables(header, "exports")
        if not all(_NAME.fullmatch(name) for name in exports):
            raise WireError("bad_request", "exports must have names that a shell takes")
        keep = parse_keep(header)
        if self._session.current is not None:
            raise WireError("busy", f"the shell runs the command {self._session.current.id}")
        if self._frozen:
            raise WireError("busy", "the agent is frozen")
        self._tools.set_variables(field(header, "variables", dict, {}))
        command = ShellCommand(command_id, source, check, check_only, aside, exports)
        command.output = self._session.new_output(keep, lambda path: setattr(command, "log_path", path))
        command.wait(connection, header["id"])
        if stream:
            self._session.stream(connection, command)
        self._session.run(
            command,
            None if timeout_ms is None else timeout_ms / 1000,
            None if silence_ms is None else silence_ms / 1000,
        )

    def _attach(self, connection, header, _body):
        self._attach_to(connection, header["id"], text(header, "command_id"), field(header, "stream", bool, False))

    def _attach_to(self, connection, request_id, command_id, stream):
        command = self._commands.attach(connection, request_id, command_id)
        if stream and isinstance(command, ShellCommand):
            self._session.stream(connection, command)

    def _interrupt(self, connection, header, _body):
        command_id = text(header, "command_id")
        command = self._commands.running(command_id)
        if command is None:
            if self._commands.known(command_id):
                return {}, b""
            raise WireError("unknown_command", f"there is no command {command_id}")
        connection.send({"id": header["id"], "ok": True})
        if isinstance(command, ShellCommand):
            self._session.end("interrupted")
        else:
            command.end("interrupted")

    def _acknowledge(self, _connection, header, _body):
        self._commands.acknowledge(text(header, "command_id"))
        return {}, b""

    def _state(self, _connection, _header, _body):
        shell = self._session.pid
        others = sum(process.pid != shell for process in self._processes.agents())
        place = {"cwd": self._session.directory(), "open_file": self._tools.open_file}
        return {**place, "shell_pid": shell, "processes": others}, b""

    # -- the sandbox

    def _freeze(self, _connection, _header, _body):
        if not self._frozen:
            self._frozen = True
            for command in self._commands.all_running():
                self._session.pause() if isinstance(command, ShellCommand) else command.pause()
            self._processes.signal_all(signal.SIGSTOP)
            self._tools.pause()
        return {}, b""

    def _thaw(self, _connection=None, _header=None, _body=None):
        if self._frozen:
            self._frozen = False
            self._processes.signal_all(signal.SIGCONT)
            self._tools.resume()
            for command in self._commands.all_running():
                self._session.resume() if isinstance(command, ShellCommand) else command.resume()
        return {}, b""

    def _kill_agent(self, connection, header, _body):
        self._frozen = False
        self._session.restart(self._session.directory(), None, lambda: self._processes.signal_all(signal.SIGKILL))
        self._tools.drop_callers()
        self._tools.resume()
        answer = {"id": header["id"], "ok": True}
        dying = {process.pid for process in self._processes.agents()} - {self._session.pid}
        self._processes.when_gone(dying, _DYING_SECONDS, lambda: connection.send(answer))

    def _reset_shell(self, _connection, header, _body):
        cwd = text(header, "cwd", self._workspace)
        env = variables(header, "env")
        if self._session.current is not None:
            raise WireError("busy", f"the shell runs the command {self._session.current.id}")
        self._thaw()
        self._tools.forget()
        self._tools.set_variables(env)
        self._session.restart(cwd, env, None)
        return {"cwd": cwd}, b""

    def _set_lifetime(self, _connection, header, _body):
        self._live(count(header, "ms"))
        return {}, b""

    def _live(self, milliseconds):
        if self._lifetime is not None:
            self._lifetime.cancel()
        self._lifetime = self.loop.after(milliseconds / 1000, self._end)

    def _shut_down(self, connection, header, _body):
        connection.send({"id": header["id"], "ok": True})
        self.loop.after(0, self._end)

    def _end(self):
        self._server.close()
        self._processes.kill_everything()
        self.loop.stop()


def _make_workspace(workspace, agent):
    """The shell starts there, also where the home directory begins as an empty file system."""
    os.makedirs(workspace, 0o755, exist_ok=True)
    # An engine that mounts data below it has made it as root.
    if os.geteuid() == 0 and os.lstat(workspace).st_uid == 0:
        os.chown(workspace, agent.uid, agent.gid, follow_symlinks=False)


def prepare_process():
    """What the daemon does to itself before anything else runs."""
    os.umask(0o022)
    kernel.close_all_but({0, 1, 2})
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.clear_inheritable_capabilities()
    kernel.write_oom_score(-900)
    if os.getpid() != 1:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def _owns_namespace(single_user):
    """
    Whether the pid namespace was made for this daemon, so that it may signal all processes of a user at once. Those
    include the daemon itself where it has no user of its own, unless it is process 1, which no signal from inside
    reaches.
    """
    if os.getpid() == 1:
        return True
    if single_user or os.getppid() != 1:
        return False
    with open("/proc/1/comm") as file:
        return file.read().strip() in ("bwrap", "docker-init", "tini", "dumb-init", "catatonit", "pause")
