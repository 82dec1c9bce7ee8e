"""Bits are the length of a code that can be decoded, and what was learned is counted against the prior."""

import itertools
import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import scipy.stats as stats
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.surface_worlds import EPIDEMIC, HEAD, mechanism, variable, world_from
from worldmodel.components.posterior import ParameterPosterior
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import (
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Variable,
)
from worldmodel.language.parser import parse_expression, parse_law
from worldmodel.language.signatures import FUNCTIONS, LAWS
from worldmodel.readings.bits import (
    Scope,
    expression_bits,
    law_bits,
    learned_bits,
    learned_numbers,
    mean_bits,
    mechanism_bits,
    number_bits,
    whole_number_bits,
)
from worldmodel.world import World

SCOPE = Scope(parameters=2, variables=2)


def atoms() -> Iterator[Expression]:
    yield from (Parameter("p"), Parameter("q"), Start("x"), Start("y"))
    yield from (Variable(name, lag) for name in "xy" for lag in range(40))
    yield from map(Number, sorted({float(f"{m}e{e}") for m in range(200) for e in range(-12, 12)}))


def larger(inner: list[Expression], most: int) -> Iterator[Expression]:
    """Every node over the given children, with no more of them than `most`."""
    pairs = list(itertools.product(inner, repeat=2))
    yield from (Binary(operator, *pair) for operator in ("+", "-", "*", "/", "^") for pair in pairs)
    yield from (Compare(operator, *pair) for operator in ("<", "<=", ">", ">=", "==", "!=") for pair in pairs)
    yield from (Logical(operator, *pair) for operator in ("and", "or") for pair in pairs)
    yield from (make(x) for make in (Negate, Not) for x in inner)
    if most > 2:
        yield from (If(*three) for three in itertools.product(inner, repeat=3))
    for function in FUNCTIONS.values():
        for count in range(function.fewest, min(function.most or most, most) + 1):
            yield from (Call(function.name, few) for few in itertools.product(inner, repeat=count))


def mass(nodes: Iterator[Expression]) -> float:
    return math.fsum(2.0 ** -expression_bits(node, SCOPE) for node in nodes)


def test_the_code_can_be_decoded_for_all_small_expressions() -> None:
    """Kraft's inequality; and with all atoms in, no more room is wasted than the numbers and lags left out."""
    leaves = mass(atoms())
    assert 0.55 < leaves < 0.25 + 0.25 + 0.125 + 1 / 128
    few: list[Expression] = [Parameter("p"), Variable("x", 0), Number(1.0)]
    once = list(larger(few, most=4))
    assert leaves + mass(iter(once)) < 1
    twice = (node for node in larger([*few, *once[::4]], most=2))
    assert leaves + mass(iter(once)) < leaves + mass(itertools.chain(twice, once)) < 1


def test_a_code_with_all_children_at_full_mass_would_just_fill_the_room() -> None:
    """Each kind's own choices sum to at most 1, so any expression's extensions never weigh more than itself."""
    kinds = mass(iter([Parameter("p"), Parameter("q")])) + mass(iter([Start("x"), Start("y")]))
    assert kinds == pytest.approx(1 / 4 + 1 / 128)
    child = 2.0 ** -expression_bits(Parameter("p"), SCOPE)
    binary = math.fsum(
        2.0 ** -expression_bits(Binary(operator, Parameter("p"), Parameter("p")), SCOPE) / child**2
        for operator in ("+", "-", "*", "/", "^")
    )
    assert binary == pytest.approx(1 / 4)
    calls = math.fsum(
        2.0 ** -expression_bits(Call(function.name, (Parameter("p"),) * count), SCOPE) / child**count
        for function in FUNCTIONS.values()
        for count in range(function.fewest, (function.most or 80) + 1)
    )
    assert 1 / 16 - 0.01 < calls <= 1 / 16


def test_families_are_coded_without_overlap() -> None:
    one = Number(1.0)
    child = 2.0 ** -expression_bits(one, SCOPE)
    inner = Law("Exponential", (one,))
    part = 2.0 ** -law_bits(inner, SCOPE)
    total = 0.0
    for signature in LAWS.values():
        least = len(signature.slots)
        for count in range(least, 60 if signature.repeated else least + 1):
            parts = 0 if signature.order is None else count if signature.repeated else 1
            law = Law(signature.name, (one,) * count, (inner,) * parts)
            total += 2.0 ** -law_bits(law, SCOPE) / child**count / part**parts
    assert 0.98 < total <= 1


@given(st.integers(1, 10**6))
def test_whole_numbers_have_the_length_of_their_gamma_code(number: int) -> None:
    assert whole_number_bits(number) == 2 * len(f"{number:b}") - 1


def test_numbers_cost_by_their_precision() -> None:
    assert number_bits(0.0) == 1 + 1
    assert number_bits(2.0) == 3 + 1
    assert number_bits(0.5) == 5 + 3
    assert number_bits(0.25) < number_bits(0.2517) < number_bits(0.2517239)
    assert number_bits(3e10) == number_bits(3.0) + 8


def test_a_law_counted_by_hand() -> None:
    law = parse_law("Normal(a * x[t-1], 0.5)")
    family = math.log2(len(LAWS))
    product = 2 + math.log2(5)
    parameter, variable = 2 + 1, 2 + 1 + whole_number_bits(2)
    number = 3 + number_bits(0.5)
    assert law_bits(law, SCOPE) == pytest.approx(family + product + parameter + variable + number)
    assert expression_bits(Number(-0.5), SCOPE) == expression_bits(parse_expression("-0.5"), SCOPE)


def posterior(scale: str, mean: float, sd: float) -> ParameterPosterior:
    return ParameterPosterior.model_validate({"scale": scale, "mean": mean, "sd": sd, "grid": sd / 2, "bits": 0.0})


def test_the_mean_that_a_prior_reads_keeps_its_digits() -> None:
    world = world_from(
        {
            "world.toml": HEAD + 'step = "day"\n',
            "variables/x.toml": variable("x"),
            "mechanisms/x.toml": mechanism(
                "x",
                "Normal(near + far, 1)",
                '[parameters.far]\nprior = "Normal(1e8, 1)"\nwhy = "w"\n'
                '[parameters.near]\nprior = "Normal(far, 1)"\nwhy = "w"\n',
            ),
        }
    )
    entries = {"far": posterior("identity", 100_000_003.0, 2.0), "near": posterior("identity", 100_000_003.0, 2.0)}
    found = learned_bits(SimpleNamespace(parameters=entries, order=("far", "near")), ground(world).mechanisms["x"])
    cell = stats.norm().cdf([-0.5, 0.5])
    assert found["near"] == pytest.approx(-math.log2(cell[1] - cell[0]), abs=0.006)


def test_learned_bits_are_the_prior_mass_of_the_cell() -> None:
    cell = stats.norm(1, 2).cdf([1.45, 1.55])
    assert mean_bits(parse_law("Normal(1, 2)"), posterior("identity", 1.5, 0.2)) == pytest.approx(
        -math.log2(cell[1] - cell[0]), abs=0.006
    )
    cell = stats.lognorm(0.4, scale=math.exp(0.7)).cdf([math.exp(0.1), math.exp(0.3)])
    assert mean_bits(parse_law("LogNormal(0.7, 0.4)"), posterior("log", 0.2, 0.4)) == pytest.approx(
        -math.log2(cell[1] - cell[0]), abs=0.006
    )
    logistic = [1 / (1 + math.exp(-z)) for z in (-0.65, -0.35)]
    cell = stats.beta(4, 6).cdf(logistic)
    assert mean_bits(parse_law("Beta(4, 6)"), posterior("logit", -0.5, 0.6)) == pytest.approx(
        -math.log2(cell[1] - cell[0]), abs=0.006
    )
    cell = stats.uniform(2, 4).cdf([2 + 4 * share for share in logistic])
    assert mean_bits(parse_law("Uniform(2, 6)"), posterior("logit", -0.5, 0.6)) == pytest.approx(
        -math.log2(cell[1] - cell[0]), abs=0.006
    )


def test_a_mean_far_from_the_prior_still_has_finite_bits() -> None:
    assert 700 < mean_bits(parse_law("Normal(0, 1)"), posterior("identity", 32.0, 0.1)) < 800


def test_a_world_lists_its_learned_numbers(world_of: Callable[..., World]) -> None:
    fitted = {
        "order": ["b", "a"],
        "parameters": {
            "a": {"scale": "logit", "mean": -0.6, "sd": 0.6, "grid": 0.3, "bits": 0.0},
            "b": {"scale": "identity", "mean": 1.5, "sd": 0.2, "grid": 0.1, "bits": 0.0},
        },
        "correlation": [[1.0, 0.0], [0.0, 1.0]],
    }
    world = world_of(
        laws={"x": "Normal(a * x[t-1], exp(b))", "y": "x[t]"},
        parameters={"x.a": "Beta(4, 6)", "x.b": "Normal(1, 2)"},
        posteriors={"x": fitted},
    )
    listed = learned_numbers(world)
    assert [(entry["component"], entry["parameter"], entry["value"], entry["sd"]) for entry in listed] == [
        ("posteriors/x.toml", "a", -0.6, 0.6),
        ("posteriors/x.toml", "b", 1.5, 0.2),
    ]
    assert listed[1]["bits"] == mean_bits(parse_law("Normal(1, 2)"), posterior("identity", 1.5, 0.2))
    assert mechanism_bits(world.mechanisms["x"], world) > mechanism_bits(world.mechanisms["y"], world) > 0


def test_a_surface_law_counted_by_hand() -> None:
    """Index names and named values share one list of places; each index of a sum names its set."""
    scope = Scope(parameters=3, variables=4, places=5, sets=2)
    text = parse_expression("sum(contact[a, b] * ill[b, t-1] over b)")
    inner = Scope(3, 4, 6, 2)
    name = 2 + math.log2(3 + 6)
    variable = 2 + math.log2(4) + whole_number_bits(2) + math.log2(6)
    body = 2 + math.log2(5) + 3 * name + variable
    assert expression_bits(text, scope) == pytest.approx(7 + math.log2(7) + whole_number_bits(1) + 1 + body)
    assert expression_bits(parse_expression("contact[a, b] * ill[b, t-1]"), inner) == pytest.approx(body)


def test_tables_and_bindings_cost_bits() -> None:
    world = world_from(EPIDEMIC)
    spread = world.mechanisms["spread"]
    own_and_shared, variables, index_and_values, sets = 6 + 3, 3, 1 + 5, 1
    names = Scope(own_and_shared, variables, index_and_values, sets)
    priors = sum(law_bits(prior, names) for prior in spread.priors.values())
    law = law_bits(spread.law, names)
    bindings = sum(expression_bits(value, names) for value in spread.bindings.values())
    table = 2 + number_bits(1.2) + number_bits(0.8)
    assert mechanism_bits(spread, world) == pytest.approx(law + bindings + priors + table)
