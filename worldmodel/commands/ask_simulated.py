"""Questions that are answered by simulation: shocks, what an outcome depends on, what would have happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from worldmodel.commands.ask_options import Source, do_option, horizon_option, running, world_to_run
from worldmodel.commands.output import answer, emit, json_option, reports, world_option

if TYPE_CHECKING:
    from worldmodel.questions.inputs import Question

_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@click.command()
@click.argument("variable")
@click.option("--size", type=float, default=1.0, show_default=True, help="How large the shock is.")
@click.option("--step", type=click.IntRange(1, 10_000), default=1, show_default=True, help="When it comes.")
@click.option(
    "--kind",
    type=click.Choice(["noise", "value"]),
    default="noise",
    show_default=True,
    help="In standard deviations of the noise, or added to the value in its unit.",
)
@horizon_option
@running(1000)
@world_option
@json_option
@reports
def impulse(
    variable: str,
    size: float,
    step: int,
    kind: Literal["noise", "value"],
    horizon: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    rivals: tuple[str, ...],
    source: Source,
    world: Path,
    as_json: bool,
) -> None:
    """Show what a shock to one variable does to all, as quantiles of differences of paths with the same noise."""
    from worldmodel.commands.ask_text import series_rows, table
    from worldmodel.questions.impulse import impulse_response

    loaded, horizon = world_to_run(world, horizon, draws, rivals)
    found = impulse_response(
        loaded, variable, size, step, kind, horizon, draws, rule=rules or None, seed=seed, source=source
    )
    moved = [name for name in found.first.values if bool(found.of(name).any())]
    values = {name: found.quantiles(name, _LEVELS).tolist() for name in moved}
    failed = 1 - found.both[..., -1].double().mean().item()
    shown = sorted(
        {step, min(step + 1, horizon), *(round(step + (horizon - step) * part) for part in (0.1, 0.25, 0.5, 1))}
    )
    text = table(("variable", "step", *(f"{level:.0%}" for level in _LEVELS)), series_rows(loaded, shown, values))
    still = len(found.first.values) - len(moved)
    text += (
        f"\n{still} variables do not move. {failed:.1%} of the pairs left a support and count with their last values."
    )
    asked = {"variable": variable, "size": size, "step": step, "kind": kind, "horizon": horizon, "draws": draws}
    asked |= {"seed": seed, "source": source, "rival": list(rivals)}
    facts = {**asked, "levels": list(_LEVELS), "differences": values, "failed": failed}
    emit(as_json, {"ok": True, **facts}, text)


@click.command()
@click.option("--of", "outcome", required=True, metavar="OUTCOME", help="A utility, or an expression with @STEP.")
@click.option("--shapley", is_flag=True, help="Shapley effects, which share the variance out among correlated inputs.")
@click.option("--chance", type=click.Choice(["together", "apart"]), default="together", show_default=True,
              help="Noise as one input, or by its sites.")  # fmt: skip
@do_option
@horizon_option
@running(4000)
@world_option
@json_option
@reports
def sensitivity(
    outcome: str,
    shapley: bool,
    chance: Literal["together", "apart"],
    texts: tuple[str, ...],
    horizon: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    rivals: tuple[str, ...],
    source: Source,
    world: Path,
    as_json: bool,
) -> None:
    """Show which parameters, and how much chance, the variance of an outcome comes from.

    \b
    glassworld ask sensitivity --of inflation@12 --shapley
    """
    from worldmodel.questions.inputs import question
    from worldmodel.questions.outcome import parse_outcome
    from worldmodel.simulation.intervention import parse_interventions

    loaded, horizon = world_to_run(world, horizon, draws, rivals)
    with _progress(as_json) as tick:
        asked = question(
            loaded, parse_outcome(loaded, outcome, horizon), draws, seed=seed, source=source, rule=rules or None,
            interventions=parse_interventions(loaded, texts), on_run=tick,
        )  # fmt: skip
        facts, text = _shapley(asked, chance) if shapley else _sobol(asked, chance)
    told = {"of": outcome, "horizon": horizon, "draws": draws, "seed": seed, "source": source, "do": list(texts)}
    told |= {"rival": list(rivals)}
    emit(as_json, {"ok": True, **told, **facts}, text)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[], None]]:
    """Counts the runs on a terminal; how many there will be depends on the world's inputs."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("runs"), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("runs", total=None)
        yield lambda: progress.advance(task)


def _shapley(asked: "Question", chance: Literal["together", "apart"]) -> tuple[dict[str, Any], str]:
    from worldmodel.commands.ask_text import estimate_facts, estimate_text, table
    from worldmodel.questions.shapley import shapley_effects

    found = shapley_effects(asked, chance)
    ranked = sorted(found.effects, key=lambda pair: -pair[1].value)
    text = table(("input", "share of variance"), [(name, estimate_text(effect)) for name, effect in ranked])
    facts = {"variance": found.variance, "effects": {name: estimate_facts(effect) for name, effect in found.effects}}
    return facts, f"{text}\nvariance {found.variance:.4g}; ± is one standard error"


def _sobol(asked: "Question", chance: Literal["together", "apart"]) -> tuple[dict[str, Any], str]:
    from worldmodel.commands.ask_text import estimate_facts, estimate_text, table
    from worldmodel.questions.sensitivity import sobol_indices

    found = sobol_indices(asked, chance)
    ranked = sorted(found.indices, key=lambda entry: -entry.total.value)
    rows = [(entry.name, estimate_text(entry.first), estimate_text(entry.total)) for entry in ranked]
    text = table(("input", "alone", "in all"), rows)
    indices = {
        entry.name: {"first": estimate_facts(entry.first), "total": estimate_facts(entry.total)}
        for entry in found.indices
    }
    told = f"mean {found.mean:.4g}, variance {found.variance:.4g}; ± is one standard error"
    return {"mean": found.mean, "variance": found.variance, "indices": indices}, f"{text}\n{told}"


@click.command()
@click.option(
    "--factual",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What happened: CSV with a column step and one for each observed variable.",
)
@do_option
@click.option("--keep-parameters", is_flag=True, help="Do not learn parameters from the file: posteriors know it.")
@click.option("--batch", type=click.IntRange(1, 100_000), default=1, show_default=True, help="Trajectories a draw.")
@running(2000)
@world_option
@json_option
@reports
def counterfactual(
    factual: Path,
    texts: tuple[str, ...],
    keep_parameters: bool,
    batch: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    rivals: tuple[str, ...],
    source: Source,
    world: Path,
    as_json: bool,
) -> None:
    """Show what would have happened: the same noise as in the file, with something done otherwise.

    Ends with 1 where the inference behind the answer may not be used (k-hat above .7, or too few effective draws).

    \b
    glassworld ask counterfactual --factual happened.csv --do 'rate=2@5..8'
    """
    from worldmodel.build import load_world
    from worldmodel.commands.ask_text import grounds_rows, series_rows, table
    from worldmodel.commands.simulate import check_size
    from worldmodel.grounding.ground import ground
    from worldmodel.questions.counterfactual import counterfactual as compute
    from worldmodel.questions.factual import read_factual
    from worldmodel.simulation.choice import choose_rivals
    from worldmodel.simulation.intervention import parse_interventions

    loaded = choose_rivals(load_world(world), rivals)
    happened = read_factual(loaded, factual)
    check_size(ground(loaded), happened.horizon, draws * batch)
    edits = parse_interventions(loaded, texts)
    found = compute(loaded, happened, edits, draws, batch, seed, source, rules or None, keep_parameters)
    differences = {name: found.values[name] - found.factual[name] for name in found.values}
    moved = [name for name, series in differences.items() if bool(series.any())]
    twin = {name: found.quantiles(found.values[name], _LEVELS).tolist() for name in found.values}
    steps = list(range(1, happened.horizon + 1))
    heads = ("variable", "step", *(f"{level:.0%}" for level in _LEVELS))
    text = "\n".join(
        [
            table(heads, series_rows(loaded, steps, {name: twin[name] for name in moved}, True))
            if moved
            else "nothing would have been otherwise",
            table(("noise of", "is known"), grounds_rows(found), left=2),
            f"{_k_hat(found.k_hat)}, {found.effective_draws:.0f} effective draws of {draws * batch}: "
            + (
                "the answer may be used" if found.reliable else "the answer may not be used; draw more, or observe more"
            ),
        ]
    )
    answer(as_json, found.reliable, _counterfactual_facts(found, twin, texts), text)


def _k_hat(k_hat: float) -> str:
    """The diagnosis, in words where it is no number."""
    if abs(k_hat) != float("inf"):
        return f"k-hat {k_hat:.2f}"
    return "weights without a tail" if k_hat < 0 else "too few trajectories for a k-hat"


def _counterfactual_facts(found: Any, twin: dict[str, Any], texts: tuple[str, ...]) -> dict[str, Any]:
    return {
        "do": list(texts),
        "levels": list(_LEVELS),
        "counterfactual": twin,
        "mean_difference": {
            name: (found.mean(found.values[name]) - found.mean(found.factual[name])).tolist() for name in found.values
        },
        "grounds": {name: dict(grounds) for name, grounds in found.grounds.items()},
        "failed": 1 - found.mean(found.alive)[-1].item(),
        "k_hat": found.k_hat if abs(found.k_hat) != float("inf") else None,
        "effective_draws": found.effective_draws,
    }
