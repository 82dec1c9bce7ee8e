"""The trial of the template `rossi`: the numbers of docs/worlds/rossi.md, by `python -m benchmarks.rossi`."""

import numpy as np
import statsmodels.api as sm
import torch
from numpy.typing import NDArray

from assistants.brief import Brief
from assistants.parameters.proposer import propose
from benchmarks.worlds import constant_rule, quantiles, template, value_of, write_results
from policy.task import Parameters
from policy.world_task import WorldTask
from worldmodel.build import load_world
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.templates.rossi_data import men
from worldmodel.world import World

ALL = ("fin", "age", "race", "wexp", "mar", "paro", "prio")
OURS = ("fin", "age", "prio")
Columns = dict[str, NDArray[np.float64]]


def columns() -> Columns:
    """The shipped file by column."""
    return {name: np.array([man[name] for man in men()], dtype=np.float64) for name in men()[0]}


def coxs_regression(x: Columns, names: tuple[str, ...]) -> dict[str, list[float]]:
    """Coefficient and standard error of each, by Cox's partial likelihood with Efron's way of ties."""
    fitted = sm.PHReg(x["week"], np.column_stack([x[name] for name in names]), status=x["arrest"], ties="efron").fit()
    return {name: [round(b, 4), round(e, 4)] for name, b, e in zip(names, fitted.params, fitted.bse, strict=True)}


def within_a_year(x: Columns, names: tuple[str, ...]) -> dict[str, list[float]]:
    """The same effects from nothing but who was arrested within the year: complementary log-log."""
    family = sm.families.Binomial(sm.families.links.CLogLog())
    fitted = sm.GLM(x["arrest"], sm.add_constant(np.column_stack([x[name] for name in names])), family=family).fit()
    found = zip(names, fitted.params[1:], fitted.bse[1:], strict=True)
    return {name: [round(b, 4), round(e, 4)] for name, b, e in found}


def shares(x: Columns) -> dict[str, float]:
    """Who was arrested, with and without aid, and the difference with its standard error."""
    halves = [x["arrest"][x["fin"] == aid] for aid in (0, 1)]
    without, with_aid = (float(half.mean()) for half in halves)
    error = np.sqrt(sum(half.mean() * (1 - half.mean()) / len(half) for half in halves))
    return {"without": round(without, 4), "with": round(with_aid, 4), "error of the difference": round(float(error), 4)}


def effect(world: World) -> dict[str, object]:
    """The hazard ratio by the released posterior, and the difference of arrests that follows."""
    given = draw_parameters(world, 1, 4000)
    ratio = given["hazard.ratio"].flatten()
    runs = [
        simulate(world, None, 52, 1000, 1, 3, interventions=[Intervention("aid", aid)]).values["risk"][:, 0]
        for aid in (0.0, 1.0)
    ]
    less = (runs[0] - runs[1]).mean(-1)
    return {
        "hazard ratio, 5, 50, 95 percent": quantiles(ratio),
        "chance that aid helps": round(float((ratio < 1).double().mean()), 3),
        "arrested of a hundred, without and with": [round(100 * float(run.mean()), 1) for run in runs],
        "fewer of a hundred, 5, 50, 95 percent": quantiles(100 * less, 1),
    }


def rules(world: World) -> dict[str, object]:
    """Utility a release, by the share that gets aid, with parameters from the posterior."""
    task = WorldTask(world)
    parameters = Parameters(draw_parameters(world, 2, 2000), 2000)
    return {f"share {x:.3g}": value_of(task, constant_rule(x), parameters) for x in (0, 1 / 3, 0.35, 0.5, 0.75, 1)}


def main() -> None:
    """Computes everything, prints it and writes it down."""
    torch.set_num_threads(1)
    x = columns()
    with template("rossi") as (folder, world):
        (proposal,) = propose(Brief(folder, world))
        for path, text in proposal.changes.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(str(text), encoding="utf-8")
        with torch.no_grad():
            fitted = load_world(folder)
            answers = {
                "shares": shares(x),
                "Cox, all covariates": coxs_regression(x, ALL),
                "Cox, aid alone": coxs_regression(x, ("fin",)),
                "within a year, all covariates": within_a_year(x, ALL),
                "within a year, those of the template": within_a_year(x, OURS),
                "learned": effect(fitted),
                "rules": rules(fitted),
            }
    write_results("rossi", answers)


if __name__ == "__main__":
    main()
