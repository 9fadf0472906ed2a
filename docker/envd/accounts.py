"""Who runs what: the users of the sandbox and giving up root's rights."""

import os

import kernel
import seccomp

_KNOWN = {"agent": (61000, "/home/agent"), "evaluator": (61001, "/home/evaluator"), "nobody": (65534, "/")}


class Account:
    """A user of the sandbox."""

    def __init__(self, name, uid, gid, home):
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home

    def own(self, fd):
        """Gives an open file to this user; nothing happens where the daemon is not root."""
        if os.geteuid() == 0:
            os.fchown(fd, self.uid, self.gid)

    def become(self):
        """
        Turns the calling process into this user with no way back: no groups, no capabilities, no set-uid programs. None,
        not even root, gets sockets that lead out of the sandbox. Only ever called in a forked child.
        """
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.keep_inside()
        if self.uid == 0:
            return
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)


class Accounts:
    """The three users of the wire (`agent`, `evaluator`, `root`) and `nobody`, looked up in /etc/passwd."""

    def __init__(self, agent_user, single_user):
        self.single_user = single_user
        if single_user:
            own = Account(agent_user, os.getuid(), os.getgid(), os.environ.get("HOME", "/"))
            own.home = _read_passwd().get(own.uid, {}).get("home", own.home)
            self._by_name = {name: own for name in ("agent", "evaluator", "root", "nobody")}
        else:
            passwd = {entry["name"]: entry for entry in _read_passwd().values()}
            self._by_name = {name: _find(passwd, name, name) for name in ("evaluator", "nobody")}
            self._by_name["agent"] = _find(passwd, agent_user, "agent")
            self._by_name["root"] = Account("root", 0, 0, "/root")
        self.agent = self._by_name["agent"]
        self.nobody = self._by_name["nobody"]

    def get(self, name):
        """The account of a wire name, or None."""
        return self._by_name.get(name) if name in ("agent", "evaluator", "root") else None


def _find(passwd, name, role):
    entry = passwd.get(name)
    if entry:
        return Account(name, entry["uid"], entry["gid"], entry["home"])
    if name.isdigit():
        return Account(role, int(name), int(name), _KNOWN[role][1])
    uid, home = _KNOWN[role]
    return Account(name, uid, uid, home)


def _read_passwd():
    entries = {}
    try:
        with open("/etc/passwd", encoding="utf-8", errors="replace") as file:
            for line in file:
                parts = line.rstrip("\n").split(":")
                if len(parts) >= 7 and parts[2].isdigit() and parts[3].isdigit():
                    uid = int(parts[2])
                    entries.setdefault(
                        uid, {"name": parts[0], "uid": uid, "gid": int(parts[3]), "home": parts[5] or "/"}
                    )
    except OSError:
        pass
    return entries
