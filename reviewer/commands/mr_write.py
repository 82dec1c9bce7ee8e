"""The commands of `glassworld mr` that write: open, update, and the drafts of comments and votes.

Opening signs at once, with the key that `--as` names. Comments and votes become drafts, which `glassworld sign` shows
and signs.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.options import number_argument
from reviewer.commands.signers import key_options, load_signer
from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.drafts import Kind
    from reviewer.repository import Repository
    from reviewer.requests import Suggestion

as_options = key_options("--as", text="The private key of the author: yours, or the assistant's that you operate.")
proposal_option = click.option(
    "--proposal",
    type=click.Path(path_type=Path),
    help="A proposal file that an assistant wrote, instead of your edits.",
)

questions_option = click.option(
    "--questions",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    help="How many questions each reviewer is to answer, if more than the change itself asks for.",
)


@click.command("open")
@click.option("--title", help="What the change is, in one line.")
@proposal_option
@questions_option
@as_options
@world_option
@json_option
@reports
def open_command(
    title: str | None,
    proposal: Path | None,
    questions: int,
    key: Path,
    agent: str | None,
    world: Path,
    as_json: bool,
) -> None:
    """Open a merge request from your edits in the working tree, or from a proposal file."""
    from reviewer.repository import open_repository
    from reviewer.requests import open_request

    repository = open_repository(world)
    suggestion = replace(_suggestion(repository, title, proposal), questions=questions)
    number = open_request(repository, suggestion, load_signer(key, agent))
    text = f"Opened merge request {number} with {len(suggestion.changes)} changed components: {suggestion.title}"
    emit(
        as_json,
        {"ok": True, "number": number, "title": suggestion.title, "components": sorted(suggestion.changes)},
        text,
    )


@click.command("update")
@number_argument
@click.option("--title", help="A new title.")
@proposal_option
@questions_option
@as_options
@world_option
@json_option
@reports
def update_command(
    number: int,
    title: str | None,
    proposal: Path | None,
    questions: int,
    key: Path,
    agent: str | None,
    world: Path,
    as_json: bool,
) -> None:
    """Upload a new patchset to request NUMBER; any change of meaning voids earlier approvals."""
    from reviewer.log import load_request
    from reviewer.repository import open_repository
    from reviewer.requests import update_request

    repository = open_repository(world)
    suggestion = _suggestion(repository, title or load_request(repository, number).title, proposal)
    suggestion = replace(suggestion, questions=questions)
    patchset = update_request(repository, number, suggestion, load_signer(key, agent))
    text = f"Uploaded patchset {patchset} of merge request {number}; any change of meaning voids earlier approvals."
    emit(as_json, {"ok": True, "number": number, "patchset": patchset}, text)


def _suggestion(repository: "Repository", title: str | None, proposal: Path | None) -> "Suggestion":
    from reviewer.history import load_history
    from reviewer.requests import Suggestion
    from reviewer.worktree import local_changes
    from worldmodel.files import read_document
    from worldmodel.governance.proposal import load_proposal

    if proposal is None:
        if not title:
            raise click.UsageError("say what the change is with --title")
        return Suggestion(local_changes(repository, load_history(repository).files), title)
    file = load_proposal(read_document(proposal), str(proposal))
    return Suggestion(file.files(), title or file.title, file.provenance, file.prose, file.evidence)


def _draft_command(kind: "Kind", summary: str, wants_text: bool) -> click.Command:
    """One command that writes one kind of draft."""

    @click.command(kind, help=f"{summary} This writes a draft; `glassworld sign` shows and signs it.")
    @number_argument
    @click.option("--message", "-m", "text", required=wants_text, default="", help="What you want to say.")
    @click.option("--area", "areas", multiple=True, help="Approve for this area only (may be repeated).")
    @world_option
    @json_option
    @reports
    def command(number: int, text: str, areas: tuple[Any, ...], world: Path, as_json: bool) -> None:
        from reviewer.drafts import new_draft, save_draft
        from reviewer.history import context_of, find_request, load_history
        from reviewer.repository import open_repository

        repository = open_repository(world)
        history = load_history(repository)
        request = find_request(repository, history, number)
        draft = new_draft(request, kind, text, areas, context=context_of(history, request))
        file = save_draft(repository, draft)
        said = (
            f"Drafted: {kind} merge request {number}, patchset {draft.patchset}; `glassworld sign` shows and signs it."
        )
        emit(as_json, {"ok": True, "number": number, "draft": str(file), "kind": kind}, said)

    return command


_DRAFTS: tuple[tuple["Kind", str, bool], ...] = (
    ("approve", "Approve request NUMBER.", False),
    ("object", "Object to request NUMBER: it cannot merge until you withdraw or approve.", True),
    ("withdraw", "Withdraw what you voted on request NUMBER.", False),
    ("abandon", "End your own request NUMBER without merging it.", False),
)


@click.command("revert")
@number_argument
@click.option("--title", help="What taking it back is for, in one line.")
@as_options
@world_option
@json_option
@reports
def revert_command(number: int, title: str | None, key: Path, agent: str | None, world: Path, as_json: bool) -> None:
    """Open a new request that takes back merged request NUMBER: its files as they were before."""
    from reviewer.history import load_history
    from reviewer.repository import open_repository
    from reviewer.requests import open_request
    from reviewer.reverting import reverting

    repository = open_repository(world)
    suggestion = reverting(repository, load_history(repository), number, title)
    opened = open_request(repository, suggestion, load_signer(key, agent))
    text = f"Opened merge request {opened}, which takes back request {number}."
    emit(as_json, {"ok": True, "number": opened, "reverts": number, "title": suggestion.title}, text)


COMMANDS: tuple[click.Command, ...] = (
    open_command,
    update_command,
    revert_command,
    *(_draft_command(kind, summary, wants_text) for kind, summary, wants_text in _DRAFTS),
)
