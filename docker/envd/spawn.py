"""Starting programs as one of the sandbox's users."""

import fcntl
import os
import resource
import signal

import kernel


class Limits:
    """Resource limits of what runs as `agent` or `evaluator`; None leaves a limit alone."""

    def __init__(self, nofile=None, nproc=None, fsize_bytes=None, core_bytes=0):
        self._values = {
            resource.RLIMIT_NOFILE: nofile,
            resource.RLIMIT_NPROC: nproc,
            resource.RLIMIT_FSIZE: fsize_bytes,
            resource.RLIMIT_CORE: core_bytes,
        }

    def apply(self):
        for kind, value in self._values.items():
            if value is None:
                continue
            _soft, hard = resource.getrlimit(kind)
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(kind, (value, value))


def spawn(argv, drop_rights, env, fds, cwds, limits=None, oom_score=300):
    """
    Forks and executes a program in its own session; returns its pid.

    drop_rights is called in the child before it leaves our hands; it becomes an account there, unless the program drops
    rights itself. fds maps the program's descriptors to ours, everything else is closed. The first of cwds that can be
    entered with the user's rights is the working directory. When the program cannot be started the child says why on
    its descriptor 2 and exits 126 or 127.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        reset_signals()
        os.setsid()
        place(fds)
        kernel.write_oom_score(oom_score)
        if limits is not None:
            limits.apply()
        drop_rights()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        _enter(cwds)
        os.umask(0o022)
        _execute(argv, env)
    finally:
        os._exit(127)


def reset_signals():
    """Undoes what the interpreter ignores and what the loop catches."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def place(fds):
    """Puts our descriptors where the program expects them."""
    high = {target: fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, 400) for target, source in fds.items()}
    for target, source in high.items():
        os.dup2(source, target, inheritable=True)


def _enter(cwds):
    reason = ""
    for directory in cwds:
        try:
            os.chdir(directory)
            return
        except OSError as error:
            reason = reason or f"envd: {directory}: {error.strerror}\n"
    os.write(2, reason.encode("utf-8", "replace"))
    os._exit(126)


def _execute(argv, env):
    name = argv[0]
    tries = (
        [name] if "/" in name else [f"{part}/{name}" for part in env.get("PATH", "").split(":") if part.startswith("/")]
    )
    code, reason = 127, "No such file or directory"
    for program in tries:
        try:
            os.execve(program, argv, env)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            code, reason = 126, error.strerror
    os.write(2, f"envd: {name}: {reason}\n".encode("utf-8", "replace"))
    os._exit(code)
