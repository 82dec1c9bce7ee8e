"""The world before a change, with the names of the world after it, so that the two share their noise.

Noise is keyed by names. A component that only changed its name, or a mechanism that took the place of another one for
the same variable, would draw other numbers, and a comparison would show those and not the change.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.numbers import TableEntry
from worldmodel.components.world import WorldFile
from worldmodel.language.ir import Expression, Formula, Law
from worldmodel.showing.renames import Names, renames
from worldmodel.world import Mechanism, Property, Utility, VariableComponent, World


def aligned(old: World, new: World) -> World:
    """The old world as it is, under the new names; itself where nothing is called otherwise."""
    names = _names(old, new)
    return _renamed(old, names) if any(names.new.get(folder) for folder in ("variables", "mechanisms")) else old


def _names(old: World, new: World) -> Names:
    """What is certain to have been renamed, and for each variable the one mechanism in the place of another."""
    found = renames(old, new)
    variables = found.new.get("variables", {})
    mechanisms = dict(found.new.get("mechanisms", {}))
    gone = _by_target(old, {*new.mechanisms, *mechanisms}, variables)
    came = _by_target(new, {*old.mechanisms, *mechanisms.values()}, {})
    for target in sorted(gone.keys() & came.keys()):
        if len(gone[target]) == len(came[target]) == 1:
            mechanisms[gone[target][0]] = came[target][0]
    return Names({**found.new, "mechanisms": mechanisms})


def _by_target(world: World, known: set[str], variables: Mapping[str, str]) -> dict[str, list[str]]:
    """The mechanisms that are not among the known ones, by the variable that they assign."""
    found: dict[str, list[str]] = {}
    for name, mechanism in sorted(world.mechanisms.items()):
        if name not in known:
            target = mechanism.file.target
            found.setdefault(variables.get(target, target), []).append(name)
    return found


def _renamed(world: World, names: Names) -> World:
    digests = {f"{names.path(path)}": value for path, value in world.digests.items()}
    return replace(
        world,
        header=_header(world.header, names),
        variables={names.of("variables", name): _variable(own, names) for name, own in world.variables.items()},
        mechanisms={names.of("mechanisms", name): _mechanism(own, names) for name, own in world.mechanisms.items()},
        posteriors={
            names.of("mechanisms", name): own.model_copy(update={"id": names.of("mechanisms", name)})
            for name, own in world.posteriors.items()
        },
        utilities={
            name: Utility(own.file, cast(Expression, names.text(own.expression)))
            for name, own in world.utilities.items()
        },
        properties={
            name: Property(own.file, cast(Formula, names.text(own.formula))) for name, own in world.properties.items()
        },
        digests=digests,
        order=tuple(names.of("variables", name) for name in world.order),
    )


def _header(header: WorldFile, names: Names) -> WorldFile:
    rivals = {
        names.of("variables", variable): {names.of("mechanisms", name): weight for name, weight in weights.items()}
        for variable, weights in header.rivals.items()
    }
    return header.model_copy(update={"rivals": rivals, "tables": _tables(header.tables, names)})


def _variable(own: VariableComponent, names: Names) -> VariableComponent:
    return replace(own, file=own.file.model_copy(update={"id": names.of("variables", own.file.id)}))


def _mechanism(own: Mechanism, names: Names) -> Mechanism:
    return Mechanism(
        _file(own.file, names),
        cast(Law, names.text(own.law)),
        own.priors,
        tuple(cast(Formula, names.text(claim)) for claim in own.claims),
        {name: cast(Expression, names.text(value)) for name, value in own.bindings.items()},
        own.component,
    )


def _file(file: MechanismFile, names: Names) -> MechanismFile:
    _, bracket, inside = file.assigns.partition("[")
    changed = {
        "id": names.of("mechanisms", file.id),
        "assigns": names.of("variables", file.target) + bracket + inside,
        "tables": _tables(file.tables, names),
    }
    return file.model_copy(update=changed)


def _tables(tables: Mapping[str, TableEntry], names: Names) -> dict[str, TableEntry]:
    """Tables by a finite variable follow its new name."""
    return {
        name: entry.model_copy(update={"by": tuple(names.of("variables", axis) for axis in entry.by)})
        for name, entry in tables.items()
    }
