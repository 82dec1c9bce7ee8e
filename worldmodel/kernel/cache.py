"""Object code on disk, so that a world is compiled once for each computer: `$XDG_CACHE_HOME/glassworld/kernels`.

What is loaded from here runs as native code. So only a folder that belongs to this user and that nobody else may write
to is read, through descriptors that follow no link, and every file says the digest of what it holds and what it is
for. Without such a folder nothing is kept; a file that is damaged or another's is as if it were not there.
"""

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from worldmodel.kernel.native import host

_LARGEST = 1 << 28


@lru_cache(maxsize=1)
def maker() -> str:
    """What machine code depends on beside the world: this package's source, the compiler and the processor."""
    digest = hashlib.sha256(host().encode())
    for entry in sorted(files("worldmodel.kernel").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            digest.update(entry.name.encode() + entry.read_bytes())
    return digest.hexdigest()


def key(*parts: str) -> str:
    """The name under which machine code is kept."""
    return hashlib.sha256("\n".join([maker(), *parts]).encode()).hexdigest()


def folder() -> Path | None:
    """Where object code is kept, or None where there is no place for it."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if chosen and Path(chosen).is_absolute():
        return Path(chosen) / "glassworld" / "kernels"
    try:
        return Path.home() / ".cache" / "glassworld" / "kernels"
    except RuntimeError:
        return None


def read(name: str) -> bytes | None:
    """The object code of a key, or None where there is none that may be trusted."""
    with contextlib.suppress(OSError), _opened() as place:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=place)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not (stat.S_ISREG(status.st_mode) and _is_ours(status)):
                return None
            content = file.read(_LARGEST)
        body = content[32:]
        return body if content[:32] == _seal(name, body) else None
    return None


def write(name: str, body: bytes) -> None:
    """Keeps the object code of a key, whole or not at all; where it cannot be kept, nothing happens."""
    with contextlib.suppress(OSError):
        path = folder()
        if path is None:
            return
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened() as place:
            _replace(place, name, _seal(name, body) + body)


def _replace(place: int, name: str, content: bytes) -> None:
    fresh = f".{name}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, 0o600, dir_fd=place)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(fresh, name, src_dir_fd=place, dst_dir_fd=place)
    except OSError:
        os.unlink(fresh, dir_fd=place)
        raise


def _seal(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + body).digest()


@contextlib.contextmanager
def _opened() -> Iterator[int]:
    """The folder, open; raises OSError where it is not there or may be written to by others."""
    path = folder()
    if path is None:
        raise FileNotFoundError
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not _is_ours(os.fstat(place)):
            raise PermissionError(path)
        yield place
    finally:
        os.close(place)


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
