"""The few calls that Python has no name for."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_prctl = _libc.prctl
_prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def prctl(option, value=0):
    """Sets a process attribute; returns whether the kernel agreed."""
    return _prctl(option, value, 0, 0, 0) == 0


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityWord(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def clear_inheritable_capabilities():
    """Leaves no capability that a program could take over on being executed."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    words = (_CapabilityWord * 2)()
    if _libc.capget(ctypes.byref(header), words) == 0:
        for word in words:
            word.inheritable = 0
        _libc.capset(ctypes.byref(header), words)


def write_oom_score(value):
    """
    Makes the kernel's out-of-memory killer like (positive) or spare (negative) this process, where that is allowed.
    """
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(value))
    except OSError:
        pass


def close_all_but(keep):
    """Closes every descriptor except the given ones; for forked children that go on running Python."""
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        if fd not in keep:
            try:
                os.close(fd)
            except OSError:
                pass
