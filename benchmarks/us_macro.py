"""What the data of the template `us-macro` say, and what they do not: every number of docs/worlds/us-macro.md.

Run as `python -m benchmarks.us_macro`; takes a minute or two and writes `benchmarks/results/us_macro.json`.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import statsmodels.api as sm
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from statsmodels.datasets import macrodata
from statsmodels.tsa.api import VAR

from assistants.parameters.learn import fit_target, learn, target_for
from assistants.parameters.observations import Observations, fitted_rows
from assistants.parameters.posterior import posterior_file
from assistants.parameters.rivals import bootstrap_weights, weigh
from policy.task import Rule
from policy.world_task import WorldTask
from worldmodel.build import load_world
from worldmodel.data.series import read_series
from worldmodel.readings.objective import discounted
from worldmodel.simulation.simulate import simulate
from worldmodel.templates import template_files, write_data
from worldmodel.templates.us_macro_data import adaptive
from worldmodel.world import World

Column = NDArray[np.float64]
Columns = Mapping[str, Column]

FIRST, LAST_FITTED = 8, 162
RIVALS = ("investment_saving", "tightening")
RULES = ("taylor_rule", "historical_rule", "do_nothing")
DRAWS = 20_000
RESULTS = Path(__file__).parent / "results" / "us_macro.json"


def lag(column: Column, steps: int) -> Column:
    """The column `steps` quarters ago, NaN at the beginning."""
    return np.concatenate((np.full(steps, np.nan), column[: len(column) - steps]))


def regression(target: Column, inputs: Mapping[str, Column]) -> dict[str, object]:
    """Least squares on the fitted quarters: coefficient and t of each input, and the held-out log score a quarter."""
    design = sm.add_constant(np.column_stack(list(inputs.values())), has_constant="add")
    fitted = sm.OLS(target[FIRST:LAST_FITTED], design[FIRST:LAST_FITTED]).fit()
    spread = np.sqrt(fitted.scale)
    error = target[LAST_FITTED:] - design[LAST_FITTED:] @ fitted.params
    score = -0.5 * np.log(2 * np.pi * spread**2) - 0.5 * (error / spread) ** 2
    names = ("constant", *inputs)
    terms = {
        name: {"b": round(b, 3), "t": round(t, 1)}
        for name, b, t in zip(names, fitted.params, fitted.tvalues, strict=True)
    }
    return {"terms": terms, "bic": round(fitted.bic, 1), "held_out": round(float(score.mean()), 3)}


def rate_and_unemployment(x: Columns) -> dict[str, object]:
    """The effect of the rate on unemployment, by several definitions of tightness."""
    base = {"change": lag(x["unemployment"], 1) - lag(x["unemployment"], 2), "slack": lag(x["slack"], 1)}
    change = x["unemployment"] - lag(x["unemployment"], 1)
    yearly = sum(lag(x["inflation"], step) for step in range(4)) / 4
    past_real = x["rate"] - yearly
    measures = {
        "none": {},
        "real rate, 2 quarters ago": {"rate": lag(x["real_rate"], 2)},
        "real rate, mean of 4 quarters": {"rate": sum(lag(x["real_rate"], step) for step in range(1, 5)) / 4},
        "rate less inflation of the past year, mean of 4 quarters (Rudebusch and Svensson)": {
            "rate": sum(lag(past_real, step) for step in range(1, 5)) / 4
        },
        "rise of the rate, from 6 to 2 quarters ago": {"rate": lag(x["rate"], 2) - lag(x["rate"], 6)},
    }
    return {name: regression(change, {**base, **measure}) for name, measure in measures.items()}


def rate_and_growth(x: Columns) -> dict[str, object]:
    """Okun's law for consumption, and what the rate adds to it."""
    change = x["unemployment"] - lag(x["unemployment"], 1)
    rise = lag(x["rate"], 2) - lag(x["rate"], 6)
    return {
        "past growth alone": regression(x["growth"], {"growth1": lag(x["growth"], 1)}),
        "change of unemployment (Okun)": regression(x["growth"], {"change": change}),
        "Okun and past growth": regression(x["growth"], {"change": change, "growth1": lag(x["growth"], 1)}),
        "Okun and the rise of the rate": regression(x["growth"], {"change": change, "rate": rise}),
    }


def seasons_of_population() -> dict[str, float]:
    """What the seasons of population add to a quarter's growth per head at a yearly rate: highest less lowest mean."""
    raw = macrodata.load_pandas().data
    growth = 400 * raw["pop"].pct_change()
    halves = {"1959-1983": growth[:100], "1984-2009": growth[100:]}
    means = {name: half.groupby(raw["quarter"]).mean() for name, half in halves.items()}
    return {name: round(float(mean.max() - mean.min()), 2) for name, mean in means.items()}


def price_puzzle(x: Columns) -> dict[str, object]:
    """Vector autoregressions: what inflation does after a surprise rise of the rate. Theory says less, the data more.

    The rate stands last, so that it may react at once to all others and none at once to it. Answers are points of
    inflation for one standard deviation of the rate, averaged over a year.
    """
    answers = {}
    for others in (("inflation", "unemployment"), ("inflation", "growth"), ("inflation", "unemployment", "growth")):
        data = np.column_stack([x[name][:LAST_FITTED] for name in (*others, "rate")])
        for lags in (2, 4):
            fitted = VAR(data).fit(lags)
            response = fitted.irf(8).orth_irfs[:, 0, -1]
            first, second = float(response[1:5].mean()), float(response[5:9].mean())
            answers[f"{', '.join(others)}, rate; {lags} lags"] = {
                "first year": round(first, 2),
                "second": round(second, 2),
            }
    return answers


def gains(x: Columns) -> dict[str, object]:
    """How much hangs on the two gains that are fixed and not fitted."""
    answers = {}
    for expectations in (0.10, 0.125, 0.15, 0.25):
        for natural in (0.01, 0.03, 0.05):
            expected = adaptive(x["inflation"], expectations, x["inflation"][0])
            slack = x["unemployment"] - adaptive(x["unemployment"], natural, 5.8)
            own = {"inertia": lag(x["inflation"], 1) - expected, "slack": lag(slack, 1)}
            phillips = regression(x["inflation"] - expected, own)
            base = {"change": lag(x["unemployment"], 1) - lag(x["unemployment"], 2), "slack": lag(slack, 1)}
            change = x["unemployment"] - lag(x["unemployment"], 1)
            demand = regression(change, {**base, "rate": lag(x["rate"] - expected, 2)})
            answers[f"{expectations}, {natural}"] = {"phillips": phillips, "demand": demand}
    return answers


def fitted_world(folder: Path) -> tuple[World, dict[str, object]]:
    """The template with posteriors as the assistant `parameters` finds them, and what it says of them."""
    world = load_world(folder)
    observations = observed(world, folder)
    common = torch.stack([fitted_rows(world.mechanisms[name], observations) for name in RIVALS]).all(dim=0)
    posteriors, report = {}, {"unemployment without the rate": without_the_rate(folder, common)}
    for name, mechanism in world.mechanisms.items():
        if mechanism.priors:
            learned = learn(mechanism, observations)
            posteriors[name] = posterior_file(world, learned)
            report[name] = {
                "scores": posteriors[name].scores.model_dump() if posteriors[name].scores else None,
                "log_evidence": posteriors[name].log_evidence,
                "parameters": {key: quantiles(draw) for key, draw in learned.target.natural(learned.kept).items()},
            }
    middle = {name: values[1] for name, values in report["phillips_curve"]["parameters"].items()}
    report["a hot year"] = a_hot_year(middle["inertia"], middle["slope"])
    rivalry = weigh(world, "unemployment", observations)
    within = np.stack([forecasts.within for forecasts in rivalry.forecasts.values()])
    early = dict(zip(rivalry.forecasts, bootstrap_weights(within, np.random.default_rng(1)).tolist(), strict=True))
    report["rivals"] = {
        name: {
            "weight": rivalry.weights[name],
            "weight by forecasts within 1959-1999 alone": round(early[name], 2),
            "evidence on the same steps": round(forecasts.evidence.value, 1),
            "by evidence": round(rivalry.by_evidence[name], 3),
            "forecasts within 1959-1999": round(float(forecasts.within.sum()), 1),
            "forecasts of 1999-2009": round(float(forecasts.held.sum()), 1),
            "lead and its standard error": [round(value, 1) for value in rivalry.lead(name)],
        }
        for name, forecasts in rivalry.forecasts.items()
    }
    return replace(world, posteriors=posteriors), report


def a_hot_year(inertia: float, slope: float, gain: float = 0.125, quarters: int = 200) -> float:
    """By how much expected inflation has risen long after a year of unemployment one point below natural."""
    inflation = expected = 0.0
    for quarter in range(quarters):
        expected += gain * (inflation - expected)
        slack = -1.0 if quarter < 4 else 0.0
        inflation = inertia * inflation + (1 - inertia) * expected - slope * slack
    return round(expected, 3)


def without_the_rate(folder: Path, common: torch.Tensor) -> dict[str, object]:
    """The law of unemployment with the rate's term left out: what both rivals have to beat, on their steps too."""
    path = folder / "mechanisms/tightening.toml"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("[parameters.effect]"), text.index("[parameters.noise]")
    plain = (text[:begin] + text[end:]).replace(" + \\\neffect * (rate[t-2] - rate[t-6])", "")
    path.write_text(plain.partition("[[claims]]")[0], encoding="utf-8")
    try:
        world = load_world(folder)
        mechanism, observations = world.mechanisms["tightening"], observed(world, folder)
        learned = learn(mechanism, observations)
        same = fit_target(target_for(mechanism, observations, common), "evidence").evidence.value
    finally:
        path.write_text(text, encoding="utf-8")
    answer = posterior_file(world, learned)
    return {
        "scores": answer.scores.model_dump() if answer.scores else None,
        "log_evidence": answer.log_evidence,
        "evidence on the same steps": round(same, 1),
    }


def observed(world: World, folder: Path) -> Observations:
    """The data as the assistant sees them."""
    series = read_series(world, folder)
    tensors = {name: torch.tensor(column, dtype=torch.float64) for name, column in series.values.items()}
    return Observations(tensors, series.split, series.digest)


def quantiles(values: torch.Tensor) -> list[float]:
    """The 5, 50 and 95 percent quantiles."""
    return [
        round(value, 3)
        for value in torch.quantile(values, torch.tensor([0.05, 0.5, 0.95], dtype=values.dtype)).tolist()
    ]


def outcomes(world: World, source: str) -> dict[str, object]:
    """Ten years under each rule: exits from the support, floors, and where things stand at the end."""
    answers = {}
    for rule in RULES:
        run = simulate(world, rule, 40, DRAWS, 1, seed=1, source=source)
        consumption, expected = run.values["consumption"][:, 0], run.values["expected_inflation"][:, 0]
        start = run.before["consumption"][0]
        answers[rule] = {
            "left its support": share(~run.alive[:, 0, -1]),
            "consumption below its start": share((consumption < start).any(-1)),
            "in the first quarter": share(consumption[:, 0] < start[:, 0]),
            "five percent below": share((consumption < 0.95 * start).any(-1)),
            "expected inflation outside -4 to 10": share(((expected < -4) | (expected > 10)).any(-1)),
            "at the end": {
                name: quantiles(run.values[name][:, 0, -1])
                for name in ("rate", "unemployment", "expected_inflation", "growth")
            },
        }
    return answers


def share(condition: torch.Tensor) -> float:
    """The share of trajectories."""
    return round(float(condition.double().mean()), 4)


def value_of(task: WorldTask, rule: Rule | str, draws: int, seed: int) -> dict[str, float]:
    """The objective's value (utilitarian, mean) and each stakeholder's part of it, per quarter of discounted time."""
    outcome = task.run(rule, task.parameters(seed, draws), seed, 1)
    weight = discounted(torch.ones(task.horizon, dtype=torch.float64), task.objective.discount)
    rows = discounted(outcome.utilities, task.objective.discount).mean(dim=(1, 2)) / weight
    values = dict(zip(task.stakeholders, [round(row, 4) for row in rows.tolist()], strict=True))
    kept = dict(zip(task.objective.floors, map(share, outcome.kept), strict=True))
    rate = outcome.values["rate"][:, 0]
    course = {f"rate in quarter {step}": round(float(rate[:, step - 1].mean()), 1) for step in (1, 4, 8, 16, 28, 40)}
    extremes = {"rate at 0": share(rate <= 0.005), "rate at 20": share(rate >= 19.995)}
    return {"all": round(float(rows.sum()), 4), **values, **kept, **course, **extremes}


def linear_rule(task: WorldTask, p: Column) -> Rule:
    """A smoothed linear rule in expected inflation and slack, kept within 0 and 20."""
    place = {name: number for number, name in enumerate(task.observations)}

    def rule(seen: torch.Tensor) -> torch.Tensor:
        last, expected, slack = (seen[..., place[name]] for name in ("rate", "expected_inflation", "slack"))
        surprise = seen[..., place["inflation"]] - expected
        wanted = p[0] * last + p[1] + p[2] * expected - p[3] * slack + p[4] * surprise
        return wanted.clamp(0.0, 20.0).unsqueeze(-1)

    return rule


def best_linear(task: WorldTask) -> Column:
    """The best of these rules, by Nelder and Mead's method, begun twice anew, on common random numbers."""

    def loss(p: Column) -> float:
        return -value_of(task, linear_rule(task, p), 1500, 11)["all"] if 0 <= p[0] <= 1 else 10.0

    best = np.array([0.95, -0.2, 0.1, 0.2, 0.1])
    for size in (1.0, 0.5, 0.25):
        simplex = np.vstack([best, best + size * np.diag([-0.1, 0.4, 0.1, 0.1, 0.1])])
        best = minimize(loss, best, method="Nelder-Mead", options={"maxfev": 250, "initial_simplex": simplex}).x
    return np.asarray(best)


def room_for_a_policy(world: World) -> dict[str, object]:
    """What there is to gain: rules, constant rates, and the best linear rule, on both rivals and on each alone."""
    task = WorldTask(world)
    worlds = {"both": task, **task.variants()}
    found = {name: best_linear(own) for name, own in worlds.items()}
    answers: dict[str, object] = {rule: value_of(task, rule, 4000, 7) for rule in RULES}
    for level in (0.0, 2.0, 4.0, 6.0, 8.0, 12.0):
        answers[f"rate {level:g} for ever"] = value_of(task, constant(level), 4000, 7)
    answers["best linear"] = {
        trained: {
            "coefficients": np.round(p, 3).tolist(),
            **{name: value_of(own, linear_rule(own, p), 4000, 7) for name, own in worlds.items()},
        }
        for trained, p in found.items()
    }
    halved = WorldTask(with_half_the_erosion(world))
    answers["half the erosion"] = value_of(halved, linear_rule(halved, best_linear(halved)), 4000, 7)
    return answers


def with_half_the_erosion(world: World) -> World:
    """The same world, in which savers dislike inflation half as much."""
    savers = world.utilities["savers"]
    erosion = savers.file.constants["erosion"]
    constants = {**savers.file.constants, "erosion": erosion.model_copy(update={"value": erosion.value / 2})}
    changed = replace(savers, file=savers.file.model_copy(update={"constants": constants}))
    return replace(world, utilities={**world.utilities, "savers": changed})


def constant(level: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """The rule that never moves."""
    return lambda seen: torch.full((*seen.shape[:2], 1), level, dtype=torch.float64)


def main() -> None:
    """Computes everything, prints it and writes it down."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name, torch.no_grad():
        folder = Path(name)
        for path, content in template_files("us-macro").items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        write_data("us-macro", folder)
        columns = read_series(load_world(folder), folder).values
        with torch.enable_grad():
            world, learned = fitted_world(folder)
        answers = {
            "unemployment and the rate": rate_and_unemployment(columns),
            "growth": rate_and_growth(columns),
            "seasons of population": seasons_of_population(),
            "price puzzle": price_puzzle(columns),
            "gains of expectations and of the natural rate": gains(columns),
            "learned": learned,
            "simulated from posteriors": outcomes(world, "posterior"),
            "simulated from priors": outcomes(world, "prior"),
            "room for a policy": room_for_a_policy(world),
        }
    text = json.dumps(answers, indent=1)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
