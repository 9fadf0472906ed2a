"""A filter of system calls for what runs in the sandbox, beside the one that its backend has set."""

import ctypes
import platform
import struct

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2

# By machine: audit number, and the calls socket, socketpair and io_uring_setup, which makes sockets by itself.
_MACHINES = {"x86_64": (0xC000003E, (41, 53), 425), "aarch64": (0xC00000B7, (198, 199), 425)}
# AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK belong to a network namespace. AF_VSOCK and others reach the machine's host
# from any.
_FAMILIES = (1, 2, 10, 16)
_X32_BIT = 0x40000000

_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_CALL, _AUDIT, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def _compile(audit, sockets, io_uring_setup):
    """The filter as `struct sock_filter[]`."""
    families = [(_EQUALS, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)]
    program = [
        (_LOAD, 0, 0, _AUDIT),
        (_EQUALS, 1, 0, audit),
        (_RETURN, 0, 0, _FAIL | _EPERM),
        (_LOAD, 0, 0, _CALL),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _FAIL | _ENOSYS),
        (_EQUALS, 0, 1, io_uring_setup),
        (_RETURN, 0, 0, _FAIL | _EPERM),
        (_EQUALS, 2, 0, sockets[0]),
        (_EQUALS, 1, 0, sockets[1]),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *families,
        (_RETURN, 0, 0, _FAIL | _EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program), len(program)


# Made ahead: a forked child should do little.
_CODE, _LENGTH = _compile(*_MACHINES[platform.machine()]) if platform.machine() in _MACHINES else (b"", 0)
_FILTER = _Program(_LENGTH, _CODE)
_prctl = ctypes.CDLL(None).prctl
_prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]


def keep_inside():
    """
    Leaves the calling process, and all that it starts, no sockets but those that its network namespace holds. It must
    have given up new privileges. Nothing happens on a machine that has no list here.
    """
    if _LENGTH:
        _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(_FILTER), 0, 0)
