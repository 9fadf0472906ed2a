"""Whole trees as tar archives, out of the sandbox and back in."""

import collections
import os
import stat
import tarfile

from errors import WireError, count, field, text
from files import answering
from framing import MAX_BODY_BYTES
from unpacking import stays_inside, unpack
from walking import borrowed, enter, open_directory, split

_MAX_OPEN = 4
_PIECE_BYTES = 8 << 20
_PIECE_ENTRIES = 100
_BLOCK = 512
_MAX_TOLD = 1000


class Archives:
    """`archive`, `get_archive`, `unarchive`. The tar files have no name on the disk, so they end with the daemon."""

    def __init__(self, loop, accounts, directory):
        self._loop = loop
        self._accounts = accounts
        self._directory = directory
        self._made = collections.OrderedDict()
        self._uploads = {}

    def archive(self, connection, header, _body):
        root = split(text(header, "root"))
        most = count(header, "max_bytes", 1 << 53)
        self._loop.add_task(answering(connection, header["id"], self._make(root, most)))

    def get_archive(self, _connection, header, _body):
        archive_id = text(header, "archive_id")
        offset = count(header, "offset", 0)
        most = count(header, "max_bytes", MAX_BODY_BYTES, MAX_BODY_BYTES)
        fd = self._made.get(archive_id)
        if fd is None:
            raise WireError("no_such_file", f"there is no archive {archive_id}")
        size = os.fstat(fd).st_size
        data = os.pread(fd, most, offset)
        eof = offset + len(data) >= size
        if eof:
            os.close(self._made.pop(archive_id))
        return {"size": size, "eof": eof}, data

    def unarchive(self, connection, header, body):
        root = text(header, "root")
        offset = count(header, "offset", 0)
        account = self._accounts.get(text(header, "user", "agent"))
        if account is None:
            raise WireError("bad_request", "user must be agent, evaluator or root")
        parts = split(root)
        key = (connection, root)
        if offset == 0:
            self._drop(key)
            self._uploads[key] = self._new_file()
        fd = self._uploads.get(key)
        if fd is None or os.lseek(fd, 0, os.SEEK_END) != offset:
            self._drop(key)
            raise WireError("bad_request", f"the part at {offset} does not continue the archive")
        try:
            view = memoryview(body)
            while view:
                view = view[os.write(fd, view) :]
        except OSError:
            self._drop(key)
            raise
        if not field(header, "last", bool, True):
            return {"size": offset + len(body)}, b""
        self._loop.add_task(answering(connection, header["id"], unpack(self._uploads.pop(key), parts, account)))
        return None

    def leave(self, connection):
        for key in [key for key in self._uploads if key[0] is connection]:
            self._drop(key)

    def _drop(self, key):
        fd = self._uploads.pop(key, None)
        if fd is not None:
            os.close(fd)

    def _new_file(self):
        path = f"{self._directory}/{os.urandom(9).hex()}.tar"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.unlink(path)
        return fd

    def _make(self, root, most):
        fd = self._new_file()
        left_out = []
        try:
            yield from _write_tree(fd, root, self._accounts.agent, most, left_out)
        except BaseException:
            os.close(fd)
            raise
        archive_id = os.urandom(9).hex()
        self._made[archive_id] = fd
        while len(self._made) > _MAX_OPEN:
            os.close(self._made.popitem(last=False)[1])
        return {"archive_id": archive_id, "size": os.fstat(fd).st_size, "left_out": left_out[:_MAX_TOLD]}, b""


def _write_tree(out, root, agent, most, left_out):
    """
    Writes regular files, directories and links that stay inside (as links). What `unarchive` would refuse is left out
    and told: other links, sockets, pipes, devices, second names of other users' files. So is what is mounted below:
    whoever mounted it mounts it again. Set-id bits are dropped.
    """
    root_fd = open_directory(root)
    device = os.fstat(root_fd).st_dev
    stack = [(root_fd, "", sorted(os.listdir(root_fd), reverse=True))]
    written = 0
    entries = 0
    try:
        while stack:
            parent, prefix, names = stack[-1]
            if not names:
                os.close(parent)
                stack.pop()
                continue
            name = names.pop()
            entries += 1
            if entries % _PIECE_ENTRIES == 0:
                yield
            try:
                info = os.stat(name, dir_fd=parent, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if info.st_dev != device:
                left_out.append({"path": _shown(prefix + name), "reason": "mount"})
                continue
            entry = tarfile.TarInfo(prefix + name)
            entry.mode = stat.S_IMODE(info.st_mode) & 0o1777
            entry.uid, entry.gid, entry.mtime = info.st_uid, info.st_gid, int(info.st_mtime)
            if stat.S_ISDIR(info.st_mode):
                entry.type = tarfile.DIRTYPE
                written += _write_header(out, entry)
                child = enter(parent, name)
                stack.append((child, f"{prefix}{name}/", sorted(os.listdir(child), reverse=True)))
            elif stat.S_ISLNK(info.st_mode):
                entry.type = tarfile.SYMTYPE
                entry.linkname = os.readlink(name, dir_fd=parent)
                if not stays_inside(root, prefix.split("/")[:-1], entry.linkname):
                    left_out.append({"path": _shown(prefix + name), "reason": "link"})
                    continue
                written += _write_header(out, entry)
            elif stat.S_ISREG(info.st_mode) and not borrowed(info, agent):
                for size in _write_file(out, parent, name, entry, most - written):
                    written += size
                    yield
            else:
                reason = "link" if stat.S_ISREG(info.st_mode) else "special"
                left_out.append({"path": _shown(prefix + name), "reason": reason})
            if written > most:
                raise WireError("too_large", f"the archive would be larger than {most} bytes")
        os.write(out, bytes(2 * _BLOCK))
    finally:
        for parent, _prefix, _names in stack:
            os.close(parent)


def _shown(path):
    return os.fsencode(path).decode("utf-8", "replace")


def _write_header(out, entry):
    return os.write(out, entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))


def _write_file(out, parent, name, entry, most):
    """Copies a file in pieces; one that shrinks meanwhile is filled up with zeros, one that grows is cut."""
    source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
    try:
        info = os.fstat(source)
        if not stat.S_ISREG(info.st_mode):
            return
        entry.size = info.st_size
        if entry.size > most:
            raise WireError("too_large", "the tree is larger than max_bytes")
        yield _write_header(out, entry)
        left = entry.size
        while left:
            size = os.sendfile(out, source, None, min(left, _PIECE_BYTES))
            if not size:
                break
            left -= size
            yield size
        yield _fill(out, left + -entry.size % _BLOCK)
    finally:
        os.close(source)


def _fill(out, size):
    left = size
    while left:
        left -= os.write(out, bytes(min(left, 1 << 20)))
    return size
