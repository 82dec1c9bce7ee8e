"""PRISM: what is written is a Markov model, and it says of every property what the world says of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch

from worldmodel.errors import InputError
from worldmodel.exchange.middle import middle_parameters
from worldmodel.exchange.prism import PrismModel, to_prism
from worldmodel.grounding.ground import ground
from worldmodel.simulation.paths import probability_holds, utility_values
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

Reader = Callable[[str], Any]
Maker = Callable[..., World]

SAFE = "P(level >= 1 throughout 5) >= 0.5"
HIGH = "P(level >= 3 within 6) <= 0.5"
UNTIL = "P(level >= 1 until level[t] == 3 within 6) > 0.1"
TANK: dict[str, Any] = {
    "supports": {"level": (0, 3), "inflow": (0, 2), "valve": (0, 1)},
    "laws": {
        "inflow": "Categorical(0.5, 0.3, 0.2)",
        "level": "Delta(level[t-1] + inflow[t] - valve[t])",
        "valve.keep": "Delta(if level[t-1] > 1 then 1 else 0)",
    },
    "initial": {"level": ["Delta(1)"]},
    "actions": ["valve"],
    "properties": {"safe": SAFE, "high": HIGH, "until": UNTIL},
    "utilities": {
        "height": "level[t] * 2 - abs(level[t] - level[t-1]) / 3",
        "every_function": "exp(-level[t]) + sqrt(level[t]) + logistic(level[t]) + tanh(level[t] - 1)"
        " + log(1 + level[t]) + level[t]^2 + mix(0.3, level[t], 2) + clip(level[t], 1, 2)"
        " + (if level[t] > 1 and not level[t] == 3 then min(level[t], 2) else max(level[t], 0.5))",
    },
}


def lines_of(model: PrismModel) -> dict[str, str]:
    """Property lines by name."""
    return {line.split('"')[1]: line for line in model.properties.splitlines() if not line.startswith("//")}


def agrees(world: World, model: PrismModel, read: Reader, rule: str | None, parameters: dict[str, float]) -> None:
    """Every property's exact probability in the file lies within five standard errors of the simulator's share."""
    count = 20_000
    fixed = {name: torch.full((count, 1), value, dtype=torch.float64) for name, value in parameters.items()}
    with torch.no_grad():
        run = simulate(world, rule, 6, count, seed=5, parameters=fixed)
    file = read(model.model)
    for name, line in lines_of(model).items():
        exact = float(file.probability(line))
        share = float(probability_holds(ground(world).properties[name].formula, run).double().mean())
        assert abs(share - exact) < 5 * (exact * (1 - exact) / count) ** 0.5 + 1e-12, name
        assert 0 < exact < 1, name


def test_a_world_under_a_rule_is_a_chain_with_the_simulators_probabilities(
    finite_world: Maker, read_prism: Reader
) -> None:
    world = finite_world(**TANK)
    model = to_prism(world, rules=["keep"])
    file = read_prism(model.model)
    assert (file.kind, model.kind) == ("dtmc", "dtmc")
    assert len(file.commands) == model.states
    assert sum(len(d) for choices in file.commands.values() for _, d in choices) == model.transitions
    agrees(world, model, read_prism, "keep", {})


def test_a_probability_by_hand(finite_world: Maker, read_prism: Reader) -> None:
    world = finite_world({"x": "Bernoulli(0.25)"}, {"x": (0, 1)}, properties={"once": "P(x == 1 within 3) >= 0.5"})
    model = to_prism(world)
    line = lines_of(model)["once"]
    assert line == '"once": P>=0.5 [ F<=3 "once_goal" ];'
    assert read_prism(model.model).probability(line) == 1 - Fraction(3, 4) ** 3


def test_free_actions_are_choices_with_names(finite_world: Maker, read_prism: Reader) -> None:
    model = to_prism(finite_world(**TANK))
    file = read_prism(model.model)
    assert file.kind == "mdp"
    assert {name for choices in file.commands.values() for name, _ in choices} == {"valve_x0", "valve_x1"}
    rule = read_prism(to_prism(finite_world(**TANK), rules=["keep"]).model)
    for line in lines_of(model).values():
        assert file.probability(line, min) <= rule.probability(line) <= file.probability(line, max)


def test_lags_draws_of_the_start_rivals_and_parameters(finite_world: Maker, read_prism: Reader) -> None:
    world = finite_world(
        {
            "x.calm": "Binomial(2, p * (x[t-2] + 1) / 3)",
            "x.wild": "Categorical(0.4, 0.2, 0.4)",
            "y": "Mixture(0.6, Binomial(2, x[t] / 2), 0.4, ZeroInflated(0.5, Poisson(0.2)))",
            "z": "if y[t] > x[t-1] then 1 else 0",
        },
        {"x": (0, 2), "y": (0, 2), "z": (0, 1)},
        initial={"x": ["Binomial(2, 0.5)", "Delta(1)"], "y": ["Categorical(0.5, 0.5)"]},
        rivals={"x": {"calm": 1.0, "wild": 3.0}},
        parameters={"calm": {"p": "Beta(2, 2)"}},
        properties={
            "one": "P(z == 1 throughout 4) >= 0.3",
            "two": "P(x[t] + y[t-1] >= 4 within 3) >= 0.5",
            "three": "P(y >= y[0] until x == 2 within 5) < 0.5",
        },
    )
    middle = middle_parameters(world)
    assert middle == {"calm.p": pytest.approx(0.5)}
    agrees(world, to_prism(world, middle), read_prism, None, middle)


def test_failure_counts_against_the_property_on_either_side(finite_world: Maker, read_prism: Reader) -> None:
    texts = ("P(x >= 2 within 6) {} 0.5", "P(x < 2 throughout 6) {} 0.5", "P(x < 2 until x == 2 within 6) {} 0.5")
    world = finite_world(
        {"x": "x[t-1] + y[t]", "y": "Poisson(0.4)"},
        {"x": (0, 4), "y": (0, 2)},
        properties={f"p{n}{o}": t.format(s) for n, t in enumerate(texts) for o, s in enumerate(("<=", ">="))},
    )
    model = to_prism(world)
    assert "failed=1" in model.model
    agrees(world, model, read_prism, None, {})


def test_the_step_number_is_counted_to_the_horizon(finite_world: Maker, read_prism: Reader) -> None:
    world = finite_world(
        {"x": "Bernoulli(if t <= 2 then 0.1 else 0.6)"}, {"x": (0, 1)}, properties={"once": "P(x == 1 within 4) >= 0.5"}
    )
    model = to_prism(world, steps=6)
    exact = read_prism(model.model).probability(lines_of(model)["once"])
    assert float(exact) == pytest.approx(1 - 0.9**2 * 0.4**2, abs=1e-15)
    with pytest.raises(InputError, match="not-exportable"):
        to_prism(world)


def test_named_values_tables_and_families(read_prism: Reader) -> None:
    rows = {"dry": {"dry": [0.9, 0.1], "wet": [0.3, 0.7]}, "wet": {"dry": [0.5, 0.5], "wet": [0.25, 0.75]}}
    world = _weather(rows)
    agrees(world, to_prism(world), read_prism, None, {})


def _weather(rows: dict[str, Any]) -> World:
    from worldmodel.build import build_world

    def finite(name: str) -> dict[str, Any]:
        return {
            "format": 1,
            "id": name,
            "title": name,
            "meaning": name,
            "unit": "1",
            "role": "state",
            "support": {"kind": "finite", "values": ["dry", "wet"]},
            "initial": ["Categorical(0.5, 0.5)"],
            "over": ["place"],
        }

    head = {"format": 1, "language": 1, "name": "weather", "summary": "x", "step": "day"}
    return build_world(
        {
            "world.toml": {**head, "indices": {"place": ["north", "south"]}},
            "variables/sky.toml": finite("sky"),
            "variables/soil.toml": finite("soil"),
            "mechanisms/sky.toml": {
                "format": 1,
                "id": "sky",
                "assigns": "sky",
                "title": "x",
                "law": "Categorical(next[sky[place, t-1], soil[place, t-1]])",
                "tables": {"next": {"by": ["sky", "soil"], "rows": rows, "why": "x"}},
            },
            "mechanisms/soil.toml": {
                "format": 1,
                "id": "soil",
                "assigns": "soil",
                "title": "x",
                "law": "Bernoulli(if sky[place, t] == wet then 0.8 else 0.1)",
            },
            "properties/rain.toml": {
                "format": 1,
                "id": "rain",
                "title": "x",
                "kind": "property",
                "why": "x",
                "property": "P(all(sky[place] == wet and soil[place] == wet over place) within 4) >= 0.5",
            },
        }
    )


def collected(file: Any, name: str, steps: int) -> float:
    """The expected sum of a chain's rewards over steps 1 to `steps`."""
    expected, states = 0.0, {file.initial: 1.0}
    for _ in range(steps):
        after: dict[Any, float] = {}
        for state, weight in states.items():
            for target, p in file.commands[state][0][1].items():
                after[target] = after.get(target, 0.0) + weight * float(p)
        states = after
        expected += sum(w * file.value(file.rewards[name], s) for s, w in states.items())
    return expected


def test_rewards_are_the_utilities(finite_world: Maker, read_prism: Reader) -> None:
    world = finite_world(**TANK)
    file = read_prism(to_prism(world, rules=["keep"]).model)
    with torch.no_grad():
        run = simulate(world, "keep", 5, 40_000, seed=3)
    for name in TANK["utilities"]:
        totals = utility_values(world.utilities[name], run).sum(dim=-1)
        assert abs(float(totals.mean()) - collected(file, name, 5)) < 5 * float(totals.std()) / 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"laws": {"x": "Bernoulli(p)"}, "supports": {"x": (0, 1)}, "parameters": {"x": {"p": "Beta(1, 1)"}}},
            "uncertain",
        ),
        ({"laws": {"x": "Bernoulli(0.5)"}, "supports": {"x": (0, 1)}, "initial": {"x": ["Poisson(1)"]}}, "outside"),
        ({"laws": {"x": "Poisson(1)"}, "supports": {"x": (0, 300_000)}}, "probabilities"),
    ],
)
def test_what_is_not_finite_is_refused(finite_world: Maker, change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match="not-exportable") as caught:
        to_prism(finite_world(**change))
    assert words in str(caught.value)


def test_too_many_states_are_refused(finite_world: Maker) -> None:
    names = [f"x{number}" for number in range(15)]
    world = finite_world({n: f"Bernoulli(0.5 + {n}[t-1] / 4)" for n in names}, dict.fromkeys(names, (0, 1)))
    with pytest.raises(InputError, match="too-large"):
        to_prism(world)


STORM = """
import json, sys
import stormpy
program = stormpy.parse_prism_program(sys.argv[1])
answers = {"states": stormpy.build_model(program).nr_states}
for name, text in json.loads(sys.argv[2]).items():
    properties = stormpy.parse_properties(text, program)
    model = stormpy.build_model(program, properties)
    answers[name] = stormpy.model_checking(model, properties[0]).get_value(model.initial_states[0])
print(json.dumps(answers))
"""


def storm(path: Path, questions: dict[str, str]) -> dict[str, float]:
    """Storm's answers, from a process of its own; `GLASSWORLD_STORM` may name a folder to find stormpy in."""
    environment = {**os.environ, "PYTHONPATH": os.environ.get("GLASSWORLD_STORM", "")}
    answer = subprocess.run(
        [sys.executable, "-c", STORM, str(path), json.dumps(questions)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if "No module named 'stormpy'" in answer.stderr:
        pytest.skip("stormpy is not installed")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("rules", [[], ["keep"]])
def test_storm_reads_the_file_and_finds_the_same_probabilities(
    finite_world: Maker, read_prism: Reader, tmp_path: Path, rules: list[str]
) -> None:
    model = to_prism(finite_world(**TANK), rules=rules)
    path = tmp_path / "tank.prism"
    path.write_text(model.model, encoding="utf-8")
    file = read_prism(model.model)
    questions, expected = {}, {}
    for name, line in lines_of(model).items():
        for best in (min, max) if file.kind == "mdp" else (max,):
            path_text = line.partition("[")[2].partition("]")[0].strip()
            kind = f"P{best.__name__}" if file.kind == "mdp" else "P"
            expected[f"{name} {best.__name__}"] = float(file.probability(line, best))
            if path_text.startswith("G"):  # Storm has no bounded G: its complement
                kind = kind.replace("min", "m_x").replace("max", "min").replace("m_x", "max")
                path_text = path_text.replace("G", "F", 1).replace('"safe_safe"', '!"safe_safe"')
                expected[f"{name} {best.__name__}"] = 1 - expected[f"{name} {best.__name__}"]
            questions[f"{name} {best.__name__}"] = f"{kind}=? [ {path_text} ]"
    if file.kind == "dtmc":
        for name in file.rewards:
            questions[name], expected[name] = f'R{{"{name}"}}=? [ C<=6 ]', collected(file, name, 5)
    answers = storm(path, questions)
    assert answers.pop("states") == model.states
    assert answers == pytest.approx(expected, abs=1e-9)
