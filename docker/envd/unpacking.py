"""Unpacking a tar archive that nobody vouches for."""

import os
import posixpath
import tarfile

from errors import WireError
from walking import enter, open_directory

_PIECE_BYTES = 8 << 20
_PIECE_ENTRIES = 100


def unpack(fd, root, account):
    """
    Unpacks the archive behind the descriptor below the directory (path components), everything owned by the account.
    All entries are looked at before the first is written: devices, set-id bits, and names or links that leave the
    root refuse the archive as a whole. Closes the descriptor. A task for the loop.
    """
    with os.fdopen(fd, "rb") as file:
        try:
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:") as archive:
                members = []
                files = set()
                for member in archive:
                    members.append((_checked_name(member, root, files), member))
                    if len(members) % _PIECE_ENTRIES == 0:
                        yield
                root_fd = open_directory(root, account)
                try:
                    yield from _Unpacking(file, root_fd, account).run(members)
                finally:
                    os.close(root_fd)
        except (tarfile.TarError, UnicodeError, ValueError) as error:
            raise WireError("bad_request", f"not a tar archive: {error}") from None
    return {"entries": len(members)}, b""


def _checked_name(member, root, files):
    """
    The entry's path components. `files` gathers what hard links may mean: regular files further up in the archive.
    """
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()) or member.issparse():
        raise WireError(
            "forbidden_path", f"the archive holds something that is no file, directory or link: {member.name}"
        )
    if member.mode & 0o6000 and not member.issym():
        raise WireError("forbidden_path", f"the archive holds a set-id file: {member.name}")
    parts = _inside(member.name)
    if member.isreg():
        files.add(tuple(parts))
    if member.islnk() and tuple(_inside(member.linkname)) not in files:
        raise WireError("forbidden_path", f"the archive holds a hard link to something outside of it: {member.name}")
    if member.issym():
        if not stays_inside(root, parts[:-1], member.linkname):
            raise WireError("forbidden_path", f"the archive holds a link that leaves the root: {member.name}")
    return parts


def stays_inside(root, directory, target):
    """Whether a link in that directory of the tree, read as text, points into the tree (root: path components)."""
    top = "/" + "/".join(root)
    place = posixpath.normpath(posixpath.join(top, *directory, target))
    return place == top or place.startswith(top.rstrip("/") + "/")


def _inside(name):
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise WireError("forbidden_path", f"the archive holds a path that leaves the root: {name}")
    return parts


class _Unpacking:
    def __init__(self, file, root_fd, account):
        self._file = file
        self._root_fd = root_fd
        self._account = account
        self._directories = []

    def run(self, members):
        for index, (parts, member) in enumerate(members):
            if index % _PIECE_ENTRIES == 0:
                yield
            if not parts:
                continue
            parent = self._directory(parts[:-1])
            try:
                if member.isdir():
                    os.close(enter(parent, parts[-1], self._account))
                    self._directories.append((parts, member))
                elif member.issym():
                    _clear(parent, parts[-1])
                    os.symlink(member.linkname, parts[-1], dir_fd=parent)
                    self._own_link(parent, parts[-1])
                elif member.islnk():
                    self._link(parent, parts[-1], _inside(member.linkname))
                else:
                    yield from self._write(parent, parts[-1], member)
            finally:
                os.close(parent)
        # Last, so that a directory that forbids writing still takes its entries.
        for parts, member in reversed(self._directories):
            fd = self._directory(parts)
            os.fchmod(fd, member.mode & 0o1777)
            os.utime(fd, (member.mtime, member.mtime))
            os.close(fd)

    def _directory(self, parts):
        fd = os.dup(self._root_fd)
        for part in parts:
            try:
                child = enter(fd, part, self._account)
            finally:
                os.close(fd)
            fd = child
        return fd

    def _write(self, parent, name, member):
        _clear(parent, name)
        out = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=parent)
        try:
            at, left = member.offset_data, member.size
            while left:
                size = os.sendfile(out, self._file.fileno(), at, min(left, _PIECE_BYTES))
                if not size:
                    raise WireError("bad_request", "the archive is cut off")
                at += size
                left -= size
                yield
            self._account.own(out)
            os.fchmod(out, member.mode & 0o1777)
            os.utime(out, (member.mtime, member.mtime))
        finally:
            os.close(out)

    def _link(self, parent, name, target):
        _clear(parent, name)
        source = self._directory(target[:-1])
        try:
            os.link(target[-1], name, src_dir_fd=source, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(source)

    def _own_link(self, parent, name):
        if os.geteuid() == 0:
            os.chown(name, self._account.uid, self._account.gid, dir_fd=parent, follow_symlinks=False)


def _clear(parent, name):
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        pass
