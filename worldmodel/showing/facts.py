"""The rows of every table that shows a world: parameters with what is known of them, constants, variables, weights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.numbers import Rows, TableEntry
from worldmodel.components.posterior import ParameterPosterior
from worldmodel.components.purpose import UtilityFile
from worldmodel.components.world import WorldFile
from worldmodel.describe import support_text
from worldmodel.language.render import render
from worldmodel.readings.natural import Known, Learned, known_after, known_before
from worldmodel.scope import Domain, world_scope
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class ParameterRow:
    """One parameter, or one element of a family of them; `after` is None before it was fitted."""

    mechanism: str
    name: str
    unit: str
    prior: str
    before: Known | None
    after: Learned | None
    why: str


def parameter_rows(world: World, mechanism: Mechanism) -> Iterator[ParameterRow]:
    """A mechanism's parameters in alphabetical order."""
    posterior = world.posteriors.get(mechanism.owner)
    for name, entry in sorted(mechanism.file.parameters.items()):
        prior = mechanism.priors[name]
        before = known_before(prior)
        learned = {} if posterior is None else _elements(posterior.parameters, name)
        called = family_name(name, entry.over)
        for own, after in learned.items() or ((called, None),):
            known = None if after is None else known_after(after, prior)
            yield ParameterRow(mechanism.file.id, own, entry.unit, render(prior), before, known, entry.why)


def _elements(parameters: "dict[str, ParameterPosterior]", name: str) -> dict[str, ParameterPosterior]:
    return {own: entry for own, entry in parameters.items() if name in {own, own.partition("[")[0]}}


def constant_rows(world: World) -> Iterator[tuple[str, str, str, str, str]]:
    """Every named constant: where it stands, its name, value, unit and why."""
    owners: dict[str, WorldFile | MechanismFile | UtilityFile] = {"world": world.header}
    owners |= {name: entry.file for name, entry in sorted(world.mechanisms.items())}
    owners |= {name: entry.file for name, entry in sorted(world.utilities.items())}
    for owner, file in owners.items():
        for name, entry in sorted(file.constants.items()):
            yield owner, name, number(entry.value), entry.unit, entry.why


def variable_rows(world: World) -> Iterator[tuple[str, ...]]:
    """Every variable: id, title, unit, support, role, whether it is seen, and its laws before step 1."""
    for name, variable in sorted(world.variables.items()):
        file = variable.file
        seen = "yes" if file.observed else "no"
        start = ", ".join(render(law) for law in variable.initial)
        yield family_name(name, file.over), file.title, file.unit, support_text(file.support), file.role, seen, start


def weight_rows(world: World) -> Iterator[tuple[str, str]]:
    """The weights of rivals, and the rules of actions."""
    for variable in sorted(world.header.rivals):
        weights = world.weights_of(variable).items()
        yield variable, ", ".join(f"{name} {weight:.2f}" for name, weight in weights)


def objective_text(world: World) -> str:
    """The objective as one line; empty where there is none."""
    if world.objective is None:
        return ""
    own = world.objective
    level = f" {own.risk.level:g}" if own.risk.measure == "cvar" else ""
    floors = f"; floors {', '.join(own.floors)}" if own.floors else ""
    rule = f"{own.aggregation.rule} over {own.horizon} steps, discount {own.discount:g}"
    return f"{rule}, risk {own.risk.measure}{level}{floors}"


def tables(world: World) -> Iterator[tuple[str, str, TableEntry]]:
    """Every table: where it stands, its name, and itself."""
    yield from (("world", name, entry) for name, entry in sorted(world.header.tables.items()))
    for owner, mechanism in sorted(world.mechanisms.items()):
        yield from ((owner, name, entry) for name, entry in sorted(mechanism.file.tables.items()))


def table_rows(world: World, entry: TableEntry) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A table as heading and rows; the last of several axes stands across, and a series by `t` in one cell."""
    scope = world_scope(world.header, world.variables)
    names = [scope.names_along(axis) for axis in entry.by]
    leaves = [*_leaves(entry.rows, names, ())]
    if len(names) == 1 and names[0] is not None:
        return (*entry.by, "value"), [(*path, value) for path, value in leaves]
    lines: dict[tuple[str, ...], list[str]] = {}
    for path, value in leaves:
        lines.setdefault(path[:-1], []).append(value)
    if names[-1] is None:
        return (*entry.by[:-1], f"by {entry.by[-1]}"), [(*path, ", ".join(values)) for path, values in lines.items()]
    return (*entry.by[:-1], *names[-1]), [(*path, *values) for path, values in lines.items()]


def _leaves(rows: Rows, names: Sequence[Domain | None], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each entry with the names that lead to it; an entry that is a row of probabilities is one."""
    if not names:
        yield path, number(rows) if isinstance(rows, int | float) else " : ".join(map(str, rows))
    elif isinstance(rows, dict):
        for name in names[0] or rows:
            yield from _leaves(rows[name], names[1:], (*path, name))
    elif not isinstance(rows, int | float):
        for place, inner in enumerate(rows):
            yield from _leaves(inner, names[1:], (*path, names[0][place] if names[0] else str(place + 1)))


def family_name(name: str, over: Sequence[str]) -> str:
    """A name with the index sets that it is over."""
    return f"{name}[{', '.join(over)}]" if over else name


def number(value: float) -> str:
    """A number as tables print it: enough digits to read, none to count."""
    return f"{value:.6g}"


def interval_text(known: Known | None) -> str:
    """A 90 % interval."""
    return "" if known is None else f"{known.low:.3g} to {known.high:.3g}"


def mean_text(known: Learned | None) -> str:
    """Mean and standard deviation of a posterior."""
    return "not fitted" if known is None else f"{known.mean:.3g} ± {known.sd:.2g}"
