"""Disks whose fsync fails, by a filter of the kernel: what a process cannot take back or go round.

`python -m tests.chaos.failing_sync fdatasync PROGRAM …` runs a program for which this call answers
EIO from its first moment on; `fail_every_sync` makes the calling process such a one. Linux only.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

FSYNC: Final = {"x86_64": 74, "aarch64": 82}
FDATASYNC: Final = {"x86_64": 75, "aarch64": 83}
_SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
_ALL_THREADS: Final = 1
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def fail_every_sync(*numbers: int) -> None:
    """From now on these system calls (both kinds of sync, where none is named) answer EIO, in every
    thread of this process and in all its children."""
    machine = platform.machine()
    chosen = numbers or (FSYNC[machine], FDATASYNC[machine])
    steps = [_step(_LOAD, 0)]
    for place, number in enumerate(chosen):
        steps.append(_step(_JUMP_IF_EQUAL, number, len(chosen) - place))
    steps += [_step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | errno.EIO)]
    code = ctypes.create_string_buffer(b"".join(steps))
    program = _Program(len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(
        _SECCOMP[machine], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def _step(operation: int, value: int, jump: int = 0) -> bytes:
    return struct.pack("HBBI", operation, jump, 0, value)


if __name__ == "__main__":
    named = {"fsync": FSYNC, "fdatasync": FDATASYNC}[sys.argv[1]]
    fail_every_sync(named[platform.machine()])
    os.execv(sys.argv[2], sys.argv[2:])
