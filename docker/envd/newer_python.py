"""
What an interpreter from 3.12 on and the linters of its day say where older ones speak otherwise: the recordings of
MLGym were made with those.
"""

import re

_TEXTS = {
    "non-default argument follows default argument": "parameter without a default follows parameter with a default",
    "f-string: empty expression not allowed": "f-string: valid expression required before '}'",
    "f-string: invalid syntax. Perhaps you forgot a comma?": "invalid syntax. Perhaps you forgot a comma?",
}
_NULL_BYTES = "source code string cannot contain null bytes"
_FORMATTED = re.compile(r"(?:[fF][rR]?|[rR][fF])['\"]")


def shown_warnings(caught, has_parsed):
    """
    The lines that the interpreter prints about its warnings while it parses; older ones only deprecate what these warn
    of, and go through a text with an error a second time.
    """
    lines = [line for entry in caught for line in _line_of(entry)]
    half = len(lines) // 2
    return lines[:half] if not has_parsed and lines[:half] == lines[half:] else lines


def syntax_error(error, lines):
    """The error that is raised for these lines in the place of another one, SyntaxError or ValueError."""
    if not isinstance(error, SyntaxError):
        return SyntaxError(_NULL_BYTES, ("<unknown>", 1, 1, None)) if "null bytes" in str(error) else error
    text = error.args[0]
    text = _TEXTS.get(text, text)
    if text.startswith("unterminated ") and _starts_formatted(error, lines):
        text = text.replace("string literal", "f-string literal")
    error.args = (text, *error.args[1:])
    return error


def teach(pyflakes_checker):
    """Makes older checkers of names ignore comments on types, and bind an annotated name after its value."""
    checker = pyflakes_checker.Checker
    if not hasattr(checker, "_handle_type_comments"):
        return
    checker._handle_type_comments = lambda self, node: None
    pyflakes_checker._collect_type_comments = lambda tree, tokens: {}
    value_after_name = checker.ANNASSIGN

    def name_after_value(self, node):
        target, node.target = node.target, None
        value_after_name(self, node)
        node.target = target
        self.handleNode(target, node)

    checker.ANNASSIGN = name_after_value


def _line_of(entry):
    category = entry.category.__name__
    if entry.category is DeprecationWarning:
        if not str(entry.message).startswith("invalid "):
            return []
        category = "SyntaxWarning"
    return [f"{entry.filename}:{entry.lineno}: {category}: {entry.message}"]


def _starts_formatted(error, lines):
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    return _FORMATTED.match(line, max(0, (error.offset or 1) - 1)) is not None
