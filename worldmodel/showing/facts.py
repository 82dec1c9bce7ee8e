"""The rows of every table that shows a world: parameters with what is known of them, constants, variables, weights."""

from collections.abc import Iterator
from dataclasses import dataclass

from worldmodel.components.posterior import ParameterPosterior
from worldmodel.describe import support_text
from worldmodel.language.render import render
from worldmodel.readings.natural import Known, known_after, known_before
from worldmodel.showing import surface
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class ParameterRow:
    """One parameter, or one element of a family of them; `after` is None before it was fitted."""

    mechanism: str
    name: str
    unit: str
    prior: str
    before: Known | None
    after: Known | None
    why: str


def parameter_rows(world: World, mechanism: Mechanism) -> Iterator[ParameterRow]:
    """A mechanism's parameters in alphabetical order."""
    posterior = world.posteriors.get(mechanism.file.id)
    for name, entry in sorted(mechanism.file.parameters.items()):
        prior = mechanism.priors[name]
        before = known_before(prior)
        learned = {} if posterior is None else _elements(posterior.parameters, name)
        over = tuple(getattr(entry, "over", ()))
        called = f"{name}[{', '.join(over)}]" if over else name
        for own, after in learned.items() or ((called, None),):
            known = None if after is None else known_after(after, prior)
            yield ParameterRow(mechanism.file.id, own, entry.unit, render(prior), before, known, entry.why)


def _elements(parameters: "dict[str, ParameterPosterior]", name: str) -> dict[str, ParameterPosterior]:
    return {own: entry for own, entry in parameters.items() if own.partition("[")[0] == name}


def constant_rows(world: World) -> Iterator[tuple[str, str, str, str, str]]:
    """Every named constant: where it stands, its name, value, unit and why."""
    owners = {"world": world.header, **{name: entry.file for name, entry in world.mechanisms.items()}}
    owners |= {name: entry.file for name, entry in world.utilities.items()}
    for owner, file in owners.items():
        for name, entry in sorted(surface.constants(file).items()):
            yield owner, name, number(entry.value), entry.unit, entry.why


def variable_rows(world: World) -> Iterator[tuple[str, ...]]:
    """Every variable: id, title, unit, support, role, whether it is seen, and its laws before step 1."""
    for name, variable in sorted(world.variables.items()):
        file = variable.file
        over = tuple(getattr(file, "over", ()))
        called = f"{name}[{', '.join(over)}]" if over else name
        seen = "yes" if file.observed else "no"
        start = ", ".join(render(law) for law in variable.initial)
        yield called, file.title, file.unit, support_text(file.support), file.role, seen, start


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


def table_rows(entry: object) -> Iterator[tuple[str, ...]]:
    """The cells of a table, one row for each combination of all but the last of what it is by."""
    yield from _rows(getattr(entry, "rows", ()), ())


def _rows(rows: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    cells = rows.items() if isinstance(rows, dict) else enumerate(rows) if isinstance(rows, tuple | list) else ()
    listed = [(str(name), inner) for name, inner in cells]
    if all(isinstance(inner, int | float) for _, inner in listed):
        named = [f"{name} {number(inner)}" if isinstance(rows, dict) else number(inner) for name, inner in listed]
        yield (" ".join(path) or "all", ", ".join(named))
        return
    for name, inner in listed:
        yield from _rows(inner, (*path, name))


def number(value: float) -> str:
    """A number as tables print it: enough digits to read, none to count."""
    return f"{value:.6g}"


def interval_text(known: Known | None) -> str:
    """A 90 % interval."""
    return "" if known is None else f"{known.low:.3g} to {known.high:.3g}"


def mean_text(known: Known | None) -> str:
    """Mean and standard deviation of a posterior."""
    return "not fitted" if known is None or known.sd is None else f"{known.mean:.3g} ± {known.sd:.2g}"
