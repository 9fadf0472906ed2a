"""Finding, stopping and killing the agent's processes."""

import os
import select
import signal
import time

import kernel
import loop as events

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_HELPER_SECONDS = 0.5
_HELPER_TRIES = 5
_SCAN_ROUNDS = 100
# So many processes are no background jobs but something that multiplies: nothing of it is spared.
_CROWD = 200


class Process:
    """One line of the process table."""

    __slots__ = ("pid", "parent", "state", "started")

    def __init__(self, pid, parent, state, started):
        self.pid = pid
        self.parent = parent
        self.state = state
        self.started = started


class Moment:
    """A point in time that processes can be compared with: clock ticks since boot and the newest pid then."""

    __slots__ = ("ticks", "last_pid")

    def __init__(self, ticks, last_pid):
        self.ticks = ticks
        self.last_pid = last_pid

    def before(self, process):
        """Whether the process was started after this moment; pids decide within one tick."""
        if process.started != self.ticks:
            return process.started > self.ticks
        return self.last_pid is None or process.pid > self.last_pid


def read_processes():
    """The living processes by pid."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            process = read_process(int(name))
            if process is not None:
                table[process.pid] = process
    return table


def read_process(pid):
    """One process, or None when it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            line = file.read()
    except OSError:
        return None
    fields = line[line.rindex(b")") + 2 :].split()
    state = fields[0]
    return None if state in (b"Z", b"X") else Process(pid, int(fields[1]), state, int(fields[19]))


class Processes:
    """
    What runs below the daemon, apart from its own helpers. Orphans come to the daemon (it is PID 1 or a subreaper), so
    descent from it finds double-forked processes too. In a pid namespace of its own the daemon signals all processes
    of the agent's user with one system call, which nothing that forks can outrun.
    """

    def __init__(self, loop, account, whole_user):
        self._loop = loop
        self._account = account
        self._helpers = set()
        self._programs = set()
        self._loadavg_fd = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
        self._whole_user = whole_user
        self._signallers = {}
        self._signaller = self._signaller_of(account)

    def add_helper(self, pid, runs_agent=False):
        """
        Exempts a process of the daemon's own, and what it starts. runs_agent: what it starts belongs to the agent.
        """
        self._helpers.add(pid)
        if runs_agent:
            self._programs.add(pid)

    def remove_helper(self, pid):
        self._helpers.discard(pid)
        self._programs.discard(pid)

    def now(self):
        ticks = int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS_PER_SECOND)
        try:
            last_pid = int(os.pread(self._loadavg_fd, 128, 0).split()[4])
        except (OSError, ValueError, IndexError):
            last_pid = None
        return Moment(ticks, last_pid)

    def agents(self):
        """What the agent's shell started and the shell: all below the daemon except helpers and what they started."""
        return descendants(read_processes(), os.getpid(), self._helpers)

    def signal_all(self, number):
        """Sends a signal to every process of the agent, programs started beside the shell included."""
        if number == signal.SIGCONT and self._signaller is not None and self._signaller.send(number):
            return
        if self._signaller is None or not self._signaller.send(signal.SIGSTOP):
            self._sweep(self._all_of_agent, number)
            return
        meant = {process.pid for process in self._all_of_agent()}
        for process in descendants(read_processes(), os.getpid(), ()):
            # Where the daemon is not root its helpers are of the agent's user and were stopped as well.
            send(process.pid, number if process.pid in meant else signal.SIGCONT)

    def _all_of_agent(self):
        table = read_processes()
        found = descendants(table, os.getpid(), self._helpers)
        for pid in self._programs:
            found += descendants(table, pid, ())
        return found

    def kill_since(self, moment, shell):
        """
        Kills what the agent started after the moment, except the shell's own process and what older background jobs
        have started since. Everything of the agent stands still meanwhile, so nothing escapes by forking. Returns
        their pids.
        """
        if self._signaller is None or not self._signaller.send(signal.SIGSTOP):
            self._sweep(self.agents, signal.SIGSTOP)
        table = read_processes()
        agents = descendants(table, os.getpid(), self._helpers)
        if len(agents) > _CROWD:
            spared = {shell}
        else:
            jobs = {process.pid for process in agents if process.pid != shell and not moment.before(process)}
            spared = {shell, *jobs, *(process.pid for job in jobs for process in descendants(table, job, ()))}
        for process in agents:
            send(process.pid, signal.SIGCONT if process.pid in spared else signal.SIGKILL)
        if self._signaller is not None:
            # Programs started beside the shell were stopped as well.
            self._signaller.send(signal.SIGCONT)
        return {process.pid for process in agents} - spared

    def crowded(self):
        """Whether the agent has more processes than any honest work needs."""
        return len(self.agents()) > _CROWD

    def kill_tree(self, root, account):
        """
        Kills everything below a process (not itself); what is below runs as the account, which stands still
        meanwhile.
        """
        signaller = self._signaller_of(account)
        stopped = signaller is not None and signaller.send(signal.SIGSTOP)
        self._sweep(lambda: descendants(read_processes(), root, ()), signal.SIGKILL)
        if stopped:
            signaller.send(signal.SIGCONT)

    def when_gone(self, pids, seconds, call):
        """Calls once when these processes have ended, which takes a moment after a kill, or after so many seconds."""
        fds = set()

        def gone(fd):
            fds.discard(fd)
            self._loop.unwatch(fd)
            os.close(fd)
            if not fds:
                timer.cancel()
                call()

        def give_up():
            for fd in list(fds):
                gone(fd)

        for pid in pids:
            try:
                fd = os.pidfd_open(pid)
            except OSError:
                # It is gone, or the kernel is too old to tell.
                continue
            fds.add(fd)
            self._loop.watch(fd, events.IN, lambda _ready, fd=fd: gone(fd))
        if fds:
            timer = self._loop.after(seconds, give_up)
        else:
            call()

    def has_below(self, root):
        """Whether something runs below a process."""
        return bool(descendants(read_processes(), root, ()))

    def prepare_for(self, account):
        """Makes ready for killing what will run as the account, while there still is room for a process."""
        self._signaller_of(account)

    def kill_everything(self):
        """Kills all that runs below the daemon, helpers included."""
        for signaller in list(self._signallers.values()):
            signaller.send(signal.SIGKILL)
        self._sweep(lambda: descendants(read_processes(), os.getpid(), ()), signal.SIGKILL)

    def _signaller_of(self, account):
        if not self._whole_user or account.uid == 0:
            return None
        if account.uid not in self._signallers:
            self._signallers[account.uid] = Signaller(self._loop, account, self)
        return self._signallers[account.uid]

    def _sweep(self, find, number):
        """Signals what `find` finds until it finds nothing new. What is to be killed is first made to stand still."""
        if number == signal.SIGKILL:
            self._sweep(find, signal.SIGSTOP)
        done = set()
        for _round in range(_SCAN_ROUNDS):
            found = [process.pid for process in find() if process.pid not in done]
            if not found:
                return
            for pid in found:
                send(pid, number)
            done.update(found)


class Signaller:
    """
    Signals every process of one user at once. It needs a process that has become that user; a forked one waits, so that
    it is there even when the sandbox has no process left to give.
    """

    def __init__(self, loop, account, processes):
        self._loop = loop
        self._account = account
        self._processes = processes
        self._pid = None
        self._pipe = None
        self._fork()

    def send(self, number):
        """Returns whether the signal was sent. A helper that the agent hits first is replaced."""
        for _try in range(_HELPER_TRIES):
            if self._pid is None and not self._fork():
                return False
            sent = self._use(number)
            self._fork()
            if sent:
                return True
        return False

    def _use(self, number):
        pid, command_fd, answer_fd = self._pid, *self._pipe
        self._pid = None
        try:
            os.write(command_fd, bytes([number]))
            ready, _, _ = select.select([answer_fd], [], [], _HELPER_SECONDS)
            return bool(ready) and os.read(answer_fd, 1) == b"k"
        except OSError:
            return False
        finally:
            os.close(command_fd)
            os.close(answer_fd)
            send(pid, signal.SIGKILL)

    def _fork(self):
        command_read, command_write = os.pipe2(os.O_CLOEXEC)
        answer_read, answer_write = os.pipe2(os.O_CLOEXEC)
        try:
            pid = os.fork()
        except OSError:
            for fd in (command_read, command_write, answer_read, answer_write):
                os.close(fd)
            return False
        if pid == 0:
            self._wait_and_signal(command_read, answer_write)
        os.close(command_read)
        os.close(answer_write)
        self._pid, self._pipe = pid, (command_write, answer_read)
        self._processes.add_helper(pid)
        self._loop.on_exit(pid, lambda _status: self._processes.remove_helper(pid))
        return True

    def _wait_and_signal(self, command_fd, answer_fd):
        try:
            kernel.close_all_but({command_fd, answer_fd})
            signal.set_wakeup_fd(-1)
            command = os.read(command_fd, 1)
            if command:
                self._account.become()
                try:
                    os.kill(-1, command[0])
                except ProcessLookupError:
                    pass
                os.write(answer_fd, b"k")
        finally:
            os._exit(0)


def descendants(table, root, without):
    """The processes below `root`, apart from the subtrees of `without`."""
    children = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    found = []
    open_pids = [root]
    while open_pids:
        for process in children.get(open_pids.pop(), ()):
            if process.pid not in without:
                found.append(process)
                open_pids.append(process.pid)
    return found


def send(pid, number):
    """Signals one process; returns whether it existed."""
    try:
        os.kill(pid, number)
        return True
    except (ProcessLookupError, PermissionError):
        return False
