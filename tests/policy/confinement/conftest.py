"""Makes the functions that run confined importable by their short names, and sets the scene that they attack."""

import ctypes
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from policy.confinement.launch import package_root
from policy.confinement.readable import Readable, readable_for_training

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def paths() -> Readable:
    """What training may read, and this folder's Python files, so that tests can run functions of theirs confined."""
    usual = readable_for_training(package_root())
    return replace(usual, readable=(*usual.readable, str(HERE)), import_path=(*usual.import_path, str(HERE)))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator["battery.scene.Scene"]:
    from battery.scene import Scene

    folder = tmp_path_factory.mktemp("scene", numbered=True)
    secret = "secret-" + secrets.token_hex(8)
    with ExitStack() as stack:
        _fill(folder, secret)
        memory = ctypes.create_string_buffer(secret.encode())
        descriptor = os.open(folder / "secret", os.O_RDONLY)
        stack.callback(os.close, descriptor)
        os.set_inheritable(descriptor, True)
        shared = Path("/dev/shm", secret)
        shared.write_text(secret)
        stack.callback(shared.unlink)
        key = 0x47570000 + secrets.randbelow(1 << 15) * 2
        segment = ctypes.CDLL(None).shmget(key, 100, 0o1600)
        stack.callback(ctypes.CDLL(None).shmctl, segment, 0, None)
        victim = stack.enter_context(subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]))
        stack.callback(victim.kill)
        tcp, udp = _listeners(stack, folder, secret)
        yield Scene(
            folder=str(folder),
            secret=secret,
            keeper=os.getpid(),
            keeper_address=ctypes.addressof(memory),
            keeper_descriptor=descriptor,
            victim=victim.pid,
            tcp=tcp,
            udp=udp,
            abstract=secret,
            shared_memory=secret,
            shared_key=key,
        )


def _fill(folder: Path, secret: str) -> None:
    (folder / "secret").write_text(secret)
    (folder / "other").write_text("other")
    (folder / "link").symlink_to("secret")
    (folder / "mount").mkdir()
    base = sqlite3.connect(folder / "base.sqlite")
    base.execute("create table secrets (word text)")
    base.execute("insert into secrets values (?)", (secret,))
    base.commit()
    base.close()


def _listeners(stack: ExitStack, folder: Path, secret: str) -> tuple[int, int]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    for address in (str(folder / "listener"), "\0" + secret):
        stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)).bind(address)
    return tcp.getsockname()[1], udp.getsockname()[1]
