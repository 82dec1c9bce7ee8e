"""The parent's side of the live probes: a canary file and listeners that only a process without confinement reaches.

Each target is tried by the parent first, so that a probe that could not have succeeded is never counted as passed.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from policy.confinement.attempts import attempt_all
from policy.confinement.report import Probe
from worldmodel.errors import EnvironmentProblem, Problem


@dataclass(frozen=True)
class Targets:
    """Where the probes are, by name, and the sockets that would hear a touch."""

    places: Mapping[str, str]
    listeners: Mapping[str, socket.socket]

    def touched(self) -> frozenset[str]:
        """The listeners that something has come to since they were last asked."""
        return frozenset([name for name, listener in self.listeners.items() if _heard(listener)])

    def outcomes(self, refusals: Mapping[str, str]) -> tuple[Probe, ...]:
        """Puts together what the child was told and what arrived here."""
        touched = self.touched()
        return tuple(
            Probe(name=name, refused_with=refusals.get(name, ""), reached=name in touched or not refusals.get(name))
            for name in sorted(self.places)
        )


@contextmanager
def probe_targets(folder: Path) -> Iterator[Targets]:
    """Sets the targets up in an empty folder; raises EnvironmentProblem where even the parent cannot reach one."""
    with ExitStack() as stack:
        canary = folder / "canary"
        canary.write_bytes(secrets.token_bytes(32))
        name = "glassworld-" + secrets.token_hex(16)
        tcp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        by_path = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        by_name = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        _bind(
            {
                tcp: ("127.0.0.1", 0),
                udp: ("127.0.0.1", 0),
                by_path: os.fspath(folder / "listener"),
                by_name: "\0" + name,
            }
        )
        tcp.listen()
        places = {
            "canary file": os.fspath(canary),
            "canary folder": os.fspath(folder),
            "loopback TCP": str(tcp.getsockname()[1]),
            "loopback UDP": str(udp.getsockname()[1]),
            "unix socket by path": os.fspath(folder / "listener"),
            "unix socket by name": name,
        }
        listeners = {
            "loopback TCP": tcp,
            "loopback UDP": udp,
            "unix socket by path": by_path,
            "unix socket by name": by_name,
        }
        targets = Targets(places, listeners)
        _must_be_reachable(targets)
        yield targets


def _bind(addresses: Mapping[socket.socket, tuple[str, int] | str]) -> None:
    try:
        for listener, address in addresses.items():
            listener.bind(address)
            listener.setblocking(False)
    except OSError as error:
        raise _impossible(f"a listener could not be set up: {error}") from error


def _must_be_reachable(targets: Targets) -> None:
    failures = {name: told for name, told in attempt_all(targets.places).items() if told}
    silent = set(targets.listeners) - targets.touched() - set(failures)
    if failures or silent:
        raise _impossible(
            "; ".join(
                [f"{name}: {told}" for name, told in failures.items()] + [f"{name}: silent" for name in sorted(silent)]
            )
        )


def _heard(listener: socket.socket) -> bool:
    """Takes everything that waits at a listener."""
    heard = False
    while True:
        try:
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(4096)
        except BlockingIOError:
            return heard
        heard = True


def _impossible(found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="probe-impossible",
            where="the probes of the confinement",
            found=found,
            wanted="loopback and unix sockets that this process can reach, so that the confined one is seen to fail",
            mend="bring up the loopback device (`ip link set lo up`), or leave the sandbox that forbids sockets",
        )
    )
