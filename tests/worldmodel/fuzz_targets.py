"""What a fuzzer aims at: each target takes any bytes and raises only where the language breaks a promise.

Refusing with InputError is keeping it. `benchmarks/fuzz.py` feeds the targets; `test_fuzz.py` replays what was found.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.worldmodel.surface_worlds import EPIDEMIC
from worldmodel.build import build_world, check_files
from worldmodel.errors import InputError, Problem
from worldmodel.files import parse_toml
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Expression, Formula, Law
from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.language.render import render
from worldmodel.simulation.intervention import parse_intervention
from worldmodel.units import parse_unit

Target = Callable[[bytes], None]

CORPUS = Path(__file__).parent / "corpus"
"""Inputs that a fuzzer found to be the smallest ones with all the coverage, a JSON list for each target."""

SPEECH = frozenset({"syntax", "too-large"})


def law(data: bytes) -> None:
    """A law: an IR that renders to a text which parses to it again, or a problem."""
    _round_trip(parse_law, data)


def expression(data: bytes) -> None:
    """An expression, the same."""
    _round_trip(parse_expression, data)


def formula(data: bytes) -> None:
    """A formula, the same."""
    _round_trip(parse_formula, data)


def unit(data: bytes) -> None:
    """A unit that agrees with itself, its square's root, and nothing that its inverse is, or a problem."""
    with suppress(InputError):
        found = parse_unit(_text(data))
        assert found.agrees(found.power(2).power(0.5))
        assert found.times(found.power(-1)).agrees(parse_unit("1"))


def intervention(data: bytes) -> None:
    """An intervention on steps in order, or a problem."""
    with suppress(InputError):
        found = parse_intervention(_text(data))
        assert found.first >= 1
        assert found.last is None or found.last >= found.first


def toml(data: bytes) -> None:
    """Plain values, the same every time, or problems."""
    with suppress(InputError):
        assert repr(parse_toml("world.toml", data)) == repr(parse_toml("world.toml", data))


def world(data: bytes) -> None:
    """A file of a world in place of a good one: problems, or a world that can be grounded."""
    paths = sorted(EPIDEMIC)
    path, content = paths[data[0] % len(paths)] if data else paths[0], data[1:]
    files = {name: text.encode() for name, text in EPIDEMIC.items()} | {path: content}
    try:
        problems = check_files(files)
    except InputError:
        return
    assert all(problem.code and problem.where and problem.found for problem in problems)
    if not problems:
        grounded = ground(build_world({name: parse_toml(name, text) for name, text in files.items()}))
        assert set(grounded.order) == set(grounded.variables)


def _round_trip(parse: Callable[[str], Expression | Law | Formula], data: bytes) -> None:
    text = _text(data)
    node, problems = _attempt(parse, text)
    assert {problem.code for problem in problems} <= SPEECH
    assert all(0 < (problem.column or 1) <= len(text) + 1 for problem in problems)
    if node is None:
        return
    again, problems = _attempt(parse, render(node))
    # A rendered text may be longer than what people may write: 1e14 becomes its fifteen digits.
    longer = {problem.code for problem in problems} == {"too-large"} and len(render(node)) > len(text)
    assert again == node or longer


def _attempt(
    parse: Callable[[str], Expression | Law | Formula], text: str
) -> tuple[Expression | Law | Formula | None, tuple[Problem, ...]]:
    try:
        return parse(text), ()
    except InputError as error:
        return None, error.problems


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


TARGETS: Mapping[str, Target] = {
    "law": law,
    "expression": expression,
    "formula": formula,
    "unit": unit,
    "intervention": intervention,
    "toml": toml,
    "world": world,
}

SEEDS: Mapping[str, tuple[str, ...]] = {
    "law": (
        "StudentT(5, mix(w, x[t-1], y[t]) + b * z[t-2], s)",
        "Truncated(Normal(m, 1), 0, 2)",
        "Mixture(w, Normal(0, 1), 1 - w, Delta(x[t-1]))",
        "ZeroInflated(0.5, Poisson(exp(b[r] * x[r, t-1])))",
        "Categorical(table[weather[t-1]])",
        "Dirichlet(a, b)",
        "if not a == b and 1 <= 2 or x[t] != y[t] then 1e-3 else -sqrt(2)^-x[t-3]",
    ),
    "expression": (
        "sum(contact[a, b] * infected[b, t-1] over a, b) / t",
        "clip(log(1), min(2, 3), max(abs(x[0]), tanh(-y)))",
    ),
    "formula": (
        "P(all(infected[r] < 500 over r) throughout 10) >= 0.1",
        "P(x < 1 until y[t-1] >= y[0] within 9) < 1",
        "increasing(mean(x[t]), y[t-1])",
    ),
    "unit": ("m**3/s", "1/(year*person)", "percent / km ** -2", "degC", "mm"),
    "intervention": ("rate=4", "rate=-4.5e3@1..8", "x=.5@3.."),
    "toml": tuple(EPIDEMIC.values()),
    "world": tuple(chr(place) + EPIDEMIC[path] for place, path in enumerate(sorted(EPIDEMIC))),
}
"""Texts that a fuzzer starts from."""
