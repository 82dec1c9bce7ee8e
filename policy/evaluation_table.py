"""An evaluation as tables for a terminal: one of returns, one of floors, one of what each rival would mean."""

import io
from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from policy.evaluation_report import EvaluationReport, Number

_WIDTH = 118


def as_text(report: EvaluationReport) -> str:
    """The tables, without colour."""
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, legacy_windows=False)
    for table in _tables(report):
        console.print(table)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def _tables(report: EvaluationReport) -> Iterator[Table]:
    yield _returns(report)
    if any(reading.floors for reading in report.rules.values()):
        yield _floors(report)
    if report.rivals:
        yield _rivals(report)


def _returns(report: EvaluationReport) -> Table:
    table = Table(title="Returns: mean ± half of its 95 % interval", box=SIMPLE_HEAD, title_justify="left")
    stakeholders = list(next(iter(report.rules.values())).stakeholders)
    for name in ("rule", *stakeholders, "objective", f"worst {report.tail:.0%} of draws"):
        table.add_column(name, justify="left" if name == "rule" else "right")
    for name, reading in report.rules.items():
        means = (_with_half(reading.stakeholders[who].mean) for who in stakeholders)
        table.add_row(name, *means, _with_half(reading.objective), _with_half(reading.tail_mean))
    return table


def _floors(report: EvaluationReport) -> Table:
    table = Table(
        title="Floors: how often broken in independent draws, and at most at 95 %",
        box=SIMPLE_HEAD,
        title_justify="left",
    )
    names = list(next(iter(report.rules.values())).floors)
    for name in ("rule", *names, "left its support"):
        table.add_column(name, justify="left" if name == "rule" else "right")
    for name, reading in report.rules.items():
        cells = (
            f"{entry.events / entry.trials:.1%} ≤ {entry.bounds.upper:.1%} ({entry.verdict})"
            for entry in map(reading.floors.get, names)
            if entry
        )
        table.add_row(name, *cells, f"{reading.left_support.broken:.1%}")
    allowed = (f"{entry.allowed:.0%} allowed" for entry in next(iter(report.rules.values())).floors.values())
    table.add_row("", *allowed, "")
    return table


def _rivals(report: EvaluationReport) -> Table:
    table = Table(title="Returns if one rival mechanism is true", box=SIMPLE_HEAD, title_justify="left")
    stakeholders = list(next(iter(report.rules.values())).stakeholders)
    for name in ("if", "rule", *stakeholders):
        table.add_column(name, justify="left" if name in {"if", "rule"} else "right")
    for label, rules in report.rivals.items():
        for name, means in rules.items():
            table.add_row(label, name, *(_with_half(means[who]) for who in stakeholders))
    return table


def _with_half(number: Number) -> str:
    return f"{number.value:.3g} ± {(number.interval.upper - number.interval.lower) / 2:.2g}"
