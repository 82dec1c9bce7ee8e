"""`glassworld demo`: the whole way on real data, with made-up reviewers, in minutes; ends with a report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.commands.output import emit, json_option, reports

if TYPE_CHECKING:
    from worldmodel.demo.steps import Findings


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="The folder to make; one that an earlier demo made is replaced.",
)
@click.option("--quick", is_flag=True, help="Train and evaluate less: to see the way, not the result.")
@json_option
@reports
def demo_command(out: Path, quick: bool, as_json: bool) -> None:
    """Go the whole way once: data, proposal, review, bundle, training, replay, evaluation, report.

    Everything is done by the commands that you would type, and each is shown. The reviewers are made up, and all that
    is printed says so.
    """
    from worldmodel.demo.folder import finished, fresh_folder
    from worldmodel.demo.report import MADE_UP, REPORT, report_html
    from worldmodel.demo.running import Runner
    from worldmodel.demo.steps import FULL, QUICK, walk

    folder = fresh_folder(out)
    with _screen(as_json) as screen:
        screen.notice(MADE_UP)
        runner = Runner(folder, screen.command)
        findings = walk(runner, QUICK if quick else FULL, screen.heading)
        text = report_html(findings, runner.history, folder)
    report = folder / REPORT
    report.write_text(text, encoding="utf-8")
    finished(folder)
    emit(as_json, {"ok": True, "folder": str(folder), "report": str(report)}, "\n".join(_closing(findings, folder)))


def _closing(findings: "Findings", folder: Path) -> Iterator[str]:
    from worldmodel.demo import words
    from worldmodel.demo.report import FILES, MADE_UP, NEXT, REPORT

    evidence = findings.proposal["evidence"]
    yield "\nWhat was found"
    yield from (f"  - {line}" for line in [*words.settled(evidence), *words.gains(findings.evaluated)])
    yield from (f"  - {line}" for line in words.floors(findings.evaluated))
    yield f"  - Training again gave {'the same bytes' if findings.replayed['agrees'] else 'OTHER BYTES'}."
    yield "\nRemember"
    yield f"  {MADE_UP}"
    yield f"\nWhere everything is, in {folder}"
    yield f"  {REPORT:<27} the whole report, in one file for a browser"
    yield from (f"  {name:<27} {meaning}" for name, meaning in FILES)
    yield f"\nWhat to do next, in {folder}"
    yield from (f"  {line}" for line in NEXT)


class _Screen:
    """Says on standard error what is being done; silent where machines listen."""

    def __init__(self, console: Any, progress: Any) -> None:
        self._console, self._progress = console, progress
        self._count = 0
        self._task = progress.add_task("", total=None)

    def notice(self, text: str) -> None:
        """A paragraph that has to be read."""
        self._console.print(text, style="yellow", markup=False, highlight=False)

    def heading(self, text: str) -> None:
        """The next stretch of the way."""
        self._count += 1
        self._console.print(f"\n{self._count}. {text}", style="bold", markup=False, highlight=False)

    def command(self, line: str) -> None:
        """The command that runs now."""
        self._console.print(f"   $ {line}", style="dim", markup=False, highlight=False, soft_wrap=True)
        self._progress.reset(self._task, description=" ".join(line.split()[:3]))


@contextmanager
def _screen(quiet: bool) -> Iterator[_Screen]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, quiet=quiet)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        yield _Screen(console, progress)
