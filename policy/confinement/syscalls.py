"""Numbers of the system calls that the filters name, for the two machines that we support.

Sources: `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64) of Linux. `None` where a machine has no such
call.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass

from worldmodel.errors import EnvironmentProblem, Problem

_NUMBERS: Mapping[str, tuple[int | None, int | None]] = {
    # memory
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    # data of open descriptors
    "read": (0, 63),
    "write": (1, 64),
    "writev": (20, 66),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "close": (3, 57),
    "fstat": (5, 80),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "close_range": (436, 436),
    # paths
    "open": (2, None),
    "openat": (257, 56),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, None),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    # threads and signals
    "futex": (202, 98),
    "clone": (56, 220),
    "clone3": (435, 435),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_setaffinity": (203, 122),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "tgkill": (234, 131),
    "arch_prctl": (158, None),
    # identity, time and limits
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "getrusage": (98, 165),
    "times": (100, 153),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "seccomp": (317, 277),
    # grave: other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "execve": (59, 221),
    "execveat": (322, 281),
    # grave: kernel machinery
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # grave: the system
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "fsconfig": (431, 431),
    "fspick": (433, 433),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "iopl": (172, None),
    "ioperm": (173, None),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    # confinement itself
    "landlock_create_ruleset": (444, 444),
}


@dataclass(frozen=True)
class Machine:
    """What a filter must know of a processor: its audit constant, and which column of the table is its own."""

    name: str
    audit_arch: int
    column: int
    # x86_64 kernels also take x32 calls, whose numbers have this bit set
    foreign_bit: int | None = None

    def number(self, name: str) -> int | None:
        """The number of a system call, or None where this machine has none; KeyError for a name not in the table."""
        return _NUMBERS[name][self.column]


_MACHINES: Mapping[str, Machine] = {
    "x86_64": Machine("x86_64", 0xC000003E, 0, foreign_bit=0x40000000),
    "aarch64": Machine("aarch64", 0xC00000B7, 1),
}


def this_machine(name: str | None = None) -> Machine:
    """The machine that we run on; raises EnvironmentProblem for one whose system calls we have no table of."""
    found = platform.machine() if name is None else name
    if found not in _MACHINES:
        raise EnvironmentProblem(
            Problem(
                code="seccomp-missing",
                where="this machine",
                found=f"the processor {found}",
                wanted=f"one of {', '.join(sorted(_MACHINES))}",
                mend="train on such a machine, or unconfined with --level L0, which the training statement will say",
            )
        )
    return _MACHINES[found]
