"""Attacks on and through other processes."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from battery.scene import NotPossible, Register, Scene, call, libc, raw, reveal

PROCESSES = Register()
_SEIZE = 0x4206
_NEW_USER, _NEW_MOUNT = 0x10000000, 0x00020000


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _of_keeper(scene: Scene, name: str) -> str:
    return f"/proc/{scene.keeper}/{name}"


@PROCESSES.attack()
def inherited_environment(scene: Scene) -> object:
    return reveal(scene, str(dict(os.environ)).encode())


@PROCESSES.attack()
def inherited_descriptor(scene: Scene) -> object:
    for descriptor in range(3, 1024):
        try:
            if scene.secret.encode() in os.pread(descriptor, 1000, 0):
                return descriptor
        except OSError:
            continue
    raise NotPossible("no descriptor")


@PROCESSES.attack()
def root_of_keeper(scene: Scene) -> object:
    return reveal(scene, Path(_of_keeper(scene, "root") + scene.file).read_bytes())


@PROCESSES.attack()
def folder_of_keeper(scene: Scene) -> object:
    return os.listdir(_of_keeper(scene, "cwd/"))  # noqa: PTH208


@PROCESSES.attack()
def descriptor_of_keeper(scene: Scene) -> object:
    return reveal(scene, Path(_of_keeper(scene, f"fd/{scene.keeper_descriptor}")).read_bytes())


@PROCESSES.attack()
def environment_of_keeper(scene: Scene) -> object:
    return len(Path(_of_keeper(scene, "environ")).read_bytes())


@PROCESSES.attack()
def command_of_keeper(scene: Scene) -> object:
    return Path(_of_keeper(scene, "cmdline")).read_bytes()


@PROCESSES.attack()
def map_of_keeper(scene: Scene) -> object:
    return len(Path(_of_keeper(scene, "maps")).read_bytes())


@PROCESSES.attack()
def memory_of_keeper(scene: Scene) -> object:
    with Path(_of_keeper(scene, "mem")).open("rb", buffering=0) as memory:
        memory.seek(scene.keeper_address)
        return reveal(scene, memory.read(len(scene.secret)))


@PROCESSES.attack()
def list_of_processes(scene: Scene) -> object:  # noqa: ARG001
    return os.listdir("/proc")  # noqa: PTH208


@PROCESSES.attack()
def signal_victim(scene: Scene) -> object:
    return os.kill(scene.victim, signal.SIGCONT)


@PROCESSES.attack()
def ask_whether_victim_lives(scene: Scene) -> object:
    return os.kill(scene.victim, 0)


@PROCESSES.attack()
def signal_thread_of_victim(scene: Scene) -> object:
    return raw("tgkill", scene.victim, scene.victim, signal.SIGCONT)


@PROCESSES.attack()
def signal_with_value(scene: Scene) -> object:
    return call("sigqueue", scene.victim, signal.SIGCONT, ctypes.c_void_p(7))


@PROCESSES.attack()
def session_of_victim(scene: Scene) -> object:
    return os.getsid(scene.victim)


@PROCESSES.attack()
def priority_of_victim(scene: Scene) -> object:
    return os.setpriority(os.PRIO_PROCESS, scene.victim, 5)


@PROCESSES.attack()
def processors_of_victim(scene: Scene) -> object:
    return os.sched_setaffinity(scene.victim, os.sched_getaffinity(scene.victim))


@PROCESSES.attack()
def ask_processors_of_victim(scene: Scene) -> object:
    return os.sched_getaffinity(scene.victim)


@PROCESSES.attack()
def limits_of_victim(scene: Scene) -> object:
    return raw("prlimit64", scene.victim, 7, None, ctypes.create_string_buffer(16))


@PROCESSES.attack()
def raise_own_limits(scene: Scene) -> object:  # noqa: ARG001
    limits = ctypes.create_string_buffer((100).to_bytes(8, "little") * 2, 16)
    return raw("prlimit64", 0, 7, limits, None)


@PROCESSES.attack()
def fork(scene: Scene) -> object:  # noqa: ARG001
    if (child := os.fork()) == 0:
        os._exit(0)
    return os.waitpid(child, 0)


@PROCESSES.attack()
def run_program(scene: Scene) -> object:  # noqa: ARG001
    return subprocess.run(["/bin/true"], check=True)


@PROCESSES.attack()
def clone_process_by_pointer(scene: Scene) -> object:  # noqa: ARG001
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, signal.SIGCHLD)
    if (child := raw("clone3", arguments, ctypes.c_size_t(88))) == 0:
        libc._exit(0)
    return os.waitpid(child, 0)


@PROCESSES.attack()
def look_like_another(scene: Scene) -> object:  # noqa: ARG001
    return call("personality", ctypes.c_ulong(0xFFFFFFFF))


@PROCESSES.attack()
def undo_undumpable(scene: Scene) -> object:  # noqa: ARG001
    return call("prctl", 4, 1, 0, 0, 0)


@PROCESSES.attack()
def outlive_parent(scene: Scene) -> object:  # noqa: ARG001
    return call("prctl", 1, 0, 0, 0, 0)


@PROCESSES.attack(grave=True)
def execute(scene: Scene) -> object:  # noqa: ARG001
    os.execv("/bin/true", ["true"])


@PROCESSES.attack(grave=True)
def execute_memory(scene: Scene) -> object:  # noqa: ARG001
    memory = os.open("/bin/true", os.O_RDONLY) if not hasattr(os, "memfd_create") else _copied_program()
    return raw("execveat", memory, b"", (ctypes.c_char_p * 2)(b"true", None), (ctypes.c_char_p * 1)(None), 0x1000)


def _copied_program() -> int:
    try:
        memory = os.memfd_create("program")
        os.write(memory, Path("/bin/true").read_bytes())
    except OSError:
        return 0  # confined: still try to run something
    return memory


@PROCESSES.attack(grave=True)
def trace(scene: Scene) -> object:
    return raw("ptrace", ctypes.c_long(_SEIZE), ctypes.c_long(scene.victim), None, None)


@PROCESSES.attack(grave=True)
def read_memory(scene: Scene) -> object:
    buffer = ctypes.create_string_buffer(len(scene.secret))
    here, there = _Piece(ctypes.addressof(buffer), len(buffer)), _Piece(scene.keeper_address, len(scene.secret))
    one = ctypes.c_ulong(1)
    raw("process_vm_readv", scene.keeper, ctypes.byref(here), one, ctypes.byref(there), one, ctypes.c_ulong(0))
    return reveal(scene, buffer.raw)


@PROCESSES.attack(grave=True)
def write_memory(scene: Scene) -> object:
    buffer = ctypes.create_string_buffer(scene.secret.encode())
    here, there = _Piece(ctypes.addressof(buffer), 1), _Piece(scene.keeper_address, 1)
    one = ctypes.c_ulong(1)
    return raw("process_vm_writev", scene.keeper, ctypes.byref(here), one, ctypes.byref(there), one, ctypes.c_ulong(0))


@PROCESSES.attack(grave=True)
def take_descriptor(scene: Scene) -> object:
    process = raw("pidfd_open", scene.keeper, 0)
    return reveal(scene, os.pread(raw("pidfd_getfd", process, scene.keeper_descriptor, 0), 1000, 0))


@PROCESSES.attack(grave=True)
def compare_with_victim(scene: Scene) -> object:
    return raw("kcmp", os.getpid(), scene.victim, 1, ctypes.c_ulong(0), ctypes.c_ulong(0)) >= 0


@PROCESSES.attack(grave=True)
def own_user_namespace(scene: Scene) -> object:  # noqa: ARG001
    return raw("unshare", ctypes.c_ulong(_NEW_USER))


@PROCESSES.attack(grave=True)
def own_mount_namespace(scene: Scene) -> object:  # noqa: ARG001
    return raw("unshare", ctypes.c_ulong(_NEW_USER | _NEW_MOUNT))


@PROCESSES.attack(grave=True)
def namespace_of_keeper(scene: Scene) -> object:
    try:
        space = os.open(_of_keeper(scene, "ns/uts"), os.O_RDONLY)
    except OSError:
        space = 0  # confined: still try to enter something
    return raw("setns", space, 0)
