"""A command for the agent's shell."""

import shlex

from commands import Command

# `$?` becomes again what the last command left.
_KEEP_STATUS = '__gs_return "$__gs_status"; '


class ShellCommand(Command):
    """A `run`."""

    def __init__(self, command_id, text, syntax_check, check_only, aside, exports):
        super().__init__(command_id)
        self.text = text
        self.output = None
        self.syntax_check = syntax_check or check_only
        self.check_only = check_only
        self.aside = aside
        self.exports = exports
        self.token = 0
        self.moment = None
        self.sent = False
        self.ending = None
        self.killed = set()
        self.limit = None
        self.silence = None
        self.silence_seconds = None
        self.log_path = None

    def data(self):
        """What bash is given: the text, which begins on the first line whatever is said before it."""
        text = f"{{ __gs_said=$( {self.text}\n); {_KEEP_STATUS}}} 2>/dev/null" if self.aside else self.text
        settings = "".join(f"builtin export {name}={_on_one_line(value)}; " for name, value in self.exports.items())
        # Tracing would show them.
        before = f"{{ {settings}{_KEEP_STATUS}}} 2>/dev/null; " if settings else ""
        return f"{before}{text}".encode("utf-8")

    def deadlines(self):
        return [deadline for deadline in (self.limit, self.silence) if deadline is not None]


def _on_one_line(value):
    """A word of the shell that means this value."""
    if "\n" not in value:
        return shlex.quote(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{escaped}'"
