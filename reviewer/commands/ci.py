"""`glassworld ci`: the one command that a forge's pipeline runs on a branch; its exit code is the verdict."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.commands.output import answer, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.report.examining import Examined


@click.command("ci")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("review"),
    show_default=True,
    help="Where report.md and report.html go.",
)
@click.option("--approved", "needs_approval", is_flag=True, help="Fail too unless people have approved this change.")
@click.option("--draws", type=click.IntRange(20, 100_000), help="Trajectories of each run.  [default: 1000]")
@world_option
@json_option
@reports
def ci_command(out: Path, needs_approval: bool, draws: int | None, world: Path, as_json: bool) -> None:
    """Check the branch that is checked out against the approved world, and write the review report.

    Exits 0 where everything passes, 1 where a check fails (with --approved also where the gate is shut).

    \b
    glassworld ci --out review
    glassworld ci --approved
    """
    from reviewer.durable import write_durably
    from reviewer.panes.page import panes_page
    from reviewer.panes.subject import Settings
    from reviewer.report.examining import examine
    from reviewer.report.markdown import panes_markdown
    from reviewer.repository import open_repository

    found = examine(open_repository(world), Settings() if draws is None else Settings(draws=draws))
    title, lines = "Review report", _lines(found)
    write_durably(out / "report.md", panes_markdown(title, found.panes, lines).encode("utf-8"))
    write_durably(out / "report.html", panes_page(title, found.panes, lines).encode("utf-8"))
    approved = found.verdict is not None and found.verdict.open
    ok = found.passed and (approved or not needs_approval or not found.changes)
    text = "\n".join([*lines, f"Report: {out / 'report.md'}, {out / 'report.html'}"])
    answer(as_json, ok, _value(found, out), text)


def _lines(found: "Examined") -> list[str]:
    """The verdict in sentences."""
    if not found.changes:
        return ["Nothing differs from the approved world."]
    paths = sorted(found.changes)
    lines = [f"{len(paths)} components differ from the approved world: {', '.join(paths[:20])}"]
    lines += ["Checks: all pass."] if found.passed else [f"Checks: {len(found.problems)} problems."]
    lines += [str(problem) for problem in found.problems]
    if found.verdict is None:
        return [*lines, "No open merge request proposes exactly this change: `glassworld mr open` opens one."]
    gate = "open" if found.verdict.open else "shut"
    reasons = [f"- {reason.text}" for reason in found.verdict.reasons]
    return [*lines, f"Merge request {found.request} proposes it; its gate is {gate}.", *reasons]


def _value(found: "Examined", out: Path) -> dict[str, Any]:
    return {
        "changes": sorted(found.changes),
        "problems": [problem.to_json() for problem in found.problems],
        "request": found.request,
        "gate": None if found.verdict is None else found.verdict.to_json(),
        "report": [str(out / name) for name in ("report.md", "report.html")],
    }
