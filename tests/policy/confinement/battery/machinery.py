"""Attacks through the kernel's other machinery: message queues, keys, rings, entropy, and calls in another tongue."""

import ctypes
import mmap
import os
import platform
import select

from battery.scene import NotPossible, Register, Scene, call, libc, raw

MACHINERY = Register()
_READ_KEYRING = -3  # the session's


@MACHINERY.attack()
def message_queue(scene: Scene) -> object:
    return call("mq_open", f"/{scene.abstract}".encode(), os.O_CREAT | os.O_RDWR, 0o600, None)


@MACHINERY.attack()
def shared_memory_by_key(scene: Scene) -> object:
    return call("shmget", scene.shared_key, 0, 0)


@MACHINERY.attack()
def new_shared_memory(scene: Scene) -> object:
    segment = call("shmget", scene.shared_key + 1, 100, 0o1600)
    return call("shmctl", segment, 0, None)


@MACHINERY.attack()
def messages_by_key(scene: Scene) -> object:
    return call("msgctl", call("msgget", scene.shared_key, 0o1600), 0, None)


@MACHINERY.attack()
def semaphore_by_key(scene: Scene) -> object:
    return call("semctl", call("semget", scene.shared_key, 1, 0o1600), 0, 0)


@MACHINERY.attack()
def memory_file(scene: Scene) -> object:  # noqa: ARG001
    return os.memfd_create("covert")


@MACHINERY.attack()
def event_counter(scene: Scene) -> object:  # noqa: ARG001
    return os.eventfd(0)


@MACHINERY.attack()
def event_poll(scene: Scene) -> object:  # noqa: ARG001
    return select.epoll()


@MACHINERY.attack()
def new_pipe(scene: Scene) -> object:  # noqa: ARG001
    return os.pipe()


@MACHINERY.attack()
def entropy(scene: Scene) -> object:  # noqa: ARG001
    return os.getrandom(8)


@MACHINERY.attack()
def name_of_the_host(scene: Scene) -> object:  # noqa: ARG001
    return os.uname().nodename


@MACHINERY.attack()
def load_of_the_machine(scene: Scene) -> object:  # noqa: ARG001
    return call("sysinfo", ctypes.create_string_buffer(512)) == 0


@MACHINERY.attack()
def processor_list(scene: Scene) -> object:  # noqa: ARG001
    with open("/proc/cpuinfo", "rb") as file:  # noqa: PTH123
        return len(file.read())


@MACHINERY.attack()
def device_of_entropy(scene: Scene) -> object:  # noqa: ARG001
    return os.open("/dev/urandom", os.O_RDONLY)


@MACHINERY.attack()
def flush_disks(scene: Scene) -> object:  # noqa: ARG001
    return call("syncfs", 2)


@MACHINERY.attack(grave=True)
def keyring(scene: Scene) -> object:
    return raw("add_key", b"user", scene.abstract.encode(), b"out", ctypes.c_size_t(3), _READ_KEYRING)


@MACHINERY.attack(grave=True)
def read_keyring(scene: Scene) -> object:  # noqa: ARG001
    return raw("keyctl", 0, _READ_KEYRING, 1)


@MACHINERY.attack(grave=True)
def rings(scene: Scene) -> object:  # noqa: ARG001
    return raw("io_uring_setup", 4, ctypes.create_string_buffer(120))


@MACHINERY.attack(grave=True)
def faults_in_user_space(scene: Scene) -> object:  # noqa: ARG001
    return raw("userfaultfd", 1)


@MACHINERY.attack(grave=True)
def programs_in_the_kernel(scene: Scene) -> object:  # noqa: ARG001
    return raw("bpf", 0, (ctypes.c_uint32 * 32)(2, 4, 8, 1), 72)


@MACHINERY.attack(grave=True)
def performance_counters(scene: Scene) -> object:  # noqa: ARG001
    software_clock = (ctypes.c_uint32 * 32)(1, 128, 0, 0)
    return raw("perf_event_open", software_clock, 0, -1, -1, ctypes.c_ulong(0))


@MACHINERY.attack(grave=True)
def kernel_log(scene: Scene) -> object:  # noqa: ARG001
    return raw("syslog", 3, ctypes.create_string_buffer(100), 100)


@MACHINERY.attack(grave=True)
def calls_of_32_bits(scene: Scene) -> object:  # noqa: ARG001
    """getpid through the door of 32-bit programs, whose numbers mean other calls."""
    if platform.machine() != "x86_64":
        raise NotPossible("another processor")
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    if function() != os.getpid():
        raise NotPossible("no 32-bit calls in this kernel")
    return True


@MACHINERY.attack(grave=True)
def calls_of_x32(scene: Scene) -> object:  # noqa: ARG001
    """getpid by its x32 number, which filters that look at numbers only let through."""
    libc.syscall.restype = ctypes.c_long
    if libc.syscall(ctypes.c_long(0x40000000 + 39)) != os.getpid():
        raise NotPossible("no x32 calls in this kernel")
    return True
