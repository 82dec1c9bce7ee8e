"""The commands of `glassworld mr` that review hunk by hunk: hunks, understand, question, comment, attention, bypass.

What they say becomes a draft, which `glassworld sign` shows and signs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.options import number_argument
from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.drafts import Kind
    from reviewer.history import History
    from reviewer.log import Request
    from reviewer.repository import Repository

message_option = click.option("--message", "-m", "text", required=True, help="What you want to say.")


@click.command("hunks")
@number_argument
@click.option("--as", "viewer", help="Your identity on the roster: also say what you have not marked yet.")
@world_option
@json_option
@reports
def hunks_command(number: int, viewer: str | None, world: Path, as_json: bool) -> None:
    """List the hunks of request NUMBER, each with its ID, its values, and who understands it."""
    from reviewer.history import files_before
    from reviewer.marking import hunk_rows, hunk_text

    repository, history, request = _opened(world, number)
    rows = hunk_rows(files_before(repository, history, request), history, request, viewer)
    bits = request.state.proposed.bits
    listed = [hunk_text(row, history.standing.roster) for row in rows]
    text = "\n".join([*listed, f"{len(rows)} hunks, {bits} bits to read."])
    emit(as_json, {"ok": True, "number": number, "hunks": rows, "bits": bits}, text)


@click.command("understand")
@number_argument
@click.option("--hunk", "wanted", multiple=True, metavar="ID", help="A hunk that you understand (may be repeated).")
@click.option("--all-shown", is_flag=True, help="Show every hunk, and mark all that were shown.")
@world_option
@json_option
@reports
def understand_command(number: int, wanted: tuple[str, ...], all_shown: bool, world: Path, as_json: bool) -> None:
    """Mark hunks of request NUMBER as understood. This writes a draft; `glassworld sign` shows and signs it.

    \b
    glassworld mr hunks 7
    glassworld mr understand 7 --hunk 3fa85f64c717
    glassworld mr understand 7 --all-shown
    """
    from reviewer.marking import hunk_rows, hunk_text
    from reviewer.pointing import find_place

    if bool(wanted) == all_shown:
        raise click.UsageError("name hunks with --hunk, or show and mark all of them with --all-shown")
    repository, history, request = _opened(world, number)
    chosen = {find_place(request, text).digest for text in wanted}
    rows = [row for row in hunk_rows(history.files, history, request) if all_shown or row["digest"] in chosen]
    if not rows:
        raise click.UsageError("this request has no hunks to mark")
    hunks = sorted(str(row["digest"]) for row in rows)
    file = _keep(repository, history, request, "mark", "", state="understood", hunks=hunks)
    shown = "\n".join(hunk_text(row, history.standing.roster) for row in rows)
    said = f"{shown}\nDrafted: {len(rows)} hunks of request {number} understood; `glassworld sign` shows and signs it."
    emit(as_json, {"ok": True, "number": number, "draft": file, "kind": "mark", "hunks": rows}, said)


@click.command("question")
@number_argument
@message_option
@click.option("--hunk", "hunk", metavar="ID", help="The hunk that you ask about; `glassworld mr hunks` lists them.")
@click.option("--objection", is_flag=True, help="Object to the hunk instead of asking about it.")
@click.option("--path", "path", help="Without a hunk: the component that you ask about.")
@click.option("--line", type=click.IntRange(min=1), help="Its line.")
@world_option
@json_option
@reports
def question_command(
    number: int, text: str, hunk: str | None, objection: bool, path: str | None, line: int | None, world: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Ask about request NUMBER: it cannot merge until you say that the question is settled.

    Settle it by marking the hunk as understood, or with `glassworld mr comment NUMBER --reply-to ENTRY --resolve`.
    This writes a draft; `glassworld sign` shows and signs it.
    """
    from reviewer.pointing import find_place

    if objection and hunk is None:
        raise click.UsageError("--objection is about a hunk: name it with --hunk, or use `glassworld mr object`")
    repository, history, request = _opened(world, number)
    if hunk is None:
        fields: dict[str, Any] = {"path": path, "line": line, "resolved": False}
        _draft(repository, history, request, "comment", text, as_json, **fields)
        return
    place = find_place(request, hunk)
    state = "objection" if objection else "question"
    _draft(repository, history, request, "mark", text, as_json, state=state, hunks=[place.digest])


@click.command("comment")
@number_argument
@message_option
@click.option("--path", "--file", "path", help="The component that the comment is about.")
@click.option("--line", type=click.IntRange(min=1), help="Its line.")
@click.option("--reply-to", "reply_to", metavar="ENTRY", help="The entry of the log that this answers.")
@click.option("--resolve", is_flag=True, help="Say that your own question or objection there is settled.")
@world_option
@json_option
@reports
def comment_command(
    number: int, text: str, path: str | None, line: int | None, reply_to: str | None, resolve: bool, world: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Comment on request NUMBER. This writes a draft; `glassworld sign` shows and signs it."""
    from reviewer.pointing import find_entry

    if resolve and reply_to is None:
        raise click.UsageError("--resolve settles an entry: name it with --reply-to")
    repository, history, request = _opened(world, number)
    entry = None if reply_to is None else find_entry(request, reply_to)
    fields: dict[str, Any] = {"path": path, "line": line, "reply_to": entry, "resolved": True if resolve else None}
    _draft(repository, history, request, "comment", text, as_json, **fields)


@click.command("attention")
@number_argument
@message_option
@click.option("--add", "add", metavar="IDENTITY", help="Ask this person to look.")
@click.option("--remove", "remove", metavar="IDENTITY", help="Say that it is not this person's turn.")
@world_option
@json_option
@reports
def attention_command(number: int, text: str, add: str | None, remove: str | None, world: Path, as_json: bool) -> None:
    """Say whose turn it is on request NUMBER. This writes a draft; `glassworld sign` shows and signs it."""
    if (add is None) == (remove is None):
        raise click.UsageError("name one person, with --add or with --remove")
    repository, history, request = _opened(world, number)
    who, act = (add, "add") if add is not None else (remove, "remove")
    if who not in history.standing.roster.people():
        raise click.UsageError(f"{who} is no person on the roster")
    _draft(repository, history, request, "attention", text, as_json, who=who, act=act)


@click.command("bypass")
@number_argument
@message_option
@click.option("--requirement", "names", multiple=True, required=True, help="What need not hold (may be repeated).")
@world_option
@json_option
@reports
def bypass_command(number: int, text: str, names: tuple[str, ...], world: Path, as_json: bool) -> None:
    """Consent that request NUMBER merges although a requirement does not hold.

    It takes two people who could approve, works only where the rules allow it, and stays marked for ever: training
    refuses a world with a bypass. This writes a draft; `glassworld sign` shows and signs it.
    """
    repository, history, request = _opened(world, number)
    known = {requirement.name for requirement in history.standing.rules.requirements}
    if unknown := sorted(set(names) - known):
        raise click.UsageError(f"no requirement {', '.join(unknown)}; the rules have {', '.join(sorted(known))}")
    _draft(repository, history, request, "bypass", text, as_json, requirements=sorted(set(names)))


def _opened(world: Path, number: int) -> "tuple[Repository, History, Request]":
    from reviewer.history import find_request, load_history
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    return repository, history, find_request(repository, history, number)


def _keep(
    repository: "Repository", history: "History", request: "Request", kind: "Kind", text: str, **fields: Any
) -> str:
    from reviewer.drafts import new_draft, save_draft
    from reviewer.history import context_of

    draft = new_draft(request, kind, text, context=context_of(history, request), **fields)
    return str(save_draft(repository, draft))


def _draft(
    repository: "Repository",
    history: "History",
    request: "Request",
    kind: "Kind",
    text: str,
    as_json: bool,
    **fields: Any,
) -> None:
    state = request.state
    file = _keep(repository, history, request, kind, text, **fields)
    said = f"Drafted: {kind} on merge request {state.number}, patchset {state.proposed.patchset}; "
    value = {"ok": True, "number": state.number, "draft": file, "kind": kind}
    emit(as_json, value, f"{said}`glassworld sign` shows and signs it.")


COMMANDS: tuple[click.Command, ...] = (
    hunks_command,
    understand_command,
    question_command,
    comment_command,
    attention_command,
    bypass_command,
)
