"""The event loop: descriptors, timers, ended children and cooperative tasks, in one thread."""

import collections
import errno
import heapq
import os
import select
import signal
import sys
import time
import traceback

IN, OUT, HUP, ERR = select.EPOLLIN, select.EPOLLOUT, select.EPOLLHUP, select.EPOLLERR

# The kernel waits for 24 days at most, and a lifetime may be longer.
_LONGEST_WAIT_SECONDS = 3600.0


class Timer:
    """A call that is due once; `cancel` forgets it."""

    __slots__ = ("due", "call", "_loop")

    def __init__(self, loop, due, call):
        self._loop = loop
        self.due = due
        self.call = call

    def cancel(self):
        if self.call is not None:
            self.call = None
            self._loop.cancelled()

    def __lt__(self, other):
        return self.due < other.due


class Loop:
    """Waits for everything at once and calls back; a callback that raises is logged and ends nothing else."""

    def __init__(self):
        self._epoll = select.epoll()
        self._calls = {}
        self._timers = []
        self._cancelled = 0
        self._tasks = collections.deque()
        self._children = {}
        self._signals = {}
        self._running = False
        read_fd, write_fd = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._wakeup_fd = read_fd
        signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
        self.on_signal(signal.SIGCHLD, self._reap)
        self.watch(read_fd, IN, self._woken)

    def watch(self, fd, events, call):
        """Calls `call(events)` whenever the descriptor is ready for one of them."""
        self._calls[fd] = call
        try:
            self._epoll.register(fd, events)
        except FileExistsError:
            self._epoll.modify(fd, events)

    def change(self, fd, events):
        self._epoll.modify(fd, events)

    def unwatch(self, fd):
        if self._calls.pop(fd, None) is not None:
            try:
                self._epoll.unregister(fd)
            except OSError:
                pass

    def after(self, seconds, call):
        """Calls once after that many seconds."""
        timer = Timer(self, time.monotonic() + seconds, call)
        heapq.heappush(self._timers, timer)
        return timer

    def cancelled(self):
        """Sweeps out cancelled timers when they are most of what waits: their time may be hours away."""
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled * 2 > len(self._timers):
            self._timers = [timer for timer in self._timers if timer.call is not None]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def on_signal(self, number, call):
        self._signals[number] = call
        signal.signal(number, lambda *_: None)

    def on_exit(self, pid, call):
        """Calls `call(wait_status)` once that child has ended and was reaped."""
        self._children[pid] = call

    def add_task(self, steps):
        """Runs a generator piece by piece between events, so that long work holds nothing up."""
        self._tasks.append(steps)

    def stop(self):
        self._running = False

    def run(self):
        self._running = True
        while self._running:
            try:
                ready = self._epoll.poll(self._wait_seconds())
            except InterruptedError:
                continue
            for fd, events in ready:
                call = self._calls.get(fd)
                if call is not None:
                    self._guarded(call, events)
            if self._timers:
                self._fire()
            if self._tasks:
                self._step()

    def _wait_seconds(self):
        if self._tasks:
            return 0
        while self._timers and self._timers[0].call is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return -1
        return min(_LONGEST_WAIT_SECONDS, max(0.0, self._timers[0].due - time.monotonic()))

    def _fire(self):
        now = time.monotonic()
        while self._timers and (self._timers[0].call is None or self._timers[0].due <= now):
            timer = heapq.heappop(self._timers)
            call, timer.call = timer.call, None
            if call is not None:
                self._guarded(call)

    def _step(self):
        steps = self._tasks.popleft()
        try:
            next(steps)
        except StopIteration:
            return
        except Exception:  # a task answers its own errors; what arrives here is a defect of ours
            traceback.print_exc()
            return
        self._tasks.append(steps)

    def _woken(self, _events):
        try:
            numbers = set(os.read(self._wakeup_fd, 4096))
        except BlockingIOError:
            return
        for number in numbers:
            call = self._signals.get(number)
            if call is not None:
                call()

    def _reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except OSError as error:
                if error.errno == errno.ECHILD:
                    return
                raise
            if pid == 0:
                return
            call = self._children.pop(pid, None)
            if call is not None:
                self._guarded(call, status)

    def _guarded(self, call, *args):
        try:
            call(*args)
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
