"""The error a request is answered with."""

import errno

_CODES = {
    errno.ENOENT: "no_such_file",
    errno.ENOTDIR: "no_such_file",
    errno.EISDIR: "not_a_file",
    errno.ELOOP: "forbidden_path",
    errno.EFBIG: "too_large",
}


class WireError(Exception):
    """An error reply: one of the codes of WIRE.md and a sentence for people."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, error):
        """The error reply for an exception that an operation raised."""
        if isinstance(error, WireError):
            return error
        if isinstance(error, OSError):
            name = errno.errorcode.get(error.errno, "?")
            where = f": {error.filename}" if isinstance(error.filename, str) else ""
            return cls(_CODES.get(error.errno, "io_error"), f"{name} {error.strerror}{where}")
        return cls("internal", f"{type(error).__name__}: {error}")


def field(header, name, kinds, default=...):
    """The value of a request's field, checked against its types; bad_request when it is missing or of another type."""
    value = header.get(name, default)
    if value is ...:
        raise WireError("bad_request", f"the field {name} is missing")
    if value is default:
        return value
    if isinstance(value, bool) and bool not in (kinds if isinstance(kinds, tuple) else (kinds,)):
        raise WireError("bad_request", f"the field {name} must not be a boolean")
    if not isinstance(value, kinds):
        raise WireError("bad_request", f"the field {name} has the wrong type")
    return value


def count(header, name, default=..., most=1 << 53):
    """A non-negative whole number of a request."""
    value = field(header, name, int, default)
    if value is not default and not 0 <= value <= most:
        raise WireError("bad_request", f"the field {name} must be between 0 and {most}")
    return value


def text(header, name, default=...):
    """A string of a request that can be handed to the system: encodable, without NUL."""
    value = field(header, name, str, default)
    if value is not default:
        plain(value, name)
    return value


def variables(header, name):
    """Environment variables of a request: names of any form and texts, fit to be handed to the system."""
    values = field(header, name, dict, {})
    if not all(isinstance(value, str) and key and "=" not in key for key, value in values.items()):
        raise WireError("bad_request", f"{name} must map names to strings")
    for value in [*values, *values.values()]:
        plain(value, name)
    return values


def plain(value, name):
    """Refuses a string that no argument, path or command can carry."""
    if "\0" in value:
        raise WireError("bad_request", f"{name} holds a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise WireError("bad_request", f"{name} is not valid Unicode") from None
    return value
