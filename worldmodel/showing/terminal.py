"""A world as text for a terminal: equations with units, what feeds into what, loops, parameters, purposes."""

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worldmodel.describe import at_element, describe_one, equation, support_text, written
from worldmodel.grounding.names import element_name
from worldmodel.language.render import render
from worldmodel.showing import facts
from worldmodel.showing.graph import condense, graph_of
from worldmodel.showing.listing import listing_lines
from worldmodel.showing.loops import feedback_loops
from worldmodel.world import Mechanism, World

_WIDTH = 120
_MOST_LOOPS = 10
_PARAMETERS = ("parameter", "unit", "prior", "prior, 90 %", "posterior", "posterior, 90 %", "why")


def explain(world: World) -> str:
    """The whole world on a page or two."""
    step = "no time: every variable comes about once" if world.static else f"one step is one {world.header.step}"
    weights = [f"  {variable}: {said}" for variable, said in facts.weight_rows(world)]
    parts = [
        f"{world.header.name}: {world.header.summary.strip()}",
        step,
        _table(
            "Variables",
            ("id", "title", "unit", "support", "role", "observed"),
            (row[:6] for row in facts.variable_rows(world)),
        ),
        "Equations\n"
        + "\n".join(line for _, own in sorted(world.mechanisms.items()) for line in _equation(world, own)),
        *_graph(world),
        "Rival mechanisms, and rules for actions\n" + "\n".join(weights) if weights else "",
        _all_parameters(world),
        *(_table(f"{name}: {own.why}", *facts.table_rows(world, own)) for name, own in world.header.tables.items()),
        _purposes(world),
    ]
    return "\n\n".join(part for part in parts if part)


def explain_one(world: World, identifier: str) -> str:
    """One mechanism or variable in full."""
    describe_one(world, identifier)
    world, identifier = at_element(world, identifier)
    if identifier in world.mechanisms:
        return _mechanism(world, world.mechanisms[identifier])
    variable = world.variables[identifier]
    mechanisms = [line for own in world.mechanisms_of(identifier) for line in _equation(world, own)]
    return "\n".join(
        [
            f"{identifier}: {variable.file.title} [{variable.file.unit}], {variable.file.role}",
            variable.file.meaning.strip(),
            f"support {support_text(variable.file.support)}; before step 1: "
            + (", ".join(render(law) for law in variable.initial) or "nothing"),
            *mechanisms,
            *_neighbours(world, identifier),
        ]
    )


def _equation(world: World, mechanism: Mechanism) -> Iterator[str]:
    """The equation with its unit, and its steps below it."""
    unit = world.variables[mechanism.assigns].file.unit
    yield f"  {mechanism.file.id}: {equation(world, mechanism)}{'' if unit == '1' else f'  [{unit}]'}"
    for number, (name, value) in enumerate(mechanism.bindings.items()):
        yield f"    {'where' if number == 0 else '  and'} {name} = {render(written(world, value))}"


def _neighbours(world: World, identifier: str) -> Iterator[str]:
    """What it reads and what reads it."""
    edges = sorted(_between_elements(world) if world.grounded else _between(world))
    yield "reads " + (", ".join(source for source, target in edges if target == identifier) or "no other variable")
    yield "is read by " + (", ".join(target for source, target in edges if source == identifier) or "no other variable")


def _between(world: World) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph_of(world).edges}


def _between_elements(world: World) -> set[tuple[str, str]]:
    """The same where every element stands for itself; its own past is not another variable."""
    found = {
        (element_name(node.name, node.indices), mechanism.assigns)
        for mechanism in world.mechanisms.values()
        for node in mechanism.inputs
    }
    return {(source, target) for source, target in found if source != target}


def _graph(world: World) -> Iterator[str]:
    graph = graph_of(world)
    overview = condense(graph)
    yield "What feeds into what\n" + "\n".join(f"  {line}" for line in listing_lines(graph, overview, world.static))
    loops = feedback_loops(graph, most=_MOST_LOOPS)
    lines = [*map(str, loops.found), *([loops.cut_off] if loops.cut_off else [])]
    yield "Feedback loops\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


def _mechanism(world: World, mechanism: Mechanism) -> str:
    file = mechanism.file
    constants = ((name, e.unit, facts.number(e.value), e.why) for name, e in sorted(file.constants.items()))
    parts = [
        f"{file.id}: {file.title}",
        "\n".join(_equation(world, mechanism)),
        _table("Parameters", _PARAMETERS, _parameters(world, mechanism)) if file.parameters else "",
        _table("Constants", ("name", "unit", "value", "why"), constants) if file.constants else "",
        *(
            _table(f"{name} [{own.unit}]: {own.why}", *facts.table_rows(world, own))
            for name, own in file.tables.items()
        ),
        "Claims\n" + "\n".join(f"  {render(claim)}" for claim in mechanism.claims) if mechanism.claims else "",
        "Sources\n" + "\n".join(f"  {source.ref}" for source in file.sources) if file.sources else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _parameters(world: World, mechanism: Mechanism) -> Iterator[tuple[str, ...]]:
    for row in facts.parameter_rows(world, mechanism):
        learned = facts.mean_text(row.after), facts.interval_text(row.after)
        yield row.name, row.unit, row.prior, facts.interval_text(row.before), *learned, row.why.strip()


def _all_parameters(world: World) -> str:
    """Every parameter in one table, without its why, which `show ID` has."""
    rows = [
        (f"{name}.{row[0]}", *row[1:-1])
        for name, mechanism in sorted(world.mechanisms.items())
        for row in _parameters(world, mechanism)
    ]
    return _table("Parameters", _PARAMETERS[:-1], rows) if rows else ""


def _purposes(world: World) -> str:
    lines = [f"  {u.file.stakeholder}: {render(written(world, u.expression))}" for u in world.utilities.values()]
    lines += [f"  {p.file.kind} {name}: {render(p.formula)}" for name, p in world.properties.items()]
    lines += [f"  {facts.objective_text(world)}"] if world.objective is not None else []
    return "Utilities, properties, objective\n" + "\n".join(lines) if lines else ""


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text; every cell is plain, so that markup in a file is shown and not obeyed."""
    table = Table(title=Text(title), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    page = Console(file=io.StringIO(), width=_WIDTH, color_system=None)
    page.print(table)
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue().rstrip()
