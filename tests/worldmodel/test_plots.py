"""Pictures show the quantiles they are given, side by side, whatever the titles say."""

from collections.abc import Callable

import torch

from worldmodel.plots import fan_figure, picture
from worldmodel.simulation.quantiles import Fan, fans
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

LEVELS = (0.1, 0.5, 0.9)


def fan(shift: float) -> Fan:
    steps = torch.arange(4, dtype=torch.float64)
    return Fan(LEVELS, torch.stack([steps - 1 + shift, steps + shift, steps + 1 + shift]), first=0)


def test_fans_stand_side_by_side_with_their_medians(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "1", "y": "1"})
    columns = {"one": {"x": fan(0), "y": fan(5)}, "two $": {"x": fan(1), "y": fan(6)}}
    figure = fan_figure(world, columns, ["x", "y"], "\\frac{$")
    axes = figure.get_axes()
    assert [panel.get_title() for panel in axes[:2]] == ["one", "two $"]
    medians = [panel.get_lines()[0].get_ydata()[0] for panel in axes]
    assert medians == [0, 1, 5, 6]
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert picture(figure, "fans.svg") == picture(fan_figure(world, columns, ["x", "y"], "\\frac{$"), "fans.svg")


def test_one_rule_alone_stands_in_two_columns(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "1", "y": "1", "z": "1"})
    figure = fan_figure(world, {"rule": dict.fromkeys("xyz", fan(0))}, list("xyz"))
    assert [panel.get_visible() for panel in figure.get_axes()] == [True, True, True, False]


def test_quantiles_are_over_all_trajectories_from_the_start_on(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "Normal(x[t-1] + 1, 1)"}, initial={"x": ["Delta(5)"]})
    run = simulate(world, None, horizon=3, draws=500, batch=8)
    found = fans(run, ["x"], LEVELS)["x"]
    assert found.at(0) == [5, 5, 5]
    torch.testing.assert_close(torch.tensor(found.at(2)), torch.tensor([5.188, 7.0, 8.812]), atol=0.12, rtol=0)
