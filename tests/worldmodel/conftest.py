"""A small world that every test of the language starts from: a tank with an inflow, a valve and a level."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from worldmodel.build import build_world
from worldmodel.canonical import digest
from worldmodel.world import World

HEADER = 'format = 1\nlanguage = 1\nname = "tank"\nsummary = "A tank with a valve"\nstep = "minute"\n'
LEVEL = """format = 1
id = "level"
assigns = "level"
title = "What flows in stays, less what the valve lets out"
law = "Normal(level[t-1] + (inflow[t] - valve[t]) * step, noise)"
[parameters.noise]
prior = "HalfNormal(0.5)"
unit = "m**3"
why = "waves"
[constants.step]
value = 1
unit = "minute"
why = "the time step"
[[claims]]
claim = "increasing(mean(level[t]), inflow[t])"
"""
INFLOW = """format = 1
id = "inflow"
assigns = "inflow"
title = "Rain"
law = "LogNormal(m, s)"
[parameters.m]
prior = "Normal(0, 1)"
why = "log of m3 a minute"
[parameters.s]
prior = "Gamma(2, 4)"
why = "spread of rain"
"""


def variable(name: str, unit: str, role: str = "state") -> str:
    """The text of a variable file with values from 0 on."""
    return (
        f'format = 1\nid = "{name}"\ntitle = "{name}"\nmeaning = "{name}"\nunit = "{unit}"\nrole = "{role}"\n'
        f'initial = ["Delta(1)"]\n[support]\nkind = "real"\nlower = 0\n'
    )


TANK = {
    "world.toml": HEADER,
    "variables/level.toml": variable("level", "m**3"),
    "variables/inflow.toml": variable("inflow", "m**3/minute"),
    "variables/valve.toml": variable("valve", "m**3/minute", "action"),
    "mechanisms/level.toml": LEVEL,
    "mechanisms/inflow.toml": INFLOW,
}


@pytest.fixture
def tank() -> Callable[..., dict[str, bytes]]:
    """Makes the tank's files; keyword `changes` maps a path to (old, new) pairs or, to add a file, to a text."""

    def make(changes: dict[str, str | tuple[str, str]] | None = None) -> dict[str, bytes]:
        files = dict(TANK)
        for path, change in (changes or {}).items():
            if isinstance(change, str):
                files[path] = change
            else:
                assert change[0] in files[path], f"{change[0]!r} is not in {path}"
                files[path] = files[path].replace(*change)
        return {path: text.encode() for path, text in files.items()}

    return make


@pytest.fixture(scope="session")
def world_of() -> Callable[..., World]:
    """Makes a world without units from laws alone; see `_world_of`."""
    return _world_of


def _world_of(
    laws: Mapping[str, str],
    parameters: Mapping[str, str] | None = None,
    actions: Sequence[str] = (),
    initial: Mapping[str, list[str]] | None = None,
    supports: Mapping[str, dict[str, Any]] | None = None,
    rivals: Mapping[str, dict[str, float]] | None = None,
    posteriors: Mapping[str, dict[str, Any]] | None = None,
) -> World:
    """`laws` maps "variable" or "variable.mechanism" to a law, `parameters` "mechanism.parameter" to a prior.

    Initial values are 0 and supports the real line, unless given.
    """
    assigned = {key: (key.split(".")[0], key.split(".")[-1]) for key in laws}
    names = sorted({variable for variable, _ in assigned.values()} | set(actions))
    components: dict[str, dict[str, Any]] = {
        "world.toml": {
            "format": 1,
            "language": 1,
            "name": "small",
            "summary": "small",
            "step": "day",
            "rivals": dict(rivals or {}),
        }
    }
    for name in names:
        components[f"variables/{name}.toml"] = {
            "format": 1,
            "id": name,
            "title": name,
            "meaning": name,
            "unit": "1",
            "role": "action" if name in actions else "state",
            "support": (supports or {}).get(name, {"kind": "real"}),
            "initial": (initial or {}).get(name, ["Delta(0)"]),
        }
    for key, (variable, mechanism) in assigned.items():
        own = {
            name.split(".")[1]: prior for name, prior in (parameters or {}).items() if name.startswith(mechanism + ".")
        }
        components[f"mechanisms/{mechanism}.toml"] = {
            "format": 1,
            "id": mechanism,
            "assigns": variable,
            "title": mechanism,
            "law": laws[key],
            "parameters": {name: {"prior": prior, "why": "for a test"} for name, prior in own.items()},
        }
    for mechanism, posterior in (posteriors or {}).items():
        components[f"posteriors/{mechanism}.toml"] = {
            "format": 1,
            "id": mechanism,
            "mechanism_digest": digest(components[f"mechanisms/{mechanism}.toml"]),
            "data_digest": "sha256:" + "0" * 64,
            "method": "by hand",
            "observations": 1,
            "log_evidence": 0.0,
            "diagnostics": {"effective_draws": 1.0},
            **posterior,
        }
    return build_world(components)
