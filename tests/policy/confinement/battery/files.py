"""Attacks through the file system."""

import ctypes
import fcntl
import os
import sqlite3
from pathlib import Path

import numpy as np

from battery.scene import Register, Scene, call, libc, raw, reveal

FILES = Register()


@FILES.attack()
def open_file(scene: Scene) -> object:
    return reveal(scene, Path(scene.file).read_bytes())


@FILES.attack()
def open_relative_to_a_folder(scene: Scene) -> object:
    folder = os.open(scene.folder, os.O_RDONLY | os.O_DIRECTORY)
    return reveal(scene, os.read(os.open("secret", os.O_RDONLY, dir_fd=folder), 100))


@FILES.attack()
def open_path_descriptor(scene: Scene) -> object:
    return os.fstat(os.open(scene.file, os.O_PATH)).st_size


@FILES.attack()
def open_by_c_library(scene: Scene) -> object:
    libc.fopen.restype = ctypes.c_void_p
    if not libc.fopen(scene.file.encode(), b"r"):
        raise OSError(ctypes.get_errno(), "fopen")
    return True


@FILES.attack()
def read_by_numpy(scene: Scene) -> object:
    return reveal(scene, np.fromfile(scene.file, dtype=np.uint8).tobytes())


@FILES.attack()
def load_a_library(scene: Scene) -> object:  # noqa: ARG001
    return ctypes.CDLL("libBrokenLocale.so.1")


@FILES.attack()
def read_by_sqlite(scene: Scene) -> object:
    with sqlite3.connect(f"file:{scene.folder}/base.sqlite?mode=ro", uri=True) as base:
        return reveal(scene, str(base.execute("select * from secrets").fetchall()).encode())


@FILES.attack()
def list_folder(scene: Scene) -> object:
    return sorted(os.listdir(scene.folder))  # noqa: PTH208


@FILES.attack()
def stat_file(scene: Scene) -> object:
    return Path(scene.file).stat().st_mtime_ns


@FILES.attack()
def ask_whether_it_exists(scene: Scene) -> object:
    return call("access", scene.file.encode(), 0) == 0


@FILES.attack()
def read_link(scene: Scene) -> object:
    return os.readlink(f"{scene.folder}/link")  # noqa: PTH115


@FILES.attack()
def size_of_file_system(scene: Scene) -> object:
    return os.statvfs(scene.folder).f_bavail


@FILES.attack()
def walk_there(scene: Scene) -> object:
    return os.chdir(scene.folder)


@FILES.attack()
def where_am_i(scene: Scene) -> object:  # noqa: ARG001
    return os.getcwd()  # noqa: PTH109


@FILES.attack()
def hard_link(scene: Scene) -> object:
    return os.link(scene.file, f"{scene.folder}/hard-{os.getpid()}")


@FILES.attack()
def symbolic_link(scene: Scene) -> object:
    return os.symlink("secret", f"{scene.folder}/soft-{os.getpid()}")  # noqa: PTH211


@FILES.attack()
def rename(scene: Scene) -> object:
    os.rename(f"{scene.folder}/other", f"{scene.folder}/renamed")  # noqa: PTH104
    return os.rename(f"{scene.folder}/renamed", f"{scene.folder}/other")  # noqa: PTH104


@FILES.attack()
def write_new_file(scene: Scene) -> object:
    return Path(scene.folder, f"new-{os.getpid()}").write_bytes(b"out")


@FILES.attack()
def append_to_file(scene: Scene) -> object:
    with Path(scene.folder, "other").open("ab") as file:
        return file.write(b"out")


@FILES.attack()
def make_folder(scene: Scene) -> object:
    return os.mkdir(f"{scene.folder}/folder-{os.getpid()}")  # noqa: PTH102


@FILES.attack()
def make_pipe(scene: Scene) -> object:
    return os.mkfifo(f"{scene.folder}/pipe-{os.getpid()}")


@FILES.attack()
def truncate(scene: Scene) -> object:
    return os.truncate(f"{scene.folder}/other", 0)


@FILES.attack()
def delete(scene: Scene) -> object:
    Path(scene.folder, "other").touch()
    os.unlink(f"{scene.folder}/other")  # noqa: PTH108
    return Path(scene.folder, "other").touch()


@FILES.attack()
def change_mode(scene: Scene) -> object:
    return os.chmod(f"{scene.folder}/other", 0o640)  # noqa: PTH101


@FILES.attack()
def change_owner(scene: Scene) -> object:
    return os.chown(f"{scene.folder}/other", os.getuid(), os.getgid())


@FILES.attack()
def change_times(scene: Scene) -> object:
    return os.utime(f"{scene.folder}/other", (1, 1))


@FILES.attack()
def set_attribute(scene: Scene) -> object:
    return os.setxattr(f"{scene.folder}/other", "user.covert", b"out")


@FILES.attack()
def get_attribute(scene: Scene) -> object:
    return os.listxattr(scene.file)


@FILES.attack()
def watch_folder(scene: Scene) -> object:
    return call("inotify_add_watch", call("inotify_init1", 0), scene.folder.encode(), 0xFFF)


@FILES.attack()
def lock_file(scene: Scene) -> object:
    return fcntl.flock(os.open(scene.file, os.O_RDONLY), fcntl.LOCK_SH)


@FILES.attack()
def lock_open_descriptor(scene: Scene) -> object:  # noqa: ARG001
    return fcntl.flock(2, fcntl.LOCK_SH)


@FILES.attack()
def owner_of_open_descriptor(scene: Scene) -> object:  # noqa: ARG001
    return fcntl.fcntl(2, fcntl.F_SETOWN, os.getpid())


@FILES.attack()
def shared_memory_folder(scene: Scene) -> object:
    return reveal(scene, Path("/dev/shm", scene.shared_memory).read_bytes())


@FILES.attack(grave=True)
def handle_of_file(scene: Scene) -> object:
    handle = (ctypes.c_uint32 * 40)(128)
    return raw("name_to_handle_at", -100, scene.file.encode(), handle, ctypes.byref(ctypes.c_int()), 0)


@FILES.attack(grave=True)
def open_by_handle(scene: Scene) -> object:
    handle = (ctypes.c_uint32 * 40)(128)
    raw("name_to_handle_at", -100, scene.file.encode(), handle, ctypes.byref(ctypes.c_int()), 0)
    folder = os.open(scene.folder, os.O_RDONLY)
    return reveal(scene, os.read(raw("open_by_handle_at", folder, handle, os.O_RDONLY), 100))


@FILES.attack(grave=True)
def watch_everything(scene: Scene) -> object:  # noqa: ARG001
    return raw("fanotify_init", 0, os.O_RDONLY)


@FILES.attack(grave=True)
def other_root(scene: Scene) -> object:
    return raw("chroot", scene.folder.encode())


@FILES.attack(grave=True)
def mount_over(scene: Scene) -> object:
    target = f"{scene.folder}/mount".encode()
    raw("mount", b"none", target, b"tmpfs", ctypes.c_ulong(0), None)
    return raw("umount2", target, 0)


@FILES.attack(grave=True)
def open_mount_tree(scene: Scene) -> object:
    return raw("open_tree", -100, scene.folder.encode(), 1)
