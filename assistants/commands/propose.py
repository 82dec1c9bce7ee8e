"""`glassworld propose`: runs assistants on the data and opens a merge request for each proposal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from assistants.brief import Progress
    from worldmodel.governance.proposal import ProposalFile


@click.command()
@click.option("--assistant", "assistants", multiple=True, help="Which assistant; may be given again. Default: all.")
@click.option("--mechanism", "mechanisms", multiple=True, help="Look at this mechanism only; may be given again.")
@click.option(
    "--cross-check", is_flag=True, help="Fit everything a second time with Pyro's NUTS and report both (slow)."
)
@click.option(
    "--key", type=click.Path(path_type=Path), help="The private key that signs the merge request: the assistant's."
)
@click.option("--no-open", is_flag=True, help="Write the proposal, open no merge request.")
@click.option("--unconfined", is_flag=True, help="Let assistants run where the kernel cannot confine them.")
@world_option
@json_option
@reports
def propose_command(
    assistants: tuple[str, ...],
    mechanisms: tuple[str, ...],
    cross_check: bool,
    key: Path | None,
    no_open: bool,
    unconfined: bool,
    world: Path,
    as_json: bool,
) -> None:
    """Run assistants on the world's data and open a merge request for each proposal.

    An assistant runs in a process of its own that can read the world's components and data, and can write nowhere. Its
    proposals are kept in .glassworld/proposals.
    """
    from assistants.running import Order, run_assistant

    rows: list[dict[str, object]] = []
    for name in _chosen(assistants):
        order = Order(name, world, mechanisms, cross_check, confined=not unconfined)
        with _progress_bar(name, shown=sys.stderr.isatty()) as progress:
            proposals = run_assistant(order, progress)
        for proposal in proposals:
            path = _keep(world, name, proposal)
            number = None if no_open else _open(world, path, key)
            rows.append({"assistant": name, "title": proposal.title, "file": str(path), "number": number})
    emit(as_json, {"ok": True, "proposals": rows}, "\n".join(map(_line, rows)))


def _chosen(wanted: tuple[str, ...]) -> tuple[str, ...]:
    from assistants.registry import names
    from worldmodel.errors import InputError, Problem

    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise InputError(
            Problem(
                code="unknown-assistant",
                where="propose",
                found=", ".join(unknown),
                wanted=f"one of {', '.join(names()) or 'none, since no assistant is installed'}",
                mend="name an installed assistant with --assistant",
            )
        )
    return wanted or names()


@contextmanager
def _progress_bar(name: str, shown: bool) -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown, transient=True) as bar:
        task = bar.add_task(name, total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{name}: {what}", completed=done, total=total)

        yield progress


def _keep(world: Path, name: str, proposal: "ProposalFile") -> Path:
    """Writes the proposal under a name that its content determines; a file that exists already is the same one."""
    from worldmodel.canonical import digest_bytes
    from worldmodel.governance.proposal import dump_proposal

    content = dump_proposal(proposal)
    folder = world / ".glassworld" / "proposals"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{digest_bytes(content).removeprefix('sha256:')[:12]}.json"
    temporary = path.with_suffix(f".{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _open(world: Path, proposal: Path, key: Path | None) -> int:
    """Opens the merge request by the review's own command, which alone sees the key."""
    words = [
        "mr",
        "open",
        "--proposal",
        str(proposal),
        "--world",
        str(world),
        "--json",
        *(["--as", str(key)] if key else []),
    ]
    finished = subprocess.run([sys.executable, "-m", "worldmodel", *words], capture_output=True, text=True, check=False)
    answer = _parsed(finished.stdout)
    number = answer.get("number")
    if finished.returncode == 0 and isinstance(number, int):
        return number
    raise _not_opened(answer, finished, proposal)


def _parsed(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _not_opened(answer: dict[str, object], finished: subprocess.CompletedProcess[str], proposal: Path) -> Exception:
    from worldmodel.errors import EnvironmentProblem, InputError, Problem, RefusedError

    problems = answer.get("problems")
    if isinstance(problems, list) and problems:
        found = [Problem(**problem) for problem in problems]
        return RefusedError(found) if finished.returncode == RefusedError.exit_code else InputError(found)
    return EnvironmentProblem(
        Problem(
            code="request-not-opened",
            where=str(proposal),
            found=finished.stderr.strip()[-2000:] or f"`mr open` ended with exit code {finished.returncode}",
            wanted="a merge request for the proposal, which is kept",
            mend="mend what it says, then run `glassworld mr open --proposal` with this file",
        )
    )


def _line(row: dict[str, object]) -> str:
    opened = "not opened" if row["number"] is None else f"merge request {row['number']}"
    return f"{row['assistant']}: {row['title']} ({opened}; {row['file']})"
