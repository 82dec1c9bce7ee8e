"""An assistant can read the world's components, its data and the programs, and write nowhere but a scratch folder.

By Landlock, from the standard library alone, and before anything starts a thread (importing NumPy does), since a thread
that exists already keeps its access. Keys, other people's files and TCP are out of reach, whatever the code tries.
"""

import ctypes
import os
import stat
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_NO_NEW_PRIVILEGES = 38
_PATH_BENEATH = 1
# How many kinds of file access each version of Landlock knows; the bits are in the order of linux/landlock.h.
_FILE_RIGHTS = (13, 14, 15, 15, 16)
_READ = 1 << 2 | 1 << 3
_OF_A_FILE = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
_TCP = 0b11
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/urandom",
)


def supported() -> bool:
    """Whether the kernel has Landlock."""
    return _version() >= 1


def programs() -> list[str]:
    """What must be readable for Python and the packages to run at all."""
    packages = [str(Path(sys.modules[name].__file__ or "").parent) for name in ("assistants", "worldmodel")]
    places = [
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platlib"),
        *packages,
        *_SYSTEM,
    ]
    return sorted({os.path.realpath(place) for place in places if Path(place).exists()})


def confine(readable: Iterable[str], scratch: str) -> None:
    """Leaves this process the readable paths and one folder to write in; raises OSError where the kernel refuses."""
    version = _version()
    rights = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]) - 1
    block = rights.to_bytes(8, sys.byteorder) + ((_TCP).to_bytes(8, sys.byteorder) if version >= 4 else b"")
    ruleset = _syscall(_CREATE_RULESET, block, ctypes.c_size_t(len(block)), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path, rights & _READ)
        _allow(ruleset, scratch, rights)
        if ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            raise OSError("prctl refused to give up new privileges")
        _syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, wanted: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = (wanted if folder else wanted & _OF_A_FILE).to_bytes(8, sys.byteorder)
        rule += descriptor.to_bytes(4, sys.byteorder)
        _syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def _version() -> int:
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def _syscall(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    result: int = library.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
