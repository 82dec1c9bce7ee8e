"""The first wall: Landlock takes from this thread every file, TCP port and unix socket that is not named.

Reads a list of paths that may be read and one folder that may be written. Must run before a library starts a thread,
since a thread that exists already keeps its access.
"""

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from policy.confinement import kernel
from worldmodel.errors import EnvironmentProblem, Problem

# The first version is enough: all that later ones add (truncation, TCP, devices, abstract sockets, signals) the filter
# of system calls refuses too. Where the kernel has them we ask for them as well.
MINIMUM_VERSION = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_REG, _TRUNCATE = 1 << 7, 1 << 8, 1 << 14
# how many kinds of access each version of the interface knows
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_RIGHTS = 0b11  # bind and connect of TCP, from version 4
_SCOPES = 0b11  # abstract unix sockets and signals, from version 6

_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_SCRATCH = _READ_FILE | _READ_DIR | _WRITE_FILE | _MAKE_REG | _MAKE_DIR | _REMOVE_FILE | _REMOVE_DIR | _TRUNCATE


@dataclass(frozen=True)
class Handled:
    """The kinds of access that one version of the interface can take away, and the size of the block that says so."""

    files: int
    network: int
    scoped: int
    size: int


def handled(version: int) -> Handled:
    """Everything that a version can take away; one newer than we know is asked for what we know."""
    files = (1 << _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]) - 1
    network = _NETWORK_RIGHTS if version >= 4 else 0
    scoped = _SCOPES if version >= 6 else 0
    return Handled(files, network, scoped, size=24 if version >= 6 else 16 if version >= 4 else 8)


def available_version(call: kernel.Syscall = kernel.syscall) -> int:
    """The version of Landlock that the kernel offers; raises EnvironmentProblem where there is none, or one too old."""
    try:
        version = kernel.landlock_version(call)
    except OSError as error:
        raise EnvironmentProblem(_missing(_REASONS.get(error.errno or 0, str(error)))) from error
    if version < MINIMUM_VERSION:
        raise EnvironmentProblem(_missing(f"version {version} of Landlock"))
    return version


_REASONS = {
    errno.ENOSYS: "a kernel without Landlock, or a container that forbids it",
    errno.EOPNOTSUPP: "a kernel that was started with Landlock switched off",
    errno.EPERM: "a container or sandbox that forbids Landlock",
}


def _missing(found: str) -> Problem:
    return Problem(
        code="landlock-missing",
        where="this machine's kernel",
        found=found,
        wanted=f"Linux 5.13 or newer with Landlock (version {MINIMUM_VERSION} or newer) switched on",
        mend="add `landlock` to the kernel's `lsm=` start-up option, or train on another machine, or train unconfined "
        "with --level L0, which the training statement will say",
    )


def restrict(readable: Iterable[str], listable: Iterable[str], writable: str, version: int) -> None:
    """Leaves this thread what is readable, the names within what is listable, and one scratch folder."""
    rights = handled(version)
    ruleset = kernel.landlock_ruleset(rights.files, rights.network, rights.scoped, rights.size)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR, rights)
        for path in listable:
            _allow(ruleset, path, _READ_DIR, rights)
        _allow(ruleset, writable, _SCRATCH, rights)
        kernel.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, wanted: int, rights: Handled) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        allowed = wanted & rights.files & (-1 if folder else _OF_A_FILE)
        kernel.landlock_allow(ruleset, descriptor, allowed)
    finally:
        os.close(descriptor)
