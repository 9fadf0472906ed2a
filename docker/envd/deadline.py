"""Time limits that stand still while the agent is frozen."""

import time


class Deadline:
    """Calls once when `seconds` have passed, not counting pauses."""

    def __init__(self, loop, seconds, call):
        self._loop = loop
        self._call = call
        self._due = time.monotonic() + seconds
        self._left = None
        self._timer = loop.after(seconds, self._fired)

    def extend(self, seconds):
        """Moves it to that many seconds from now. Cheap: the timer in place fires early and looks again."""
        if self._left is not None:
            self._left = seconds
        else:
            self._due = time.monotonic() + seconds

    def pause(self):
        if self._left is None and self._timer is not None:
            self._timer.cancel()
            self._left = max(0.0, self._due - time.monotonic())

    def resume(self):
        if self._left is not None:
            self._due = time.monotonic() + self._left
            self._timer = self._loop.after(self._left, self._fired)
            self._left = None

    def cancel(self):
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._left = None

    def _fired(self):
        left = self._due - time.monotonic()
        if left > 0:
            self._timer = self._loop.after(left, self._fired)
        else:
            self._timer = None
            self._call()
