"""What the lists of system calls must keep to, whatever is added to them."""

import pytest

from policy.confinement import allowed
from policy.confinement.bpf import ALLOW, KILL_PROCESS, Rule
from policy.confinement.syscalls import this_machine

PATHS = "open openat stat lstat newfstatat statx access faccessat readlink readlinkat getdents64 getcwd unlink mkdir"
OUTWARD = (
    "socket socketpair connect bind sendto sendmsg kill fork vfork memfd_create shmget mq_open inotify_init1 pipe2"
)
INFORMATION = "getrandom uname sysinfo seccomp pread64"


def _named(rules: tuple[Rule, ...], action: int) -> set[str]:
    return {rule.name for rule in rules if rule.action == action}


def test_the_second_filter_only_takes_away() -> None:
    assert _named(allowed.while_computing(1), ALLOW) < _named(allowed.while_importing(1), ALLOW)


def test_no_path_no_socket_no_entropy_while_computing() -> None:
    assert not _named(allowed.while_computing(1), ALLOW) & set(f"{PATHS} {OUTWARD} {INFORMATION}".split())


def test_no_socket_and_no_process_while_importing() -> None:
    assert not _named(allowed.while_importing(1), ALLOW) & set(OUTWARD.split())


@pytest.mark.parametrize("rules", [allowed.while_importing(1), allowed.while_computing(1)])
def test_each_call_has_one_rule_and_a_number_on_some_machine(rules: tuple[Rule, ...]) -> None:
    names = [rule.name for rule in rules]
    assert len(names) == len(set(names))
    for name in names:
        assert any(this_machine(machine).number(name) is not None for machine in ("x86_64", "aarch64"))


def test_grave_calls_are_never_allowed() -> None:
    for rules in (allowed.while_importing(1), allowed.while_computing(1)):
        assert {"ptrace", "execve", "bpf", "io_uring_setup", "process_vm_readv", "keyctl"} <= _named(
            rules, KILL_PROCESS
        )
        assert not _named(rules, ALLOW) & _named(rules, KILL_PROCESS)
