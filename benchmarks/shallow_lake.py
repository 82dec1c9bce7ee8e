"""The lake that tips: the numbers of docs/worlds/shallow-lake.md, by `python -m benchmarks.shallow_lake`.

The lake's change in a year is read off the mechanism's own text; nothing of the model is written down a second time.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from scipy.optimize import brentq
from torch import Tensor

from benchmarks.worlds import constant_rule, template, value_of, write_results
from policy.world_task import WorldTask
from worldmodel.grounding.ground import ground
from worldmodel.readings.log_density import constant, constants
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.world import World

Levels = Float[Tensor, "..."]


def change_of_the_lake(world: World, **changed: float) -> Callable[..., Levels]:
    """Phosphorus of the next year less that of this one, by the mechanism's law, at a constant total of inputs."""
    mechanism = ground(world).mechanisms["recycling"]
    named = {**constants(mechanism), **{name: constant(value) for name, value in changed.items()}}

    def change(level: Levels | float, inputs: Levels | float = 0.0) -> Levels:
        level = torch.as_tensor(level, dtype=torch.float64)
        values = {"phosphorus": level, "loading": torch.as_tensor(inputs), "inflow": constant(0.0)}
        environment = Environment(lambda name: named[name], lambda name, _lag: values[name], lambda name: values[name])
        return evaluate(mechanism.law.arguments[0], environment) - level

    return change


def equilibria(change: Callable[..., Levels], inputs: float = 0.0) -> list[float]:
    """Every level above 0, up to 5, at which the lake stands still."""
    grid = torch.linspace(1e-4, 5.0, 4001, dtype=torch.float64)
    signs = torch.sign(change(grid, inputs))
    places = torch.nonzero(signs[1:] != signs[:-1]).flatten().tolist()

    def at(level: float) -> float:
        return float(change(level, inputs))

    return [float(brentq(at, float(grid[k]), float(grid[k + 1]), xtol=1e-12)) for k in places]


def most_that_it_bears(change: Callable[..., Levels]) -> tuple[float, float]:
    """The largest constant total of inputs with a clear equilibrium, and the level there: a fold."""
    grid = torch.linspace(1e-4, 0.7, 700_001, dtype=torch.float64)
    loss = -change(grid)
    place = int(loss.argmax())
    return float(loss[place]), float(grid[place])


def folds(world: World) -> dict[str, object]:
    """Equilibria without inputs and with nature's, and what the clear lake can bear, by loss rate."""
    answers = {}
    for loss in (0.42, 0.5001, 0.55, 0.6, 0.66):
        change = change_of_the_lake(world, loss=loss)
        answers[f"loss {loss:g}"] = {
            "without inputs": [round(level, 5) for level in equilibria(change)],
            "with nature's .02": [round(level, 5) for level in equilibria(change, 0.02)],
            "most that a clear lake bears, and the level there": [round(x, 4) for x in most_that_it_bears(change)],
        }
    return answers


def rules(world: World) -> dict[str, object]:
    """Discounted utility a year and the share that keeps the floor, by rule, on the same thousand trajectories."""
    task = WorldTask(world)
    parameters = task.parameters(1, 1000)
    levels = {f"loading {x:g}": constant_rule(x) for x in (0.0, 0.02, 0.024, 0.026, 0.028, 0.03, 0.04, 0.1)}
    own = {name: value_of(task, name, parameters) for name in task.references}
    return own | {name: value_of(task, rule, parameters) for name, rule in levels.items()}


def main() -> None:
    """Computes everything, prints it and writes it down."""
    torch.set_num_threads(1)
    with template("shallow-lake") as (_folder, world):
        write_results("shallow_lake", {"folds": folds(world), "rules": rules(world)})


if __name__ == "__main__":
    main()
