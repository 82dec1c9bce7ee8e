"""The few kernel calls that confinement needs and Python has no name for, through ctypes.

Every function raises OSError with the kernel's error number. Nothing here decides anything.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from functools import cache
from typing import Any

# One entry for all machines: these are younger than the common numbering of system calls.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_SECCOMP_SET_MODE_FILTER, _SECCOMP_GET_ACTION_AVAIL = 1, 2
_SECCOMP_FILTER_FLAG_TSYNC = 1

Syscall = Callable[..., int]


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def syscall(number: int, *arguments: Any) -> int:
    """A system call by number; raises OSError where it fails."""
    result: int = _library().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def prctl(option: int, value: int) -> None:
    """Sets an attribute of this process."""
    zero = ctypes.c_ulong(0)
    if _library().prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install_seccomp_filter(seccomp_number: int, program: bytes) -> None:
    """Puts a filter on every thread of this process, for ever; needs no_new_privs."""
    block = _Program(len(program) // 8, program)
    outcome = syscall(
        seccomp_number,
        ctypes.c_ulong(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(block),
    )
    if outcome != 0:
        raise OSError(errno.ESRCH, f"thread {outcome} cannot take the filter")


def seccomp_offers(seccomp_number: int, action: int) -> bool:
    """Whether this kernel has seccomp filters with an action."""
    wanted = ctypes.c_uint32(action)
    try:
        syscall(seccomp_number, ctypes.c_ulong(_SECCOMP_GET_ACTION_AVAIL), ctypes.c_ulong(0), ctypes.byref(wanted))
    except OSError:
        return False
    return True


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_version(call: Syscall = syscall) -> int:
    """The version of Landlock's interface; raises OSError where the kernel has none or was started without it."""
    return call(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))


def landlock_ruleset(files: int, network: int, scoped: int, size: int) -> int:
    """A descriptor of an empty ruleset that handles the rights; `size` is how much of the block this version knows."""
    block = _RulesetAttributes(files, network, scoped)
    return syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(block), ctypes.c_size_t(size), ctypes.c_uint32(0))


def landlock_allow(ruleset: int, parent: int, allowed: int) -> None:
    """Adds to a ruleset what is allowed beneath an open directory, or on an open file."""
    block = _PathBeneath(allowed, parent)
    syscall(_LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(block), ctypes.c_uint32(0))


def landlock_restrict(ruleset: int) -> None:
    """Puts a ruleset on the calling thread and those it will start."""
    syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
