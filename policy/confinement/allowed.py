"""Which system calls a confined process may make: while it imports its libraries, and afterwards.

Three fates. *Allowed*: needed, and harmless behind Landlock. *Refused* with EPERM: everything that is not named, so
that a library that only asks whether something works goes another way, and a mistake of ours shows as an exception with
its place. *Grave*: calls that no numerical library makes and that reach into other processes, run programs or drive the
kernel; the process dies on the spot, so that code that got this far does not get a second try.
"""

import errno

from policy.confinement.bpf import ALLOW, KILL_PROCESS, Comparison, Rule, refuse

_MEMORY = "mmap munmap mremap mprotect madvise brk"
_DESCRIPTORS = "read write writev lseek fstat close"
_THREADS = (
    "futex exit exit_group set_robust_list rseq membarrier sched_yield rt_sigaction rt_sigprocmask rt_sigreturn "
    "sigaltstack restart_syscall"
)
_CLOCKS = "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrusage times getpid gettid"

# Needed to find and read libraries; gone before a byte of the request is read.
_PATHS = (
    "open openat stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents64 getcwd mkdir "
    "mkdirat rmdir unlink unlinkat"
)
_START = (
    "pread64 dup dup2 dup3 close_range set_tid_address arch_prctl getuid geteuid getgid getegid getrandom uname "
    "sysinfo seccomp"
)

_GRAVE = (
    "ptrace process_vm_readv process_vm_writev pidfd_getfd pidfd_open kcmp process_madvise process_mrelease "
    "move_pages migrate_pages execve execveat bpf io_uring_setup io_uring_enter io_uring_register perf_event_open "
    "userfaultfd keyctl add_key request_key fanotify_init fanotify_mark name_to_handle_at open_by_handle_at mount "
    "umount2 pivot_root chroot unshare setns fsopen fsmount fsconfig fspick open_tree move_mount mount_setattr "
    "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl "
    "quotactl_fd syslog iopl ioperm settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname"
)

# glibc's pthread_create asks for exactly this; musl adds CLONE_DETACHED, which means nothing any more
_THREAD_FLAGS, _CLONE_DETACHED = 0x3D0F00, 0x400000
_TERMINAL_ATTRIBUTES, _CLOSE_ON_EXEC = 0x5401, 0x5451
_DUPLICATE, _GET_FLAGS, _SET_FLAGS, _GET_STATUS, _DUPLICATE_CLOSED = 0, 1, 2, 3, 1030
_SET_NAME, _SET_MAPPING_NAME = 15, 0x53564D41


def while_importing(process: int) -> tuple[Rule, ...]:
    """The first filter: loads libraries behind Landlock, without network, programs or other processes."""
    return (*_plain(_MEMORY, _DESCRIPTORS, _PATHS, _START, _CLOCKS, _THREADS), *_conditional(process), *_deadly())


def while_computing(process: int) -> tuple[Rule, ...]:
    """The second filter: memory, threads, clocks and open descriptors. No path, no entropy, no host name."""
    return (*_plain(_MEMORY, _DESCRIPTORS, _CLOCKS, _THREADS), *_conditional(process), *_deadly())


def _plain(*groups: str) -> tuple[Rule, ...]:
    return tuple(Rule(name, ALLOW) for group in groups for name in group.split())


def _deadly() -> tuple[Rule, ...]:
    return tuple(Rule(name, KILL_PROCESS) for name in _GRAVE.split())


def _conditional(process: int) -> tuple[Rule, ...]:
    """Calls that are harmless with some arguments only."""
    return (
        # a thread, never a process; clone3 hides its flags behind a pointer, so it is said not to exist and libc takes
        # clone
        _one_of("clone", 0, (_THREAD_FLAGS,), mask=0xFFFFFFFF ^ _CLONE_DETACHED),
        Rule("clone3", refuse(errno.ENOSYS)),
        # a signal to ourselves: abort()
        _one_of("tgkill", 0, (process,)),
        # no locks of files, which other processes could see
        _one_of("fcntl", 1, (_DUPLICATE, _GET_FLAGS, _SET_FLAGS, _GET_STATUS, _DUPLICATE_CLOSED)),
        _one_of("ioctl", 1, (_TERMINAL_ATTRIBUTES, _CLOSE_ON_EXEC)),
        _one_of("prctl", 0, (_SET_NAME, _SET_MAPPING_NAME)),
        _one_of("sched_getaffinity", 0, (0, process)),
        _one_of("sched_setaffinity", 0, (0, process)),
        # asks for our own limits, sets none
        Rule("prlimit64", ALLOW, ((Comparison(0, 0), Comparison(2, 0), Comparison(2, 0, high=True)),)),
    )


def _one_of(name: str, argument: int, values: tuple[int, ...], mask: int = 0xFFFFFFFF) -> Rule:
    return Rule(name, ALLOW, tuple((Comparison(argument, value, mask),) for value in values))
