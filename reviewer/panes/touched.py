"""Which variables a change touches itself: those of which something that makes them differs, whatever the texts say.

Compared are grounded worlds under the same names, so that spelling, bindings, named values and renaming do not count.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import surface
from worldmodel.language.ir import Parameter
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism, World


def touched(old: World, new: World) -> tuple[str, ...]:
    """The variables (elements of families one by one) that one world makes otherwise than the other, sorted."""
    before, after = ground(old), ground(new)
    names = sorted({*before.variables, *after.variables})
    return tuple(name for name in names if _made(before, name) != _made(after, name))


def families(names: Iterable[str]) -> tuple[str, ...]:
    """The same by what people call them: a family of variables once."""
    return tuple(dict.fromkeys(map(surface, names)))


def _made(world: World, name: str) -> Any:
    """Everything that a variable comes from; None where there is no such variable."""
    if name not in world.variables:
        return None
    variable = world.variables[name]
    mechanisms = [
        (own.file.id, world.weights_of(name).get(own.file.id), *_mechanism(world, own))
        for own in world.mechanisms_of(name)
    ]
    return variable.file.support, variable.initial, mechanisms


def _mechanism(world: World, own: Mechanism) -> Iterator[Any]:
    """The law, and what its names stand for."""
    named = {
        node.name for text in (own.law, *own.priors.values()) for node in walk(text) if isinstance(node, Parameter)
    }
    yield own.law
    yield dict(own.priors)
    yield {name: entry.value for name, entry in own.file.constants.items() if name in named}
    posterior = world.posteriors.get(own.owner)
    yield (
        None
        if posterior is None
        else (
            posterior.order,
            {name: (entry.scale, entry.mean, entry.sd) for name, entry in posterior.parameters.items()},
            posterior.correlation,
        )
    )
