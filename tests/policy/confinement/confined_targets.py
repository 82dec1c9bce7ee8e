"""Functions that the tests run confined; imported in the child, so that all imports are here at the top."""

import hashlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch

Emit = Callable[[dict[str, Any]], None]


def echo(request: bytes, emit: Emit) -> Mapping[str, bytes]:
    emit({"length": len(request)})
    sys.stdout.write("words on the standard output must not disturb the answer")
    return {"back": request, "digest": hashlib.sha256(request).digest(), "empty": b""}


def train(request: bytes, emit: Emit) -> Mapping[str, bytes]:
    generator = torch.Generator().manual_seed(int(request))
    network = torch.nn.Sequential(torch.nn.Linear(3, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1)).double()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for step in range(200):
        inputs = torch.randn(256, 3, generator=generator, dtype=torch.float64)
        loss = (network(inputs) - inputs.sin().sum(1, keepdim=True)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 50 == 0:
            emit({"step": step, "loss": loss.item()})
    return {name: weights.detach().numpy().tobytes() for name, weights in network.named_parameters()}
