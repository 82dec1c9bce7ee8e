"""What nobody measures, but what follows for certain from what is measured: read through the law that measures it.

A risk is not in the data, an arrest by that risk is. Where an unobserved variable comes about by one law without a
distribution, and one law without parameters of its own says how it shows in an observed variable at the same step,
the first law is put into the second: the parameters of the first are then learned from the observed variable.
"""

from dataclasses import replace

from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Expression, Variable
from worldmodel.language.rewrite import change_children, change_law
from worldmodel.world import Mechanism, World


def measured(world: World, mechanism: Mechanism) -> Mechanism:
    """The mechanism as data show it: itself, or where it assigns an unseen variable, through what measures that."""
    scalar = ground(world).mechanisms.get(mechanism.file.id)
    if scalar is None or world.variables[scalar.assigns].file.observed or scalar.law.family != "Delta":
        return scalar or mechanism
    readers = [other for other in ground(world).mechanisms.values() if _reads(other, scalar.assigns)]
    if len(readers) != 1 or not _measures(world, readers[0], scalar):
        return scalar
    return _through(scalar, readers[0])


def _reads(mechanism: Mechanism, name: str) -> bool:
    return any(read.name == name for read in mechanism.inputs)


def _measures(world: World, reader: Mechanism, unseen: Mechanism) -> bool:
    """Whether the reader says, at the same step and with nothing of its own to learn, how the unseen one shows."""
    alone = all(len(world.weights_of(name)) == 1 for name in (reader.assigns, unseen.assigns))
    at_once = all(read.lag == 0 for read in reader.inputs if read.name == unseen.assigns)
    apart = not set(reader.file.constants) & {*unseen.file.constants, *unseen.file.parameters}
    return alone and at_once and apart and not reader.priors and reader.law.family != "Delta"


def _through(unseen: Mechanism, reader: Mechanism) -> Mechanism:
    (value,) = unseen.law.arguments

    def change(node: Expression) -> Expression:
        if isinstance(node, Variable) and node.name == unseen.assigns:
            return value
        return change_children(node, change)

    constants = {**unseen.file.constants, **reader.file.constants}
    file = unseen.file.model_copy(update={"assigns": reader.assigns, "constants": constants})
    return replace(unseen, file=file, law=change_law(reader.law, change))
