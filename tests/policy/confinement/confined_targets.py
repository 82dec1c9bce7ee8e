"""Functions that the tests run confined; imported in the child, so that all imports are here at the top."""

import ctypes
import errno
import hashlib
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from policy.confinement.syscalls import this_machine

Emit = Callable[[dict[str, Any]], None]


def _told(touch: Callable[[], object]) -> str:
    try:
        touch()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


# what a module may do while it is imported, which is behind Landlock and the first filter only
WHILE_IMPORTED = {
    "file": _told(Path("/etc/passwd").read_bytes),
    "folder": _told(lambda: list(Path("/").iterdir())),
    "process": _told(Path("/proc/1/cmdline").read_bytes),
    "socket": _told(socket.socket),
}


def echo(request: bytes, emit: Emit) -> Mapping[str, bytes]:
    emit({"length": len(request), "environment": dict(os.environ), "imported": WHILE_IMPORTED})
    sys.stdout.write("words on the standard output must not disturb the answer\n" * 5000)
    return {"back": request, "digest": hashlib.sha256(request).digest(), "empty": b""}


def train(request: bytes, emit: Emit) -> Mapping[str, bytes]:
    """A small training run whose bytes must not depend on the walls around it."""
    generator = torch.Generator().manual_seed(int(request))
    network = torch.nn.Sequential(torch.nn.Linear(3, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1)).double()
    for step in range(200):
        inputs = torch.randn(256, 3, generator=generator, dtype=torch.float64)
        loss = (network(inputs) - inputs.sin().sum(1, keepdim=True)).square().mean()
        network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in network.parameters():
                assert parameter.grad is not None
                parameter -= 1e-2 * parameter.grad / (1e-8 + parameter.grad.square().mean().sqrt())
        if step % 50 == 0:
            emit({"step": step, "loss": loss.item()})
    names = repr({"sets", "of", "strings", "keep", "their", "order", *map(str, range(99))})
    weights = {name: weight.detach().numpy().tobytes() for name, weight in network.named_parameters()}
    return weights | {"order": names.encode()}


def trace_somebody(request: bytes, emit: Emit) -> Mapping[str, bytes]:  # noqa: ARG001
    ctypes.CDLL(None).syscall(this_machine().number("ptrace"), 0x4206, 1, None, None)
    return {}


def wait_for_ever(request: bytes, emit: Emit) -> Mapping[str, bytes]:  # noqa: ARG001
    emit({"process": os.getpid()})
    while True:
        time.sleep(60)
