"""`glassworld claims`: decides what mechanisms claim of themselves, and replays counterexamples.

Each claim is proved, tested by simulation, refuted with a counterexample, or undecided with the reason. Reads a world's
folder; writes nothing but the counterexamples that are asked for.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldmodel.commands.output import answer, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.claims.decision import Decision
    from worldmodel.world import World


@click.command("claims")
@click.argument("component", required=False)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each counterexample into this folder, as MECHANISM.NUMBER.json.",
)
@click.option(
    "--replay",
    "replayed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compute a saved counterexample again instead; ends with 0 where the claim fails again.",
)
@world_option
@json_option
@reports
def claims_command(component: str | None, save: Path | None, replayed: Path | None, world: Path, as_json: bool) -> None:
    """Decide all claims of the world, or those of one mechanism; ends with 1 where one is refuted.

    \b
    glassworld claims phillips_curve
    glassworld claims --save counterexamples
    glassworld claims hazard --replay counterexamples/hazard.0.json
    """
    from reviewer.claims.decide import decide_all
    from reviewer.claims.decision import decisions_digest
    from reviewer.claims.text import decision_lines, summary
    from worldmodel.build import load_world

    loaded = load_world(world)
    if replayed is not None:
        return _replay(loaded, component, replayed, as_json)
    decisions = decide_all(loaded, component)
    files = {} if save is None else _saved(decisions, save)
    lines = [line for place, one in enumerate(decisions) for line in decision_lines(one, files.get(place))]
    facts = {
        "decisions": [decision.to_json() for decision in decisions],
        "digest": decisions_digest(decisions),
        "saved": sorted(files.values()),
    }
    ok = all(decision.verdict != "refuted" for decision in decisions)
    answer(as_json, ok, facts, "\n".join([*lines, summary(decisions)]))


def _saved(decisions: "Sequence[Decision]", folder: Path) -> dict[int, str]:
    """Writes every counterexample; the file of each decision by its place."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for place, decision in enumerate(decisions):
        if decision.counterexample is not None:
            path = folder / f"{decision.claim.mechanism}.{decision.claim.number}.json"
            path.write_text(json.dumps(decision.counterexample.to_json(), indent=2) + "\n", encoding="utf-8")
            files[place] = str(path)
    return files


def _replay(world: "World", component: str | None, path: Path, as_json: bool) -> None:
    from dataclasses import asdict

    from reviewer.claims.replay import read_counterexample, replay
    from reviewer.claims.text import replay_lines
    from worldmodel.errors import InputError, Problem

    counterexample = read_counterexample(path.read_bytes())
    if component not in (None, counterexample.mechanism):
        raise InputError(
            Problem(
                code="bad-counterexample",
                where=path.name,
                found=f"a counterexample to a claim of {counterexample.mechanism[:200]}",
                wanted=f"one to a claim of {component}",
                mend="name the mechanism that it is about, or none",
            )
        )
    found = replay(world, counterexample)
    answer(as_json, found.fails and found.same, asdict(found), "\n".join(replay_lines(found)))
