"""The machine of the template `machine`: the numbers of docs/worlds/machine.md, by `python -m benchmarks.machine`.

Chances and costs are read off the world's own laws and utilities, case by case; the rest is small matrices.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.worlds import template, value_of, write_results
from policy.world_task import WorldTask
from worldmodel.grounding.ground import ground
from worldmodel.readings.log_density import constant
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import law_log_prob
from worldmodel.world import World

Matrix = NDArray[np.float64]
GOOD, MINOR, MAJOR, BROKEN = range(4)
RUN, OVERHAUL, REPLACE = range(3)
WEEKS = 4096


def given(values: Mapping[str, int]) -> Environment:
    """The week's work and both weeks' conditions, as codes; the one constant that is read is a thousand dollars."""
    return Environment(
        lambda _name: constant(1000.0), lambda name, _lag: constant(values[name]), lambda _name: constant(math.nan)
    )


def chances_of(world: World) -> Matrix:
    """P(condition | last condition, work), by the world's law; axes last condition, work, condition."""
    law = ground(world).mechanisms["wear"].law
    cases = torch.arange(4, dtype=torch.float64)
    table = np.zeros((4, 3, 4))
    for last, work in product(range(4), range(3)):
        table[last, work] = law_log_prob(law, given({"condition": last, "work": work}), cases).exp().numpy()
    return table


def costs_of(world: World) -> Matrix:
    """Dollars a week by last condition and work, from the owner's utility."""
    expression = ground(world).utilities["owner"].expression
    cases = [[{"condition": last, "work": work} for work in range(3)] for last in range(4)]
    return np.array([[-1000 * float(evaluate(expression, given(case))) for case in row] for row in cases])


def decisions(world: World, rule: str) -> list[int]:
    """What a rule does in each condition, by its law."""
    (value,) = ground(world).mechanisms[rule].law.arguments
    return [int(evaluate(value, given({"condition": last}))) for last in range(4)]


def chain(chances: Matrix, does: Sequence[int]) -> Matrix:
    """The Markov chain of a rule."""
    return np.array([chances[last, work] for last, work in enumerate(does)])


def long_run_cost(chances: Matrix, costs: Matrix, does: Sequence[int]) -> float:
    """The cost of a week in the long run from a good machine on, also where some conditions are never left."""
    matrix, own = chain(chances, does), np.array([costs[last, work] for last, work in enumerate(does)])
    many = np.linalg.matrix_power((matrix + np.eye(4)) / 2, WEEKS)  # lazy, so that it converges though it may alternate
    return float((many @ own)[GOOD])


def reach(matrix: Matrix, target: int, steps: int) -> Matrix:
    """P(target within so many steps), from each condition; backwards, one step at a time."""
    value = np.zeros(4)
    for _ in range(steps):
        value = matrix @ np.where(np.arange(4) == target, 1.0, value)
    return value


def exactly(value: float, most: int = 1 << 20) -> str:
    """The fraction that a sum of binary fractions is."""
    return str(Fraction(value).limit_denominator(most))


def main() -> None:
    """Computes everything, prints it and writes it down."""
    with template("machine") as (_folder, world):
        chances, costs, task = chances_of(world), costs_of(world), WorldTask(world)
        parameters = task.parameters(1, 4000)
        answers = {
            rule: {
                "does": decisions(world, rule),
                "long-run dollars a week": round(long_run_cost(chances, costs, decisions(world, rule)), 2),
                "broken within 4 weeks": exactly(reach(chain(chances, decisions(world, rule)), BROKEN, 4)[GOOD]),
                "simulated": value_of(task, rule, parameters),
            }
            for rule in task.references
        }
    write_results("machine", answers)


if __name__ == "__main__":
    main()
