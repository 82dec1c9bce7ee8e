"""The machine's exact answers, solved as matrices that are read off the template's own laws, against the textbook's."""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks.machine import (
    BROKEN,
    GOOD,
    MAJOR,
    OVERHAUL,
    REPLACE,
    RUN,
    Matrix,
    chain,
    chances_of,
    costs_of,
    decisions,
    long_run_cost,
    reach,
)
from policy.algorithms.pathwise import Trained
from worldmodel.build import load_world
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Probability
from worldmodel.simulation.paths import probability_holds
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

# Hillier and Lieberman, chapter 19: the long-run cost of a week under their policies a, b, c and d
PUBLISHED = {
    "replace_when_broken": Fraction(25000, 13),
    "overhaul_and_replace": Fraction(5000, 3),
    "replace_badly_worn": Fraction(19000, 11),
    "replace_worn": Fraction(3000),
}


@pytest.fixture(scope="module")
def world(template_folder: Callable[[str], Path]) -> World:
    return load_world(template_folder("machine"))


@pytest.fixture(scope="module")
def chances(world: World) -> Matrix:
    return chances_of(world)


@pytest.fixture(scope="module")
def costs(world: World) -> Matrix:
    return costs_of(world)


def stationary(matrix: Matrix) -> Matrix:
    """The long-run shares of the conditions."""
    equations = np.vstack([matrix.T - np.eye(4), np.ones(4)])
    return np.asarray(np.linalg.lstsq(equations, np.array([0, 0, 0, 0, 1.0]), rcond=None)[0])


def test_every_row_is_a_distribution(chances: Matrix) -> None:
    assert chances.sum(axis=2) == pytest.approx(np.ones((4, 3)), abs=1e-12)


@pytest.mark.parametrize("rule", PUBLISHED)
def test_long_run_costs_are_those_of_the_book(world: World, chances: Matrix, costs: Matrix, rule: str) -> None:
    assert long_run_cost(chances, costs, decisions(world, rule)) == pytest.approx(float(PUBLISHED[rule]), rel=1e-9)


def test_long_run_shares_are_those_of_the_book(world: World, chances: Matrix) -> None:
    shares = stationary(chain(chances, decisions(world, "replace_when_broken")))
    assert shares == pytest.approx([2 / 13, 7 / 13, 2 / 13, 2 / 13])


def test_the_books_best_policy_is_the_best_of_all(world: World, chances: Matrix, costs: Matrix) -> None:
    """All 81 decision tables, also those that the book rules out."""
    values = {does: long_run_cost(chances, costs, list(does)) for does in product((RUN, OVERHAUL, REPLACE), repeat=4)}
    best = min(values, key=lambda does: values[does])
    assert list(best) == decisions(world, "overhaul_and_replace") == [RUN, RUN, OVERHAUL, REPLACE]
    assert sorted(values.values())[1] > values[best] + 1


def test_discounted_value_iteration_agrees(world: World, chances: Matrix, costs: Matrix) -> None:
    """The objective's own discount, and the workers' stake added, lead to the same decisions."""
    assert world.objective is not None
    danger = world.utilities["workers"].file.constants["danger"].value
    stake = costs / 1000 + danger * chances[:, :, BROKEN]
    value = np.zeros(4)
    for _ in range(3000):
        value = (stake + world.objective.discount * chances @ value).min(axis=1)
    best = (stake + world.objective.discount * chances @ value).argmin(axis=1)
    assert best.tolist() == decisions(world, "overhaul_and_replace")


def test_first_passages_of_a_machine_that_is_only_run(chances: Matrix) -> None:
    """Mean weeks to a breakdown 11/2, 5 and 2; from new, broken before badly worn in one case of two."""
    run = chain(chances, [RUN] * 4)
    inner = run[:BROKEN, :BROKEN]
    weeks = np.linalg.solve(np.eye(3) - inner, np.ones(3))
    assert weeks == pytest.approx([5.5, 5.0, 2.0])
    early = np.linalg.solve(np.eye(2) - run[:MAJOR, :MAJOR], run[:MAJOR, BROKEN])
    assert early == pytest.approx([0.5, 0.5])


def closed_form(weeks: int) -> Fraction:
    """P(broken within so many weeks) of a new machine that is only run, worked out by hand.

    With A = (3/4)^k and B = (1/2)^k weeks after the first, 1 − 1/16 − 7/8 (1 − s₁) − …: survival from minor is
    (3/2) A − (1/2) B, from major B.
    """
    after = weeks - 1
    slow, fast = Fraction(3, 4) ** after, Fraction(1, 2) ** after
    return 1 - Fraction(7, 8) * (Fraction(3, 2) * slow - Fraction(1, 2) * fast) - Fraction(1, 16) * fast


@pytest.mark.parametrize("weeks", [1, 2, 4, 12, 52])
def test_reach_probabilities_have_their_closed_form(chances: Matrix, weeks: int) -> None:
    found = reach(chain(chances, [RUN] * 4), BROKEN, weeks)[GOOD]
    assert found == pytest.approx(float(closed_form(weeks)), rel=1e-12)


@pytest.mark.parametrize(
    ("rule", "broken"), [("replace_when_broken", Fraction(505, 1024)), ("overhaul_and_replace", Fraction(351, 1024))]
)
def test_the_floor_tells_the_rules_apart(world: World, chances: Matrix, rule: str, broken: Fraction) -> None:
    """Exactly by the chain, and by simulation within four standard errors."""
    formula = world.properties["holds_for_a_month"].formula
    assert isinstance(formula, Probability)
    exact = reach(chain(chances, decisions(world, rule)), BROKEN, 4)[GOOD]
    assert exact == pytest.approx(float(broken), rel=1e-12)
    assert (exact <= formula.bound) == (rule == "overhaul_and_replace")
    grounded = ground(world).properties["holds_for_a_month"].formula
    assert isinstance(grounded, Probability)
    seen = probability_holds(grounded, simulate(world, rule, 4, 20_000, 1, 1)).double().mean()
    assert float(seen) == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 20_000))


def test_it_goes_through_training(world: World, short_training: Callable[..., Trained]) -> None:
    """Draws of named values carry no gradient, so that nothing is learned; it runs, and says so by its numbers."""
    trained = short_training(world, iterations=2)
    assert {reading.alive for reading in trained.readings} == {1.0}
    assert len({reading.objective for reading in trained.readings}) == 1
