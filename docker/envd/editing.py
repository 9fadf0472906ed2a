"""edit and insert, with the linter's veto."""

import os

from lint_filter import Unparsable, introduced
from tool_session import is_number, read_file
from window import Text, constrain, render, split_lines

_NO_FILE = "No file open. Use the `open` command first."
_UPDATED = (
    "File updated. Please review the changes and make sure they are correct "
    "(correct indentation, no duplicate lines, etc). Edit the file again if necessary."
)
_RULE = "-" * 49


class Editor:
    """The two commands; `linter.lint(path, data)` gives flake8's lines."""

    def __init__(self, linter):
        self._linter = linter

    def edit(self, session, args):
        if session.open_file is None:
            session.say(_NO_FILE)
            return 0
        fields = ((args[0] if args else "") + ":").split(":")
        usage = "Usage: edit <start_line>:<end_line>"
        first, last = fields[0], fields[1]
        if not first or not last:
            session.say(usage)
            return 0
        for name, word in (("start_line", first), ("end_line", last)):
            if not is_number(word):
                session.say(usage, f"Error: {name} must be a number")
                return 0
        numbers = _shell_numbers(session, "/home/agent/commands/edit_linting.sh", ((first, 53), (last, 54)))
        if numbers is None:
            return 1
        if session.stdin is None:
            return _refuse(session, "edit")
        change = _Change(session, self._linter)
        if not change.begin():
            return 1
        start, end = numbers
        if start == 0:
            # MLGym's function dies here and leaves its backup behind; recorded runs show the file.
            session.say("/home/agent/commands/edit_linting.sh: line 83: $start_line: substring expression < 0")
            return 1
        text = split_lines(session.stdin)
        count, before = len(text), start - 1
        old = change.old.lines
        change.apply(old[:before] + text + old[end:])
        return change.finish(
            errors=change.errors((start, end, count)),
            accepted_line=before,
            new_window=(count // 2 + before, count + 10),
            old_window=(int((end - before + 1) / 2) + before, end - before + 10),
            words=("edit", "editing the file", "edit", "start/end line arguments", "edit code"),
        )

    def insert(self, session, args):
        if session.open_file is None:
            session.say(_NO_FILE)
            return 0
        usage = "Usage: insert <line_number>"
        word = args[0].strip() if args else ""
        if not word:
            session.say(usage)
            return 0
        if not is_number(word):
            session.say(usage, "Error: line_number must be a number")
            return 0
        numbers = _shell_numbers(session, "/home/agent/commands/insert_linting.sh", ((word, 43),))
        if numbers is None:
            return 1
        if session.stdin is None:
            return _refuse(session, "insert")
        change = _Change(session, self._linter)
        if not change.begin():
            return 1
        line = numbers[0]
        text = split_lines(session.stdin)
        count = len(text)
        old = change.old.lines
        change.apply(old[:line] + text + old[line:])
        return change.finish(
            # With MLGym's bounds errors below the insertion are not moved down and count as new.
            errors=change.errors((line + 1, line + count if session.quirks else line, count)),
            accepted_line=line + 1,
            new_window=(line + count // 2, count + 10),
            old_window=(line, 10),
            words=("insertion", "inserting into the file", "insert", "line number argument", "insertion code"),
        )


class _Change:
    """A proposed change of the open file."""

    def __init__(self, session, linter):
        self._session = session
        self._linter = linter
        self._path = session.open_file
        self._backup = None
        self._old_data = b""
        self._new_data = b""
        self.old = Text(b"")
        self.new = Text(b"")

    def begin(self):
        """Reads the file and lays a copy beside it; says so and returns False when either is not possible."""
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
            self._old_data = read_file(self._path)
            directory, name = os.path.split(self._path)
            self._backup = os.path.join(directory, b"backup_" + name)
            _write(self._backup, self._old_data)
        except OSError:
            self._session.say(b"Error: You cannot edit read-only file " + self._path)
            return False
        self.old = Text(self._old_data)
        return True

    def apply(self, lines):
        self._new_data = b"".join(line + b"\n" for line in lines or [b""])
        self.new = Text(self._new_data)

    def errors(self, bounds):
        """What the linter says about the new contents and did not say about the old ones."""
        if not self._path.endswith(b".py"):
            return []
        # A colon in it makes MLGym's filter stumble.
        path = self._path if self._session.quirks else self._path.replace(b":", b"_")
        try:
            found = self._linter.lint(path, self._new_data)
            # What was there only matters to what is there, and to a name that no line can be told of.
            before = self._linter.lint(path, self._old_data) if found or b":" in path else []
            return introduced(found, before, *bounds)
        except Unparsable as error:
            self._session.say("Traceback (most recent call last):", f"ValueError: {error}")
            return []

    def finish(self, errors, accepted_line, new_window, old_window, words):
        """
        Writes the file and shows it, or shows why not. words: the places where the texts of edit and insert differ.
        """
        session = self._session
        if errors:
            self._reject(errors, new_window, old_window, words)
        else:
            try:
                _write(self._path, self._new_data)
            except OSError as error:
                # A full disk must not cost the file: the copy is still there.
                self._restore()
                session.say(b"bash: " + self._path + b": " + error.strerror.encode())
                return 1
            session.line = constrain(accepted_line, session.window, len(self.new.lines))
            session.show(render(self._path, self.new, session.line, session.window))
            session.say(_UPDATED)
        _remove(self._backup)
        return 0

    def _reject(self, errors, new_window, old_window, words):
        noun, again, command, arguments, code = words
        say = self._session.say
        say(
            f"Your proposed {noun} has introduced new syntax error(s). "
            f"Please read this error message carefully and then retry {again}.",
            "ERRORS:",
        )
        say(*(f"- {problem}" for problem in errors))
        say(f"This is how your {noun} would have looked if applied", _RULE)
        self._show(self.new, *new_window)
        say(_RULE, f"This is the original code before your {noun}", _RULE)
        self._show(self.old, *old_window)
        say(
            _RULE,
            f"Your changes have NOT been applied. Please fix your {command} command and try again.",
            f"You either need to 1) Specify the correct {arguments} or 2) Correct your {code}.",
            f"DO NOT re-run the same failed {command} command. Running it again will lead to the same error.",
        )

    def _show(self, text, centre, size):
        self._session.show(render(self._path, text, constrain(centre, size, len(text.lines)), size))

    def _restore(self):
        try:
            _write(self._path, self._old_data)
        except OSError:
            return
        _remove(self._backup)


def _refuse(session, name):
    """A command whose text does not come would take none: `edit` would delete lines that it was to replace."""
    session.say(
        f"Malformed {name} command. Please ensure you use the `end_of_{name}` keyword to mark the end of your {name}."
    )
    return 1


def _shell_numbers(session, place, words):
    """
    Numbers as bash's arithmetic reads them: a leading zero means octal. None and a message when it cannot.
    words: each with the line of MLGym's file that reads it
    """
    numbers = []
    for word, line in words:
        digits = word[:18]
        if word.startswith("0") and any(digit in "89" for digit in word):
            session.say(f'{place}: line {line}: {word}: value too great for base (error token is "{word}")')
            return None
        numbers.append(int(digits, 8) if word.startswith("0") else int(digits))
    return numbers


def _write(path, data):
    """Overwrites in place: the file keeps its identity and its mode."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass
