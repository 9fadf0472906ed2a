"""The linter: flake8's machinery kept in memory, or the compiler where there is no flake8."""

import ast
import collections
import io
import linecache
import os
import sys
import tokenize
import warnings

import newer_python

_SELECTED = ("F821", "F822", "F831", "E111", "E112", "E113", "E999", "E902")
_REMEMBERED = 8
# Names that every program has but a daemon started without `site` does not.
_NAMES_OF_SITE = ("copyright", "credits", "exit", "help", "license", "quit")


class Linter:
    """
    `lint(path, data)` gives the lines that `flake8 --isolated --select=... path` would print for these contents:
    warnings of the interpreter first, then errors. Loading takes a moment; `load` can be called ahead.
    """

    def __init__(self):
        self._flake8 = None
        self._loaded = False
        self._known = collections.OrderedDict()

    @property
    def loaded(self):
        return self._loaded

    def load(self):
        """Imports flake8 from where only root can write; nothing of the agent's is looked at."""
        if self._loaded:
            return
        self._loaded = True
        sys.path.extend(directory for directory in _site_directories() if directory not in sys.path)
        try:
            self._flake8 = _Flake8()
        except Exception:  # whatever an installed flake8 does wrong, edits go on with the compiler's verdict
            self._flake8 = None

    def lint(self, path, data):
        self.load()
        key = (path, data)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        lines = self._run(os.fsdecode(path), data)
        self._known[key] = lines
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return lines

    def _run(self, path, data):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DeprecationWarning)
            try:
                lines = self._flake8.check(path, data) if self._flake8 is not None else _compiled(path, data)
            except Exception:  # RecursionError and what else strange input provokes: no verdict
                return []
        return newer_python.shown_warnings(caught, not any(": E999 " in line for line in lines)) + lines


class _Flake8:
    """flake8 5 to 7 with its own options, plugins and decisions, fed from memory."""

    def __init__(self):
        import pycodestyle
        from flake8 import checker, processor
        from flake8.main.application import Application
        from pyflakes import checker as names

        self._contents = {}
        contents = self._contents
        read_lines = processor.FileProcessor.read_lines

        def read_given_lines(file_processor):
            data = contents.get(file_processor.filename)
            return read_lines(file_processor) if data is None else _decoded_lines(data)

        report = checker.FileChecker.report

        def report_selected(file_checker, error_code, line_number, column, text):
            # Whatever is reported has its `# noqa` looked up, for which the file is tokenized once more.
            code = error_code or text.split(" ", 1)[0]
            return report(file_checker, error_code, line_number, column, text) if code in _SELECTED else code

        processor.FileProcessor.read_lines = read_given_lines
        checker.FileChecker.report = report_selected
        self._app = Application()
        chosen = [f"--select={','.join(_SELECTED)}", f"--builtins={','.join(_NAMES_OF_SITE)}"]
        self._app.initialize(["--isolated", *chosen, "--jobs=1", "none.py"])
        self._errors = []
        self._app.guide.formatter = self
        for guide in self._app.guide.style_guides:
            guide.formatter = self
        newer_python.teach(names)
        self._only_indentation(pycodestyle)
        self._names_without_tokens()
        self._only_when_misindented(checker, processor, pycodestyle)

    def check(self, path, data):
        self._errors = []
        self._contents[path] = data
        # flake8 looks for `# noqa` there when it cannot tokenize the file.
        linecache.cache[path] = (len(data), None, _decoded_lines(data), path)
        manager = self._app.file_checker_manager
        try:
            self._app.options.filenames = [path]
            manager.start()
            manager.run()
            manager.report()
        finally:
            del self._contents[path]
            linecache.cache.pop(path, None)
        return self._errors

    def beginning(self, filename):
        """Part of flake8's formatter interface."""

    def finished(self, filename):
        """Part of flake8's formatter interface."""

    def handle(self, error):
        """Part of flake8's formatter interface."""
        self._errors.append(f"{error.filename}:{error.line_number}:{error.column_number}: {error.code} {error.text}")

    def _only_indentation(self, pycodestyle):
        # Of pycodestyle's many checks only this one gives selected codes; the others would take most of the time.
        manager = self._app.file_checker_manager
        names = (
            "logical_line",
            "previous_logical",
            "indent_char",
            "indent_level",
            "previous_indent_level",
            "indent_size",
        )

        def indentation(logical_line, previous_logical, indent_char, indent_level, previous_indent_level, indent_size):
            yield from pycodestyle.indentation(
                logical_line, previous_logical, indent_char, indent_level, previous_indent_level, indent_size
            )

        logical = [
            plugin._replace(obj=indentation, parameters=dict.fromkeys(names, True))
            for plugin in manager.plugins.logical_line
            if plugin.plugin.package == "pycodestyle"
        ]
        if len(logical) == 1:
            manager.plugins = manager.plugins._replace(logical_line=logical, physical_line=[])

    def _names_without_tokens(self):
        # Older ones are handed the tokens for the sake of comments on types.
        manager = self._app.file_checker_manager
        manager.plugins = manager.plugins._replace(tree=[_without_tokens(plugin) for plugin in manager.plugins.tree])

    @staticmethod
    def _only_when_misindented(checker, processor, pycodestyle):
        # Once a file has been parsed, the tokens can only tell that a line is indented by no multiple of four. Every
        # such line starts a statement, or goes with one that is indented alike (else, decorators).
        build_ast = processor.FileProcessor.build_ast
        process_tokens = checker.FileChecker.process_tokens

        def build_and_keep(file_processor):
            try:
                file_processor.envd_tree = build_ast(file_processor)
            except (SyntaxError, ValueError) as error:
                raise newer_python.syntax_error(error, file_processor.lines) from None
            return file_processor.envd_tree

        def process_if_needed(file_checker):
            lines = file_checker.processor.lines
            tree = getattr(file_checker.processor, "envd_tree", None)
            if tree is None or any(
                pycodestyle.expand_indent(lines[node.lineno - 1]) % 4
                for node in ast.walk(tree)
                if isinstance(node, ast.stmt)
            ):
                process_tokens(file_checker)

        processor.FileProcessor.build_ast = build_and_keep
        checker.FileChecker.process_tokens = process_if_needed


def _without_tokens(plugin):
    if "file_tokens" not in plugin.parameters:
        return plugin
    check = plugin.obj
    parameters = {name: required for name, required in plugin.parameters.items() if name != "file_tokens"}
    return plugin._replace(obj=lambda **arguments: check(file_tokens=(), **arguments), parameters=parameters)


def _compiled(path, data):
    """The compiler's verdict in flake8's form."""
    try:
        ast.parse(data)
    except (SyntaxError, ValueError) as error:
        error = newer_python.syntax_error(error, data.decode("utf-8", "replace").splitlines())
        return [f"{path}:{error.lineno or 1}:{(error.offset or 0) + 1}: E999 {type(error).__name__}: {error.args[0]}"]
    return []


def _decoded_lines(data):
    """The lines as flake8 reads them: by the file's declared encoding, else as Latin-1."""
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, line_buffering=True).readlines()
    except (SyntaxError, UnicodeError):
        return io.TextIOWrapper(io.BytesIO(data), encoding="latin-1").readlines()


def _site_directories():
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = []
    for base in (sys.prefix, "/usr", "/usr/local"):
        for part in (f"lib/{version}/site-packages", f"lib/{version}/dist-packages", "lib/python3/dist-packages"):
            directory = f"{base.rstrip('/')}/{part}"
            if directory not in found and _only_root_writes(directory):
                found.append(directory)
    return found


def _only_root_writes(directory):
    """
    Whether the agent cannot write to the directory or exchange it: read-only, or root's and nobody else's, all the
    way up.
    """
    path = os.path.realpath(directory)
    while True:
        try:
            info = os.stat(path)
            read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        except OSError:
            return False
        if not read_only and (info.st_uid != 0 or info.st_mode & 0o022):
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)
