"""Finding syntax errors before anything runs."""

import os
import re

import loop as events
from resident_bash import CHECKER, ResidentBash, exit_code_of
from spawn import spawn

_CHECK_SECONDS = 10
_MAX_TEXT_BYTES = 64 << 10
_TOKENS = 10**8

_WORD = r"(?:[\w./,:@%+=\-]|'[^'\n]*'|\"[^\"$`\\!\n]*\")+"
_FIRST = (
    r"(?!(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|select|function|time|coproc|in)(?![\w./,:@%+\-]))"
    r"(?:[\w./,:@%+\-])+"
)
_REDIRECT = rf"(?:2>&1|>>? ?{_WORD})"
_SIMPLE = rf"{_FIRST}(?:[ \t]+(?:{_REDIRECT}|{_WORD}))*"
# One line of plain words, quoted strings and redirections, joined by | && || ; - never a syntax error. Blanks have one
# way to match at each place, or a line of many would take the daemon hours.
_SAFE = re.compile(rf"[ \t]*{_SIMPLE}(?:[ \t]*(?:\|\|?|&&|;)[ \t]*{_SIMPLE})*[ \t]*(?:;[ \t]*)?\n?")


class SyntaxChecker:
    """
    `check(text, done)` calls done(None) for a text that parses, else done(bash's own messages). A resident bash
    decides; only for a text with errors `/bin/bash -n` is run, which words them.
    """

    def __init__(self, loop, account, env, processes):
        self._loop = loop
        self._account = account
        self._env = env
        self._processes = processes
        self._bash = None
        self._token = 0
        self._done = None
        self._timer = None

    def check(self, text, done):
        if _SAFE.fullmatch(text):
            done(None)
            return
        data = text.encode("utf-8")
        self._token = self._token % (_TOKENS - 1) + 1
        self._done = lambda status: self._judged(status, data, done)
        try:
            if self._bash is None or not self._bash.alive:
                self._bash = self._start()
            self._bash.submit(self._token, data)
        except OSError:
            self._decide(None)
            return
        self._timer = self._loop.after(_CHECK_SECONDS, self._bash.kill)

    def cancel(self):
        """Forgets the check in progress."""
        if self._done is not None:
            self._done = None
            self._timer.cancel()
            self._bash.kill()

    def _start(self):
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        try:
            bash = ResidentBash(
                self._loop,
                CHECKER,
                self._account,
                self._env,
                ["/"],
                null,
                None,
                self._answered,
                lambda _: self._ended(bash),
            )
        finally:
            os.close(null)
        self._processes.add_helper(bash.pid)
        return bash

    def _answered(self, token, status, _directory):
        if token == self._token:
            self._decide(status)

    def _ended(self, bash):
        self._processes.remove_helper(bash.pid)
        if bash is self._bash:
            self._bash = None
            self._decide(None)

    def _decide(self, status):
        if self._timer is not None:
            self._timer.cancel()
        done, self._done = self._done, None
        if done is not None:
            done(status)

    def _judged(self, status, data, done):
        # Without a verdict the shell itself will find what is wrong.
        if not status:
            done(None)
        else:
            _Wording(self._loop, self._account, self._env, self._processes, data, done)


class _Wording:
    """One run of `/bin/bash -n`."""

    def __init__(self, loop, account, env, processes, data, done):
        self._loop = loop
        self._processes = processes
        self._done = done
        self._text = bytearray()
        self._status = None
        stdin = os.memfd_create("text", os.MFD_CLOEXEC)
        self._fd, output = os.pipe2(os.O_CLOEXEC)
        try:
            os.write(stdin, data if data.endswith(b"\n") else data + b"\n")
            os.lseek(stdin, 0, os.SEEK_SET)
            self._pid = spawn(["/bin/bash", "-n"], account.become, env, {0: stdin, 1: output, 2: output}, ["/"])
        except OSError:
            os.close(self._fd)
            done(None)
            return
        finally:
            os.close(stdin)
            os.close(output)
        processes.add_helper(self._pid)
        loop.watch(self._fd, events.IN, self._read)
        loop.on_exit(self._pid, self._ended)
        self._timer = loop.after(_CHECK_SECONDS, lambda: os.kill(self._pid, 9))

    def _read(self, _ready):
        data = os.read(self._fd, _MAX_TEXT_BYTES)
        self._text += data[: _MAX_TEXT_BYTES - len(self._text)]
        if not data:
            self._loop.unwatch(self._fd)
            os.close(self._fd)
            self._fd = None
            self._finish()

    def _ended(self, status):
        self._timer.cancel()
        self._processes.remove_helper(self._pid)
        self._status = exit_code_of(status)
        self._finish()

    def _finish(self):
        if self._fd is None and self._status is not None:
            failed = 0 < self._status < 128
            self._done(bytes(self._text) if failed else None)
