"""An outbreak by houses: families of variables and a table over an index set, held against a school without houses."""

from collections.abc import Callable

import pytest
import torch

from worldmodel.build import build_world, check_files
from worldmodel.files import parse_toml
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

HOUSES = ("chapel", "lake", "river")
HEADER = """format = 1
language = 1
name = "houses"
summary = "An outbreak by houses"
step = "day"
[indices]
house = ["chapel", "lake", "river"]
[tables.boys]
by = ["house"]
rows = {{ chapel = 250, lake = 250, river = 250 }}
unit = "person"
why = "as many as live there"
[tables.mixing]
by = ["house", "house"]
rows = [[{own}, {other}, {other}], [{other}, {own}, {other}], [{other}, {other}, {own}]]
why = "the share of a boy's contacts that are with boys of each house"
[rivals.isolation]
none = 1.0
"""
STATE = """format = 1
id = "{id}"
title = "{id}"
meaning = "{id}"
unit = "person"
role = "state"
over = ["house"]
initial = ["Delta({start})"]
[support]
kind = "real"
lower = 0
"""
ISOLATION = """format = 1
id = "isolation"
title = "Isolation"
meaning = "The share of contacts between houses and within them that are prevented"
unit = "1"
role = "action"
over = ["house"]
initial = ["Delta(0)"]
[support]
kind = "real"
lower = 0
upper = 1
"""
INFECTIONS = """format = 1
id = "infections"
assigns = "newly_infected[a]"
title = "Boys meet boys of their own house and of the others"
law = "susceptible[a, t-1] * (1 - exp(-contacts * day * (1 - isolation[a, t]) * met))"
[let.met]
value = "sum(mixing[a, b] * infected[b, t-1] / boys[b] over b)"
why = "how much of whom a boy meets is infected"
[parameters.contacts]
prior = "LogNormal(0.5, 0.01)"
unit = "1/day"
why = "about 1.65"
[constants.day]
value = 1
unit = "day"
why = "the step"
"""
LEFT = """format = 1
id = "left"
assigns = "susceptible"
title = "Whoever was not infected"
law = "susceptible[house, t-1] - newly_infected[house, t]"
"""
ILL = """format = 1
id = "ill"
assigns = "infected"
title = "The newly infected join, some recover"
law = "if house == chapel and t == 1 then one else infected[house, t-1] * stay + newly_infected[house, t]"
[constants.stay]
value = 0.64
why = "who is ill still tomorrow"
[constants.one]
value = 1
unit = "person"
why = "a boy of this house brings it back from the holidays"
"""
NONE = """format = 1
id = "none"
assigns = "isolation"
title = "None"
law = "0"
"""
FLOOR = """format = 1
id = "beds"
title = "Beds"
kind = "property"
property = "P(sum(infected[house, t] over house) <= 400 throughout 20) >= 0.5"
why = "beds"
"""


@pytest.fixture(scope="module")
def school() -> Callable[..., World]:
    def make(own: float, other: float) -> World:
        files = {
            "world.toml": HEADER.format(own=own, other=other),
            "variables/susceptible.toml": STATE.format(id="susceptible", start=250),
            "variables/infected.toml": STATE.format(id="infected", start=0),
            "variables/newly_infected.toml": STATE.format(id="newly_infected", start=0),
            "variables/isolation.toml": ISOLATION,
            "mechanisms/infections.toml": INFECTIONS,
            "mechanisms/left.toml": LEFT,
            "mechanisms/ill.toml": ILL,
            "mechanisms/none.toml": NONE,
            "properties/beds.toml": FLOOR,
        }
        encoded = {path: text.encode() for path, text in files.items()}
        assert check_files(encoded) == []
        return build_world({path: parse_toml(path, text) for path, text in encoded.items()})

    return make


def by_house(world: World, name: str, days: int = 40) -> dict[str, torch.Tensor]:
    seen = simulate(world, None, days, 4, 1, 1)
    return {house: seen.values[f"{name}[{house}]"][:, 0] for house in HOUSES}


def test_houses_that_never_meet_do_not_infect_each_other(school: Callable[..., World]) -> None:
    ill = by_house(school(1, 0), "infected")
    assert float(ill["chapel"].max()) > 50
    assert float(ill["lake"].max()) == float(ill["river"].max()) == 0.0


def test_houses_that_mix_evenly_are_one_school(school: Callable[..., World]) -> None:
    """The same law without houses, by hand: three houses of 250 that meet alike are a school of 750."""
    world = school(1 / 3, 1 / 3)
    total = torch.stack(list(by_house(world, "infected", 20).values())).sum(0)
    contacts = simulate(world, None, 1, 4, 1, 1).parameters["infections.contacts"][:, 0]
    susceptible, ill, rows = torch.full((4,), 750.0).double(), torch.zeros(4).double(), []
    for day in range(20):
        new = susceptible * (1 - torch.exp(-contacts * ill / 750))
        susceptible, ill = susceptible - new, torch.ones(4).double() if day == 0 else ill * 0.64 + new
        rows.append(ill)
    assert torch.allclose(total, torch.stack(rows, dim=-1))


def test_the_house_that_brought_it_is_ahead(school: Callable[..., World]) -> None:
    ill = by_house(school(0.96, 0.02), "infected")
    peaks = {house: int(series[0].argmax()) for house, series in ill.items()}
    assert peaks["chapel"] < peaks["lake"] == peaks["river"]
