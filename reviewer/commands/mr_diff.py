"""`glassworld mr diff`: a change as panes, computed from the files before and after; or the text that a vote binds."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.options import made_up_note, number_argument
from worldmodel.commands.output import emit, json_option, one_line, reports, world_option

if TYPE_CHECKING:
    from reviewer.panes.pane import Pane


@click.command("diff")
@number_argument
@click.option("--text", "as_text", is_flag=True, help="Only the text that a vote binds: key by key, line by line.")
@click.option("--pane", "wanted", metavar="ID", help="One pane alone, opened; such as change, one-step or paths.")
@click.option(
    "--html", "html", type=click.Path(dir_okay=False, path_type=Path), help="Write the panes as one page into a file."
)
@click.option("--draws", type=click.IntRange(20, 100_000), help="Trajectories of each run.  [default: 1000]")
@world_option
@json_option
@reports
def diff_command(
    number: int, as_text: bool, wanted: str | None, html: Path | None, draws: int | None, world: Path, as_json: bool
) -> None:
    """Show what request NUMBER changes: in words, in behaviour, in origin; the last line names what a vote binds.

    \b
    glassworld mr diff 7 --html request-7.html
    glassworld mr diff 7 --pane paths
    glassworld mr diff 7 --text
    """
    from reviewer.diff import key_changes, render_diff, shown_digest
    from reviewer.history import find_request, load_history
    from reviewer.panes.subject import Settings, subject_of_request
    from reviewer.repository import open_repository

    repository = open_repository(world)
    history = load_history(repository)
    request = find_request(repository, history, number)
    settings = Settings() if draws is None else Settings(draws=draws)
    subject = subject_of_request(repository, history, request, settings)
    text = render_diff(subject.before, subject.changes)
    keys = [
        vars(change)
        for path, data in sorted(subject.changes.items())
        for change in key_changes(path, subject.before.get(path), data)
    ]
    value: dict[str, Any] = {"number": number, "shown": shown_digest(text), "keys": keys, "text": text}
    if as_text:
        emit(as_json, {"ok": True, **value}, text)
        return
    from reviewer.panes.compare import panes_of
    from reviewer.panes.terminal import panes_text
    from reviewer.panes.value import pane_value

    panes = panes_of(subject) if wanted is None else (_one(subject, wanted),)
    heading = f"Merge request {number}, patchset {request.state.proposed.patchset}: {one_line(request.title)}"
    binds = f"A vote binds {value['shown']}, the digest of what `glassworld mr diff {number} --text` prints."
    notes = [line for line in (made_up_note(history), binds) if line]
    if html is not None:
        _write(html, heading, panes, notes)
        notes.append(f"Page: {html}")
    shown = "" if html is not None else panes_text(panes, opened=wanted is not None)
    parts = [heading, *([shown] if shown else []), "\n".join(notes)]
    emit(as_json, {"ok": True, **value, "panes": [pane_value(pane) for pane in panes]}, "\n\n".join(parts))


def _one(subject: Any, wanted: str) -> "Pane":
    from reviewer.panes.compare import PANES, pane_of

    known = {str(entry.id): entry.id for entry in PANES}
    if wanted not in known:
        raise click.BadParameter(f"“{wanted}” is none of {', '.join(known)}", param_hint="--pane")
    return pane_of(subject, known[wanted])


def _write(path: Path, heading: str, panes: "tuple[Pane, ...]", notes: list[str]) -> None:
    """Whole or not at all."""
    from reviewer.panes.page import panes_page

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(panes_page(heading, panes, notes), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
