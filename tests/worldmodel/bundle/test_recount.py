"""A posterior that misstates how much it teaches is found, and so is the bundle that carries it."""

import json
from typing import Any

import pytest

from worldmodel.build import build_world
from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.recount import recount
from worldmodel.bundle.verify import verify_bundle
from worldmodel.canonical import digest
from worldmodel.errors import InputError
from worldmodel.readings.bits import learned_numbers


def components(sealer: Any, bits: float) -> dict[str, Any]:
    world = dict(sealer.parts()["components"])
    parameter = {"scale": "log", "mean": -1.0, "sd": 0.1, "grid": 0.05, "bits": bits}
    world["posteriors/leak.toml"] = {
        "format": 1,
        "id": "leak",
        "mechanism_digest": digest(world["mechanisms/leak.toml"]),
        "data_digest": digest("data"),
        "method": "by hand",
        "observations": 10,
        "order": ["s"],
        "parameters": {"s": parameter},
        "correlation": [[1]],
        "log_evidence": -3.5,
        "diagnostics": {"effective_draws": 1000},
    }
    return world


@pytest.fixture
def counted(sealer: Any) -> float:
    """The true number of bits."""
    [number] = learned_numbers(build_world(components(sealer, 0.0)))
    return float(number["bits"])


def seal(sealer: Any, bits: float) -> bytes:
    world = components(sealer, bits)
    log = [json.loads(entry.data) for entry in sealer.log(world, ("bob", "cy", "dan"))]
    requests = [{"number": 1, "log": log}]
    data: bytes = sealer.seal(components=world, requests=requests, bits=learned_bits(world))
    return data


def test_honest_bits_verify(sealer: Any, counted: float) -> None:
    assert recount(build_world(components(sealer, counted))) == []
    assert verify_bundle(seal(sealer, counted)).bits["total"] == counted > 1


@pytest.mark.parametrize("error", [-1.0, 0.1, 5.0])
def test_misstated_bits_are_refused(sealer: Any, counted: float, error: float) -> None:
    with pytest.raises(InputError, match="bits-misstated"):
        verify_bundle(seal(sealer, round(counted + error, 2)))
