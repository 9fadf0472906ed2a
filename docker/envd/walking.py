"""Opening paths component by component, so that no symbolic link is ever followed."""

import os
import stat

from errors import WireError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def split(path):
    """The components of an absolute path; bad_request for any other, forbidden_path for one with `..`."""
    if not path.startswith("/"):
        raise WireError("bad_request", f"the path must be absolute: {path}")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise WireError("forbidden_path", f"the path must not hold '..': {path}")
    return parts


def open_directory(parts, make_for=None):
    """
    A descriptor of the directory. With make_for (an account) what is missing is made with mode 0755 for that user.
    forbidden_path when a component is a link, no_such_file when one is missing or no directory.
    """
    fd = os.open("/", _DIRECTORY)
    try:
        for part in parts:
            child = enter(fd, part, make_for)
            os.close(fd)
            fd = child
    except BaseException:
        os.close(fd)
        raise
    return fd


def enter(parent_fd, name, make_for=None):
    """A descriptor of one directory below another."""
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent_fd)
    except FileNotFoundError:
        if make_for is None:
            raise WireError("no_such_file", f"there is no directory {name}") from None
        os.mkdir(name, 0o755, dir_fd=parent_fd)
        fd = os.open(name, _DIRECTORY, dir_fd=parent_fd)
        os.fchmod(fd, 0o755)
        make_for.own(fd)
        return fd
    except OSError as error:
        # A link is reported as ELOOP or ENOTDIR, depending on the kernel.
        if is_link(parent_fd, name):
            raise WireError("forbidden_path", f"{name} is a symbolic link") from None
        if isinstance(error, NotADirectoryError):
            raise WireError("no_such_file", f"{name} is not a directory") from None
        raise


def open_parent(path, make_for=None):
    """(descriptor of the parent directory, last component). The root itself has none: forbidden_path."""
    parts = split(path)
    if not parts:
        raise WireError("forbidden_path", "the root directory cannot be meant")
    return open_directory(parts[:-1], make_for), parts[-1]


def open_file(parent_fd, name, path):
    """A regular file for reading. Links, and files of others that the agent may have linked here, are refused."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=parent_fd)
    except FileNotFoundError:
        raise WireError("no_such_file", f"there is no file {path}") from None
    except OSError as error:
        if is_link(parent_fd, name):
            raise WireError("forbidden_path", f"{path} is a symbolic link") from None
        if stat.S_ISSOCK(os.stat(name, dir_fd=parent_fd, follow_symlinks=False).st_mode):
            raise WireError("not_a_file", f"{path} is not a regular file") from None
        raise error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise WireError("not_a_file", f"{path} is not a regular file")
    return fd


def is_link(parent_fd, name):
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent_fd, follow_symlinks=False).st_mode)
    except OSError:
        return False


def borrowed(info, agent):
    """
    Whether a file may be a second name for somebody else's file: an agent that can make hard links to what it cannot
    read must not get it out through the daemon's rights.
    """
    return info.st_nlink > 1 and info.st_uid != agent.uid and stat.S_ISREG(info.st_mode)
