"""Single files and directories: put, get, mkdir, remove, chmod, list."""

import os
import stat

from errors import WireError, count, field, text
from framing import MAX_BODY_BYTES
from walking import borrowed, enter, is_link, open_directory, open_file, open_parent, split

_MAX_LISTED = 5000
_REMOVE_PIECE = 200
# What lies deeper is first moved up: a tree can have more levels than the daemon may have descriptors.
_MAX_DEPTH = 200
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link"}


class Files:
    """Runs with root's rights and therefore follows no link."""

    def __init__(self, loop, accounts):
        self._loop = loop
        self._accounts = accounts
        self._uploads = {}

    def account(self, header):
        account = self._accounts.get(text(header, "user", "agent"))
        if account is None:
            raise WireError("bad_request", "user must be agent, evaluator or root")
        return account

    def put(self, connection, header, body):
        """Takes a part of a file; the last part puts it in place at once, replacing what was there."""
        path = text(header, "path")
        offset = count(header, "offset", 0)
        last = field(header, "last", bool, True)
        key = (connection, path)
        upload = self._uploads.get(key)
        if offset == 0:
            if upload is not None:
                self._uploads.pop(key).abandon()
            make_for = self.account(header) if field(header, "make_parents", bool, True) else None
            upload = _Upload(path, make_for)
            self._uploads[key] = upload
        if upload is None or upload.size != offset:
            raise WireError("bad_request", f"the part at {offset} does not continue what was put into {path}")
        try:
            upload.write(body)
            if last:
                del self._uploads[key]
                upload.finish(count(header, "mode", 0o644, 0o7777) & 0o1777, self.account(header))
        except BaseException:
            self._uploads.pop(key, None)
            upload.abandon()
            raise
        return {"size": upload.size}, b""

    def leave(self, connection):
        """Throws away what a closed connection had only partly put."""
        for key in [key for key in self._uploads if key[0] is connection]:
            self._uploads.pop(key).abandon()

    def get(self, _connection, header, _body):
        path = text(header, "path")
        offset = count(header, "offset", 0)
        most = count(header, "max_bytes", MAX_BODY_BYTES, MAX_BODY_BYTES)
        parent, name = open_parent(path)
        try:
            fd = open_file(parent, name, path)
        finally:
            os.close(parent)
        try:
            info = os.fstat(fd)
            if borrowed(info, self._accounts.agent):
                raise WireError("forbidden_path", f"{path} is a second name of another user's file")
            data = os.pread(fd, most, offset)
        finally:
            os.close(fd)
        return {
            "size": info.st_size,
            "eof": offset + len(data) >= info.st_size or not data,
            "mode": info.st_mode & 0o7777,
        }, data

    def mkdir(self, _connection, header, _body):
        account = self.account(header)
        fd = open_directory(split(text(header, "path")), account)
        try:
            os.fchmod(fd, count(header, "mode", 0o755, 0o7777) & 0o1777)
            account.own(fd)
        finally:
            os.close(fd)
        return {}, b""

    def chmod(self, _connection, header, _body):
        path = text(header, "path")
        mode = count(header, "mode", None, 0o7777)
        account = self.account(header) if header.get("user") is not None else None
        parent, name = open_parent(path)
        try:
            if is_link(parent, name):
                raise WireError("forbidden_path", f"{path} is a symbolic link")
            fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        finally:
            os.close(parent)
        try:
            # A descriptor opened with O_PATH cannot be changed itself, its name in /proc can.
            place = f"/proc/self/fd/{fd}"
            if account is not None and os.geteuid() == 0:
                os.chown(place, account.uid, account.gid)
            if mode is not None:
                os.chmod(place, mode & 0o1777)
        finally:
            os.close(fd)
        return {}, b""

    def list(self, _connection, header, _body):
        fd = open_directory(split(text(header, "path")))
        entries = []
        names = []
        try:
            names = sorted(os.listdir(fd))
            for name in names[:_MAX_LISTED]:
                try:
                    info = os.stat(name, dir_fd=fd, follow_symlinks=False)
                except OSError:
                    continue
                kind = _KINDS.get(stat.S_IFMT(info.st_mode), "other")
                shown = os.fsencode(name).decode("utf-8", "replace")
                entries.append({"name": shown, "type": kind, "size": info.st_size, "mode": info.st_mode & 0o7777})
        finally:
            os.close(fd)
        return {"entries": entries, "truncated": len(names) > _MAX_LISTED}, b""

    def remove(self, connection, header, _body):
        """Removes a file, a link (not its target) or a whole tree, piece by piece."""
        path = text(header, "path")
        parent, name = open_parent(path)
        try:
            info = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except OSError:
            os.close(parent)
            raise
        if not stat.S_ISDIR(info.st_mode):
            try:
                os.unlink(name, dir_fd=parent)
            finally:
                os.close(parent)
            return {}, b""
        self._loop.add_task(answering(connection, header["id"], _remove_tree(parent, name)))
        return None


class _Upload:
    """A file that is being put: a temporary beside its place, which nobody else opens."""

    def __init__(self, path, make_for):
        self._path = path
        self._parent, self._name = open_parent(path, make_for)
        self._temporary = f".gymsmith-{os.urandom(9).hex()}"
        self.size = 0
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(self._temporary, flags, 0o600, dir_fd=self._parent)
        except BaseException:
            os.close(self._parent)
            raise

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]
        self.size += len(data)

    def finish(self, mode, account):
        account.own(self._fd)
        os.fchmod(self._fd, mode)
        os.rename(self._temporary, self._name, src_dir_fd=self._parent, dst_dir_fd=self._parent)
        placed = os.stat(self._name, dir_fd=self._parent, follow_symlinks=False)
        ours = os.fstat(self._fd)
        self._close()
        if (placed.st_dev, placed.st_ino) != (ours.st_dev, ours.st_ino):
            raise WireError("forbidden_path", f"{self._path} was exchanged while it was being put")

    def abandon(self):
        if self._fd is None:
            return
        try:
            os.unlink(self._temporary, dir_fd=self._parent)
        except OSError:
            pass
        self._close()

    def _close(self):
        os.close(self._fd)
        os.close(self._parent)
        self._fd = None


def answering(connection, request_id, steps):
    """Runs the steps of a task and answers with what they return or raise."""
    try:
        answer = yield from steps
    except Exception as error:
        problem = WireError.of(error)
        connection.send({"id": request_id, "ok": False, "error": {"code": problem.code, "message": problem.message}})
        return
    header, body = answer or ({}, b"")
    connection.send({"id": request_id, "ok": True, **header}, body)


def _remove_tree(parent, name):
    """Removes a directory by descriptors, so that a tree that is moved meanwhile leads nowhere else."""
    levels = [(parent, name)]
    fds = []
    done = 0
    try:
        fds.append(enter(parent, name))
        names = [os.listdir(fds[0])]
        while fds:
            if names[-1]:
                child = names[-1].pop()
                try:
                    os.unlink(child, dir_fd=fds[-1])
                except (IsADirectoryError, PermissionError):
                    if len(fds) < _MAX_DEPTH:
                        fd = enter(fds[-1], child)
                        levels.append((fds[-1], child))
                        fds.append(fd)
                        names.append(os.listdir(fd))
                    else:
                        names[0].append(_bring_up(fds[-1], child, fds[0]))
                except FileNotFoundError:
                    pass
            else:
                os.close(fds.pop())
                names.pop()
                os.rmdir(levels[-1][1], dir_fd=levels[-1][0])
                levels.pop()
            done += 1
            if done % _REMOVE_PIECE == 0:
                yield
    finally:
        for fd in fds:
            os.close(fd)
        os.close(parent)


def _bring_up(parent, name, top):
    """Moves a directory to the top of the tree that is being removed; returns its new name."""
    new = f".gymsmith-{os.urandom(9).hex()}"
    os.rename(name, new, src_dir_fd=parent, dst_dir_fd=top)
    return new
