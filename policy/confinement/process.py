"""What a confined process gives up before its walls go up: privileges, core dumps, outliving its parent."""

import os
import resource
import signal
from pathlib import Path

from policy.confinement import kernel

_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 1 << 24,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_NOFILE: 256,
}


def die_with(parent: int) -> None:
    """Lets the kernel kill this process when its parent dies; ends it now where the parent is dead already."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_resources() -> None:
    """Lowers the limits that a computation does not need, for ever."""
    for limit, most in _LIMITS.items():
        resource.setrlimit(limit, (most, most))


def give_up_privileges() -> None:
    """Nothing that this process runs gains privileges, and no other process of the same user may look into it."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def only_thread() -> bool:
    """Whether this process has one thread: Landlock would leave the others their access."""
    return len(list(Path("/proc/self/task").iterdir())) == 1


def close_all_but(kept: frozenset[int]) -> None:
    """Closes every descriptor that a library may have left open."""
    for descriptor in range(_LIMITS[resource.RLIMIT_NOFILE]):
        if descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                continue
