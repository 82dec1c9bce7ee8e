"""A small world that every test of the language starts from: a tank with an inflow, a valve and a level."""

from collections.abc import Callable

import pytest

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
