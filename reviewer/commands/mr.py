"""`glassworld mr`: merge requests: list, show, diff, check, open, comment, approve, object, merge.

Reading and judging are here; what writes is in `reviewer.commands.mr_write`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands import mr_answer, mr_checkout, mr_diff, mr_review, mr_write
from reviewer.commands.options import made_up_note, number_argument, who
from reviewer.commands.signers import key_options, load_signer
from worldmodel.commands.output import answer, emit, json_option, reports, world_option
from worldmodel.errors import InputError

if TYPE_CHECKING:
    from worldmodel.governance.gate import Verdict
    from worldmodel.governance.roster import Roster


@click.group("mr")
def mr_command() -> None:
    """Propose, review and merge changes of a world."""


@mr_command.command("list")
@click.option("--all", "everything", is_flag=True, help="Merged and abandoned requests too.")
@world_option
@json_option
@reports
def list_command(everything: bool, world: Path, as_json: bool) -> None:
    """List merge requests that are open, and whose turn each is."""
    from reviewer.history import find_request, load_history, request_numbers
    from reviewer.merge import whose_turn
    from reviewer.recovery import displaced
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    roster = history.standing.roster
    requests, broken = [], []
    for number in request_numbers(repository, history):
        try:
            requests.append(find_request(repository, history, number))
        except InputError as error:  # one request that a stranger broke must not hide the others
            broken.append({"number": number, "problems": [problem.to_json() for problem in error.problems]})
    rows = [
        {
            "number": request.state.number,
            "status": request.state.status,
            "patchset": request.state.proposed.patchset,
            "title": request.title,
            "author": who(roster, request.state.authors[0]),
            "components": len(request.state.proposed.changes),
            "turns": [vars(turn) for turn in whose_turn(history, request)],
        }
        for request in requests
        if everything or request.state.status == "open"
    ]
    lines = [line for row in rows for line in _row_lines(roster, row)]
    lines += [f"{one['number']:>4}  broken     `glassworld mr show {one['number']}` says why" for one in broken]
    lines = lines or ["No open merge requests."]
    kept = displaced(repository)
    lines += [
        f"{name} has entries that the merged log of its request leaves out; read them: git log {name}" for name in kept
    ]
    emit(as_json, {"ok": True, "requests": rows, "broken": broken, "displaced": kept}, "\n".join(lines))


def _row_lines(roster: "Roster", row: Mapping[str, Any]) -> list[str]:
    """A request in one line, and below it whose turn it is, people with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for turn in row["turns"]:
        reasons.setdefault(turn["reason"], []).append(roster.label(turn["person"]))
    return [
        f"{row['number']:>4}  {row['status']:<9}  {row['title']}  ({row['author']})",
        *(f"        turn of {', '.join(people)}: {reason}" for reason, people in reasons.items()),
    ]


@mr_command.command("show")
@number_argument
@world_option
@json_option
@reports
def show_command(number: int, world: Path, as_json: bool) -> None:
    """Show what request NUMBER proposes, and what was said about it."""
    from reviewer.history import find_request, load_history
    from reviewer.overview import overview, overview_text
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    value = overview(history, find_request(repository, history, number))
    emit(as_json, {"ok": True, **value}, "\n".join(filter(None, [overview_text(value), made_up_note(history)])))


@mr_command.command("check")
@number_argument
@click.option("--as", "viewer", help="Your identity on the roster, so that reasons can say `you`.")
@world_option
@json_option
@reports
def check_command(number: int, viewer: str | None, world: Path, as_json: bool) -> None:
    """Run the checks on the merged world and print the gate's verdict; exit code 1 if it stays shut."""
    from reviewer.history import find_request, load_history
    from reviewer.merge import judge_whole
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    verdict = judge_whole(repository, history, find_request(repository, history, number), viewer=viewer)
    roster = history.standing.roster
    lines = [f"The gate is {'open' if verdict.open else 'shut'} for merge request {number}."]
    lines += [
        f"  {area.area}: {len(area.approved_by)} of {area.quorum} approvals"
        + (f" ({', '.join(roster.label(person) for person in area.approved_by)})" if area.approved_by else "")
        for area in verdict.areas
    ]
    lines += [f"  - {reason.text}" for reason in verdict.reasons]
    lines += _bypass_lines(roster, verdict, number)
    value: dict[str, Any] = {"number": number, **verdict.to_json()}
    answer(as_json, verdict.open, value, "\n".join([*lines, *filter(None, [made_up_note(history)])]))


def _bypass_lines(roster: "Roster", verdict: "Verdict", number: int) -> list[str]:
    """What is bypassed and by whom, and what could be."""
    lines = []
    for one in {one.name: one for one in verdict.requirements if one.status != "fulfilled"}.values():
        people = ", ".join(map(roster.label, one.consenting))
        if one.status == "bypassed":
            lines.append(f"  ! {one.name} is bypassed by {people}; that stays marked for ever")
        elif one.overridable and people:
            lines.append(f"  ! {people} would bypass {one.name}; it takes two: `glassworld mr bypass {number}`")
    return lines


@mr_command.command("merge")
@number_argument
@key_options("--key")
@world_option
@json_option
@reports
def merge_command(number: int, key: Path, agent: str | None, world: Path, as_json: bool) -> None:
    """Merge request NUMBER into the approved world, if the gate is open; sign the merge with your key."""
    from reviewer.merge import merge_request
    from reviewer.repository import open_repository

    merged = merge_request(open_repository(world), number, load_signer(key, agent))
    lines = [f"Merged request {number}; the approved world is now at {merged.commit[:12]}."]
    lines += [f"  {path}: kept your local edits; compare with `git diff`" for path in merged.synced.kept]
    value = {"ok": True, "number": number, "commit": merged.commit, "kept": list(merged.synced.kept)}
    emit(as_json, value, "\n".join(lines))


for _command in (
    mr_answer.answer_command,
    mr_checkout.checkout_command,
    mr_diff.diff_command,
    *mr_write.COMMANDS,
    *mr_review.COMMANDS,
):
    mr_command.add_command(_command)
