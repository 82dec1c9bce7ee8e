"""A run in blocks is the run, bit for bit; a rival can be chosen by its name."""

import pytest
import torch

from tests.worldmodel.surface_worlds import EPIDEMIC, mechanism, world_from
from worldmodel.errors import InputError
from worldmodel.simulation.backend import simulator_for
from worldmodel.simulation.blocks import Asked, run_in_blocks
from worldmodel.simulation.choice import choose_rivals
from worldmodel.simulation.quantiles import shares

RIVALS = EPIDEMIC | {
    "world.toml": EPIDEMIC["world.toml"] + "[rivals.infected]\nspread = 0.3\nstill = 0.7\n",
    "mechanisms/still.toml": mechanism("still", "infected[region, t-1]", assigns="infected"),
}


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_blocks_are_the_same_bits(backend: str, block: int) -> None:
    asked = Asked(simulator_for(world_from(RIVALS), backend), 5, 130, seed=3)
    heard: list[int] = []
    with torch.no_grad():
        whole, parts = run_in_blocks(asked), run_in_blocks(asked, heard.append, block)
    assert sum(heard) == 130
    assert all(torch.equal(whole.values[name], parts.values[name]) for name in whole.values)
    assert all(torch.equal(whole.rivals[name], parts.rivals[name]) for name in whole.rivals)
    assert all(torch.equal(whole.parameters[name], parts.parameters[name]) for name in whole.parameters)
    assert torch.equal(whole.alive, parts.alive)


def test_a_rival_by_name_holds_everywhere() -> None:
    world = choose_rivals(world_from(RIVALS), ["still"])
    with torch.no_grad():
        run = run_in_blocks(Asked(simulator_for(world), 4, 20))
    assert (run.values["infected[north]"] == 5).all()
    assert shares(run, simulator_for(world).world)["weather"].values.sum(dim=0) == pytest.approx(1.0)


def test_a_rule_or_a_lone_mechanism_is_no_rival() -> None:
    with pytest.raises(InputError) as caught:
        choose_rivals(world_from(RIVALS), ["weather", "nobody"])
    assert [problem.code for problem in caught.value.problems] == ["unknown-mechanism"] * 2
