"""A grounded world says what the text says, element by element, and nothing else."""

import itertools

import pytest
import torch

from tests.worldmodel.surface_worlds import EPIDEMIC, HEAD, SPRINKLER, mechanism, variable, world_from
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import element_name, element_of, surface
from worldmodel.language.ir import Aggregate, Law, Node, Parameter, Start, Variable
from worldmodel.language.parser import parse_law
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

REGIONS = ("north", "south", "east")


def texts(world: World) -> list[Node]:
    laws: list[Node] = [one.law for one in world.mechanisms.values()]
    return [*laws, *(entry.formula for entry in world.properties.values())]


@pytest.mark.parametrize("files", [EPIDEMIC, SPRINKLER])
def test_no_text_of_a_grounded_world_speaks_of_sets(files: dict[str, str]) -> None:
    world = ground(world_from(files))
    for text in texts(world):
        for node in walk(text):
            assert not isinstance(node, Aggregate)
            assert not (isinstance(node, Variable | Start | Parameter) and node.indices)
            assert not isinstance(node, Variable) or node.name in world.variables
    assert ground(world) is world


def test_names_carry_their_elements() -> None:
    world = ground(world_from(EPIDEMIC))
    assert set(world.variables) == {"weather", "total", *(f"infected[{region}]" for region in REGIONS)}
    spread = world.mechanisms["spread[south]"]
    assert (spread.owner, spread.assigns) == ("spread", "infected[south]")
    assert list(spread.priors) == ["centre", "noise", *(f"beta[{region}]" for region in REGIONS)]
    assert set(draw_parameters(world, 0, 2)) == {
        "spread.centre",
        "spread.noise",
        *(f"spread.beta[{region}]" for region in REGIONS),
    }
    assert surface("a[b,c]") == "a"
    assert element_of(element_name("a", ("b", "c"))) == ("b", "c")


def test_without_contact_there_is_no_edge() -> None:
    """The table has 0 between north and east, so neither reads the other."""
    world = ground(world_from(EPIDEMIC))
    read = {name for name in (one.name for one in world.mechanisms["spread[north]"].inputs) if name != "weather"}
    assert read == {"infected[north]", "infected[south]"}


def test_a_condition_on_elements_is_decided() -> None:
    world = ground(world_from(EPIDEMIC))
    assert "if" not in render(world.mechanisms["spread[north]"].law)
    assert "0.5" in render(world.mechanisms["spread[north]"].law)
    assert "0.5" not in render(world.mechanisms["spread[east]"].law)


def run(files: dict[str, str], horizon: int = 6, draws: int = 50) -> tuple[World, Trajectories]:
    world = world_from(files)
    with torch.no_grad():
        return world, simulate(world, None, horizon, draws)


def test_the_mean_path_is_the_one_worked_out_by_hand() -> None:
    """Every step of the text again in plain tensors, with the noise read back from the draws."""
    _, found = run(EPIDEMIC)
    contact = torch.tensor([[1.0, 0.2, 0.0], [0.2, 1.0, 0.1], [0.0, 0.1, 1.0]], dtype=torch.float64)
    beta = torch.stack([found.parameters[f"spread.beta[{region}]"] for region in REGIONS])
    before = torch.stack([found.before[f"infected[{region}]"][0] for region in REGIONS])
    weather = found.before["weather"][0]
    for step in range(found.horizon):
        damp = torch.where(weather == 0, 1.2, 0.8)
        pressure = torch.einsum("ab,bdn->adn", contact, before) / 1000
        half = torch.tensor([0.5, 1.0, 1.0], dtype=torch.float64)[:, None, None]
        median = 1 + beta * damp * 1000 * half * pressure
        now = torch.stack([found.values[f"infected[{region}]"][..., step] for region in REGIONS])
        standard = torch.log(now / median) / found.parameters["spread.noise"]
        assert standard.abs().max() < 5
        assert 0.7 < standard.std() < 1.3
        before, weather = now, found.values["weather"][..., step]
    assert torch.equal(found.values["total"][..., -1], before.sum(dim=0))


def test_a_hierarchical_prior_pools_its_elements() -> None:
    """log beta = centre + .2 z: the variance between draws is .09 + .04, and elements share .09 of it."""
    drawn = draw_parameters(world_from(EPIDEMIC), 1, 40_000)
    north, south = (torch.log(drawn[f"spread.beta[{region}]"]).flatten() for region in ("north", "south"))
    covariance = torch.cov(torch.stack([north, south]))
    assert covariance[0, 0].item() == pytest.approx(0.13, abs=0.004)
    assert covariance[0, 1].item() == pytest.approx(0.09, abs=0.004)


def test_a_static_network_has_its_joint_distribution() -> None:
    world, found = run(SPRINKLER, horizon=1, draws=40_000)
    rain, sprinkler, grass = (found.values[name][:, 0, 0] for name in ("rain", "sprinkler", "grass"))
    wet = {(0, 0): 0.0, (0, 1): 0.9, (1, 0): 0.8, (1, 1): 0.99}
    for r, s in itertools.product((0, 1), repeat=2):
        expected = (0.2 if r else 0.8) * ((0.01 if r else 0.4) if s else (0.99 if r else 0.6)) * wet[r, s]
        share = ((rain == r) & (sprinkler == s) & (grass == 1)).double().mean().item()
        assert share == pytest.approx(expected, abs=4 * (max(expected, 1e-9) / 40_000) ** 0.5 + 1e-9)
    assert world.static


def test_an_edit_of_one_region_leaves_the_noise_of_the_others() -> None:
    edited = dict(EPIDEMIC)
    edited["mechanisms/spread.toml"] = EPIDEMIC["mechanisms/spread.toml"].replace("then 0.5", "then 0.25")
    _, before = run(EPIDEMIC, horizon=2)
    _, after = run(edited, horizon=2)
    first = (..., 0)
    assert torch.equal(before.values["infected[south]"][first], after.values["infected[south]"][first])
    assert not torch.equal(before.values["infected[north]"][first], after.values["infected[north]"][first])


RIVALS = EPIDEMIC | {
    "world.toml": EPIDEMIC["world.toml"] + "[rivals.infected]\nspread = 0.3\nstill = 0.7\n",
    "mechanisms/still.toml": mechanism("still", "infected[region, t-1]", assigns="infected"),
}


def test_a_rival_holds_for_all_elements_of_a_trajectory() -> None:
    _, found = run(RIVALS, horizon=3, draws=4000)
    rivals = [found.rivals[f"infected[{region}]"] for region in REGIONS]
    assert torch.equal(rivals[0], rivals[1])
    assert torch.equal(rivals[0], rivals[2])
    still = rivals[0] == 1
    assert still.double().mean().item() == pytest.approx(0.7, abs=0.03)
    stays = found.values["infected[north]"][..., -1] == 5
    assert torch.equal(stays, still)


SHARES = {
    "world.toml": HEAD + 'step = "day"\n[indices]\ngood = ["bread", "wine", "tea"]\n'
    "[tables.taste]\nby = ['good']\nrows = [2.0, 3.0, 5.0]\nwhy = 'what people like'\n",
    "variables/share.toml": variable("share", support='kind = "real"\nlower = 0\nupper = 1', extra='over = ["good"]'),
    "mechanisms/spend.toml": mechanism("spend", "Dirichlet(taste[good])", assigns="share"),
}


def test_a_dirichlet_has_its_moments() -> None:
    """Mean α/α₀, variance α(α₀ − α)/(α₀²(α₀ + 1)), covariance −αβ/(α₀²(α₀ + 1))."""
    _, found = run(SHARES, horizon=1, draws=40_000)
    share = torch.stack([found.values[f"share[{good}]"][:, 0, 0] for good in ("bread", "wine", "tea")])
    alpha = torch.tensor([2.0, 3.0, 5.0], dtype=torch.float64)
    mean = alpha / 10
    covariance = (torch.diag(mean) - torch.outer(mean, mean)) / 11
    assert torch.allclose(share.sum(dim=0), torch.ones(40_000, dtype=torch.float64))
    assert torch.allclose(share.mean(dim=1), mean, atol=0.003)
    assert torch.allclose(torch.cov(share), covariance, atol=0.0006)


SCENARIO = {
    "world.toml": HEAD + 'step = "year"\n',
    "variables/price.toml": variable("price").replace('role = "state"', 'role = "exogenous"'),
    "variables/cost.toml": variable("cost"),
    "mechanisms/price.toml": mechanism(
        "price", "path[t]", "[tables.path]\nby = ['t']\nrows = [10, 11, 14]\nwhy = 'a scenario'\n"
    ),
    "mechanisms/cost.toml": mechanism(
        "cost", "price[t] + past[t-1] + 0 * t", "[tables.past]\nby = ['t']\nrows = [1, 2]\nwhy = 'last year'\n"
    ),
}


def test_a_table_by_the_step_is_a_scenario_and_holds_its_last_value() -> None:
    _, found = run(SCENARIO, horizon=5, draws=1)
    assert found.values["price"][0, 0].tolist() == [10, 11, 14, 14, 14]
    assert found.values["cost"][0, 0].tolist() == [11, 12, 16, 16, 16]


def test_a_binding_is_written_out() -> None:
    files = {
        "world.toml": HEAD + 'step = "day"\n',
        "variables/x.toml": variable("x"),
        "mechanisms/x.toml": mechanism(
            "x",
            "twice + 1",
            "[let.twice]\nvalue = 'half * 4'\nwhy = 'a'\n[let.half]\nvalue = 'x[t-1] / 2'\nwhy = 'b'\n",
        ),
    }
    assert ground(world_from(files)).mechanisms["x"].law == Law("Delta", parse_law("x[t-1] / 2 * 4 + 1").arguments)
