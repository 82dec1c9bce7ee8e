"""What the attacks aim at: a secret in many places, and the tools to reach for it."""

import ctypes
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

from policy.confinement.kernel import syscall
from policy.confinement.syscalls import this_machine


@dataclass(frozen=True)
class Scene:
    """Where the secret is, and whom to attack: `keeper` holds it in memory and a descriptor, `victim` may be hurt."""

    folder: str
    secret: str
    keeper: int
    keeper_address: int
    keeper_descriptor: int
    victim: int
    tcp: int
    udp: int
    abstract: str
    shared_memory: str
    shared_key: int

    @property
    def file(self) -> str:
        return f"{self.folder}/secret"

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def load_scene(text: bytes | str) -> Scene:
    return Scene(**json.loads(text))


class NotPossible(Exception):
    """The attack went through, but brought nothing."""


@dataclass(frozen=True)
class Attack:
    """One way out; `grave` is what the filters answer with death."""

    name: str
    run: Callable[[Scene], object]
    grave: bool = False


class Register(list[Attack]):
    """A list of attacks that functions enter by decoration."""

    def attack(self, *, grave: bool = False) -> Callable[[Callable[[Scene], object]], Callable[[Scene], object]]:
        def enter(run: Callable[[Scene], object]) -> Callable[[Scene], object]:
            self.append(Attack(run.__name__, run, grave))
            return run

        return enter


libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """A C library function that answers −1 where it fails."""
    result: int = getattr(libc, name)(*arguments)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def raw(name: str, *arguments: object) -> int:
    """A system call by its name in the filters' table."""
    number = this_machine().number(name)
    if number is None:
        raise NotPossible(name)
    return syscall(number, *arguments)


def reveal(scene: Scene, found: bytes) -> str:
    """Counts only what holds the secret."""
    if scene.secret.encode() not in found:
        raise NotPossible("no secret in it")
    return "secret"
