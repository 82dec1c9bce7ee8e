"""The second and third wall: filters of system calls, put on every thread of this process for ever.

The tables must be imported before Landlock closes the package folders.
"""

import errno
from collections.abc import Sequence

from policy.confinement import kernel
from policy.confinement.bpf import KILL_PROCESS, Rule, assemble, refuse
from policy.confinement.syscalls import this_machine
from worldmodel.errors import EnvironmentProblem, Problem


def require_seccomp() -> None:
    """Raises EnvironmentProblem where the kernel has no filters that can kill a process (Linux 4.14)."""
    number = this_machine().number("seccomp")
    if number is None or not kernel.seccomp_offers(number, KILL_PROCESS):
        raise EnvironmentProblem(
            Problem(
                code="seccomp-missing",
                where="this machine's kernel",
                found="no filters of system calls (seccomp)",
                wanted="Linux 4.14 or newer with seccomp switched on and not forbidden by a container",
                mend="train on another machine, or unconfined with --level L0, which the training statement will say",
            )
        )


def install(rules: Sequence[Rule], otherwise: int = refuse(errno.EPERM)) -> None:
    """Puts rules on every thread; a later filter can only take away. Needs no_new_privs."""
    machine = this_machine()
    number = machine.number("seccomp")
    if number is None:
        raise OSError(errno.ENOSYS, "no seccomp on this machine")
    kernel.install_seccomp_filter(number, assemble(machine, rules, otherwise))
