"""A world as text for people: equations, what feeds into what, units and parameters, in the terminal."""

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worldmodel.describe import describe_one, edges, equation, support_text
from worldmodel.language.render import render
from worldmodel.world import Mechanism, World

_WIDTH = 120


def explain(world: World) -> str:
    """The whole world on a page or two."""
    weights = [
        f"  {variable}: " + ", ".join(f"{name} {weight:.2f}" for name, weight in world.weights_of(variable).items())
        for variable in sorted(world.header.rivals)
    ]
    parts = [
        f"{world.header.name}: {world.header.summary}",
        f"one step is one {world.header.step}",
        _table(
            "Variables",
            ("id", "title", "unit", "support", "role", "seen"),
            (
                (
                    name,
                    v.file.title,
                    v.file.unit,
                    support_text(v.file.support),
                    v.file.role,
                    "yes" if v.file.observed else "no",
                )
                for name, v in world.variables.items()
            ),
        ),
        "Equations\n" + "\n".join(f"  {name}: {equation(m)}" for name, m in world.mechanisms.items()),
        "What feeds into what\n" + "\n".join(_edge_lines(world)),
        "Rival mechanisms, and rules for actions\n" + "\n".join(weights) if weights else "",
        _purposes(world),
    ]
    return "\n\n".join(part for part in parts if part)


def explain_one(world: World, identifier: str) -> str:
    """One mechanism or variable in full."""
    describe_one(world, identifier)
    if identifier in world.mechanisms:
        return _mechanism(world, world.mechanisms[identifier])
    variable = world.variables[identifier]
    mechanisms = "\n".join(f"  {m.file.id}: {equation(m)}" for m in world.mechanisms_of(identifier))
    return "\n".join(
        [
            f"{identifier}: {variable.file.title} [{variable.file.unit}], {variable.file.role}",
            variable.file.meaning,
            f"support {support_text(variable.file.support)}; before step 1: "
            + ", ".join(render(law) for law in variable.initial),
            mechanisms,
        ]
    )


def _mechanism(world: World, mechanism: Mechanism) -> str:
    posterior = world.posteriors.get(mechanism.file.id)
    rows = []
    for name, entry in sorted(mechanism.file.parameters.items()):
        learned = posterior.parameters[name] if posterior else None
        said = f"{learned.mean:g} ± {learned.sd:g} ({learned.scale})" if learned else "not fitted"
        rows.append((name, entry.unit, entry.prior, said, entry.why))
    constants = ((name, e.unit, f"{e.value:g}", e.why) for name, e in sorted(mechanism.file.constants.items()))
    parts = [
        f"{mechanism.file.id}: {mechanism.file.title}",
        f"  {equation(mechanism)}",
        _table("Parameters", ("name", "unit", "prior", "posterior", "why"), rows) if rows else "",
        _table("Constants", ("name", "unit", "value", "why"), constants) if mechanism.file.constants else "",
        "Claims\n" + "\n".join(f"  {render(claim)}" for claim in mechanism.claims) if mechanism.claims else "",
        "Sources\n" + "\n".join(f"  {source.ref}" for source in mechanism.file.sources)
        if mechanism.file.sources
        else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _edge_lines(world: World) -> list[str]:
    inputs: dict[str, list[str]] = {}
    for source, lag, target in edges(world):
        inputs.setdefault(target, []).append(f"{source}[t-{lag}]" if lag else f"{source}[t]")
    return [f"  {target} ← {', '.join(sources)}" for target, sources in sorted(inputs.items())]


def _purposes(world: World) -> str:
    lines = [f"  {u.file.stakeholder}: {render(u.expression)}" for u in world.utilities.values()]
    lines += [f"  {p.file.kind} {name}: {render(p.formula)}" for name, p in world.properties.items()]
    if world.objective is not None:
        o = world.objective
        lines.append(f"  {o.aggregation.rule} over {o.horizon} steps, discount {o.discount:g}, risk {o.risk.measure}")
    return "Utilities, properties, objective\n" + "\n".join(lines) if lines else ""


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text; every cell is plain, so that markup in a file is shown and not obeyed."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    page = Console(file=io.StringIO(), width=_WIDTH, color_system=None)
    page.print(table)
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue().rstrip()
