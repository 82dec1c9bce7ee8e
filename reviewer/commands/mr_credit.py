"""`glassworld mr credit`: shares the change of the objective out among those who proposed what was merged."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.credit import Credit
    from reviewer.history import History, MergedRequest
    from reviewer.repository import Repository


@click.command("credit")
@click.option("--from", "first", type=click.IntRange(min=1), help="The first merged request that counts.")
@click.option("--draws", type=click.IntRange(20, 100_000), default=256, show_default=True, help="Parameter draws.")
@click.option(
    "--steps", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The most steps of a run."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of all draws.")
@world_option
@json_option
@reports
def credit_command(first: int | None, draws: int, steps: int, seed: int, world: Path, as_json: bool) -> None:
    """Share the change of the objective out among the proposers of merged requests (Shapley values).

    Without --from, everything counts that was merged since the world first had an objective.
    """
    from reviewer.behaviour.worth import Setting
    from reviewer.credit import credit
    from reviewer.history import files_before, load_history
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    merged = _since(repository, history, first)
    files = files_before(repository, history, merged[0].request) if merged else history.files
    found = credit(files, merged, Setting(draws, steps, seed))
    emit(as_json, {"ok": True, **_value(found, draws)}, _text(found, draws))


def _since(repository: "Repository", history: "History", first: int | None) -> "tuple[MergedRequest, ...]":
    """The merges that count: from the named request on, or all after the one that brought the objective."""
    from reviewer.history import files_before, find_request

    numbers = [one.request.state.number for one in history.merged]
    if first is not None:
        if first not in numbers:
            find_request(repository, history, first)
            raise click.UsageError(
                f"request {first} is not merged; merged are {', '.join(map(str, numbers)) or 'none'}"
            )
        return history.merged[numbers.index(first) :]
    for place, one in enumerate(history.merged):
        if "objective.toml" in files_before(repository, history, one.request):
            return history.merged[place:]
    return ()


def _text(found: "Credit", draws: int) -> str:
    change = found.after - found.before
    lines = [f"The objective went from {found.before:.6g} to {found.after:.6g} ({change:+.4g}); {draws} draws."]
    lines += [f"{name}: {value:+.4g}" for name, value in found.by_proposer().items()]
    lines += [
        f"  merge request {step.number} ({step.title}), by {step.proposer}: {found.shares[step.number].value:+.4g}"
        + (" (every variable behaves as before)" if step.idle else _error(found.shares[step.number].error))
        for step in found.steps
    ]
    if found.unbuilt:
        lines.append(f"{found.unbuilt} combinations of requests cannot be built and count as no change.")
    return "\n".join(lines)


def _error(error: float) -> str:
    return f" ± {error:.2g}" if error else ""


def _value(found: "Credit", draws: int) -> dict[str, Any]:
    requests = [
        {
            "number": step.number,
            "title": step.title,
            "proposer": step.proposer,
            "idle": step.idle,
            "share": found.shares[step.number].value,
            "error": found.shares[step.number].error,
        }
        for step in found.steps
    ]
    whole = {"before": found.before, "after": found.after, "draws": draws, "sampled": found.sampled}
    return {**whole, "unbuilt": found.unbuilt, "proposers": found.by_proposer(), "requests": requests}
