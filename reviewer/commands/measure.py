"""`glassworld measure`: planted bad proposals, how many pass unseen, and how reviewers agree and drift."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.log import Request
    from reviewer.measuring.quarantine import Quarantined
    from reviewer.repository import Repository

KINDS = ("sign flipped", "confounder dropped", "prior tightened", "unit swapped", "outcome leaked from the future")


@click.group("measure")
def measure_command() -> None:
    """Plant bad proposals for training, and measure what reviewers see."""


@measure_command.command("plant")
@click.option("--mistake", type=click.Choice(KINDS), help="Which mistake; a random one unless given.")
@click.option("--seed", type=click.IntRange(min=0), help="Plants the same again; random unless given.")
@world_option
@json_option
@reports
def plant_command(mistake: Any, seed: int | None, world: Path, as_json: bool) -> None:
    """Plant a bad proposal in quarantine, where the gate can never merge it."""
    from reviewer.history import load_history, next_number, request_numbers
    from reviewer.log import quarantined_numbers
    from reviewer.measuring.planting import plant
    from reviewer.measuring.quarantine import quarantine
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    chosen = secrets.randbelow(2**31) if seed is None else seed
    number = next_number([*request_numbers(repository, history), *quarantined_numbers(repository)])
    found = quarantine(repository, plant(history.files, chosen, mistake), number)
    value = {"ok": True, "number": found.number, "title": found.record.title, "seed": chosen}
    emit(as_json, value, f"Planted as request {found.number}: {found.record.title}")


@measure_command.command("show")
@click.argument("number", type=click.IntRange(min=1))
@world_option
@json_option
@reports
def show_command(number: int, world: Path, as_json: bool) -> None:
    """Show a planted proposal's change, as a reviewer sees it."""
    from reviewer.diff import render_diff
    from reviewer.history import load_history
    from reviewer.measuring.quarantine import load_quarantined
    from reviewer.repository import open_repository

    repository = open_repository(world)
    found = load_quarantined(repository, number)
    text = render_diff(load_history(repository).files, found.changes)
    emit(as_json, {"ok": True, "number": number, "title": found.record.title, "diff": text}, text)


@measure_command.command("answer")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--as", "person", required=True, help="Who you are on the roster.")
@click.option("--approve/--object", "approves", required=True, help="Whether you would approve it.")
@click.option("--seconds", type=click.IntRange(min=0), default=0, help="How long you looked.")
@world_option
@json_option
@reports
def answer_command(number: int, person: str, approves: bool, seconds: int, world: Path, as_json: bool) -> None:
    """Say what you would do with a planted proposal, and be told at once what was wrong with it."""
    from reviewer.measuring.quarantine import debrief, judged
    from reviewer.repository import open_repository

    found = judged(open_repository(world), number, person, "missed" if approves else "caught", seconds)
    text = debrief(found, person)
    emit(as_json, {"ok": True, "verdict": found.verdicts[person].verdict, "debrief": text}, text)


@measure_command.command("team")
@world_option
@json_option
@reports
def team_command(world: Path, as_json: bool) -> None:
    """The team's miss rate with its exact interval, and how reviewers agree beyond chance."""
    from reviewer.history import load_history
    from reviewer.measuring.agreement import agreement
    from reviewer.measuring.ballots import ballots
    from reviewer.measuring.rates import miss_rate
    from reviewer.repository import open_repository

    repository = open_repository(world)
    verdicts = [one.verdict for found in _all(repository) for one in found.verdicts.values()]
    rate = miss_rate(verdicts.count("missed"), len(verdicts))
    roster = load_history(repository).standing.roster
    kappas = agreement(ballots(_requests(repository), roster))
    value = {"ok": True, "misses": asdict(rate), "agreement": [asdict(one) for one in kappas]}
    interval = f"{rate.low:.1%} to {rate.high:.1%} (95 percent, exact), at most {rate.at_most:.1%} one-sided"
    lines = [
        f"Planted proposals judged: {rate.shown}, missed: {rate.misses}; the miss rate is {interval}.",
        *(f"Agreement, {one.who}: kappa {_kappa(one.kappa)} over {one.subjects} requests" for one in kappas),
    ]
    emit(as_json, value, "\n".join(lines))


@measure_command.command("mine")
@click.option(
    "--key", type=click.Path(path_type=Path, exists=True), required=True, help="Your key, which says who you are."
)
@world_option
@json_option
@reports
def mine_command(key: Path, world: Path, as_json: bool) -> None:
    """How your own reviewing has changed; nobody else's can be asked for."""
    from reviewer.history import load_history
    from reviewer.keys import load_key, public_bytes
    from reviewer.measuring.ballots import reviewed
    from reviewer.measuring.drift import FEWEST, drift
    from reviewer.repository import open_repository

    repository = open_repository(world)
    roster = load_history(repository).standing.roster
    person = roster.person(public_bytes(load_key(key)))
    own = [] if person is None else reviewed(_requests(repository), roster, person)
    found = drift(own)
    if found is None:
        text = f"You voted on {len(own)} requests; from {FEWEST} on something can be said."
    else:
        text = "\n".join(
            f"{name} {half.requests} requests: {half.approved:.0%} approved, {half.remarks:.1f} remarks a request"
            for name, half in (("Your first", found.early), ("Your last", found.late))
        )
        text += f"\nDifferences as large are seen by chance with p = {found.approved_p:.2g} and {found.remarks_p:.2g}."
    emit(as_json, {"ok": True, "requests": len(own), "drift": None if found is None else asdict(found)}, text)


def _kappa(value: float | None) -> str:
    return "undefined (all said the same)" if value is None else f"{value:.2f}"


def _all(repository: "Repository") -> "Iterator[Quarantined]":
    from reviewer.log import quarantined_numbers
    from reviewer.measuring.quarantine import load_quarantined

    return (load_quarantined(repository, number) for number in quarantined_numbers(repository))


def _requests(repository: "Repository") -> "list[Request]":
    from reviewer.history import find_request, load_history, request_numbers

    history = load_history(repository)
    return [find_request(repository, history, number) for number in request_numbers(repository, history)]
