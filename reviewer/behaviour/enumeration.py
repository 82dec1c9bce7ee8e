"""Two laws compared by every probability: where all that they read has finitely many values."""

import numpy as np
from numpy.typing import NDArray

from reviewer.behaviour.verdict import TOLERANCE, Equality, input_name
from worldmodel.errors import GlassworldError
from worldmodel.exchange.finite import Conditional, FiniteWorld
from worldmodel.language.ir import Start, Time, Variable
from worldmodel.world import Mechanism, World

Array = NDArray[np.float64]


def by_enumeration(before: World, after: World, pair: tuple[Mechanism, Mechanism]) -> Equality | None:
    """Every probability of both laws, where all that they read is finite and they have no parameters.

    None where that cannot be done. The worlds are grounded.
    """
    name = pair[0].assigns
    try:
        tables = [FiniteWorld.of(world).law(one) for world, one in zip((before, after), pair, strict=True)]
    except GlassworldError:
        return None
    inputs = tuple(sorted({*tables[0].inputs, *tables[1].inputs}, key=repr))
    if before.variables[name].initial != after.variables[name].initial:
        return None
    finite = FiniteWorld.of(before)
    wide = [_wide(table, inputs, finite) for table in tables]
    gap = np.abs(wide[0] - wide[1])
    if gap.max() <= TOLERANCE:
        return Equality("equal", f"by enumeration: {gap.size} probabilities agree within {TOLERANCE:g}")
    place = np.unravel_index(int(gap.argmax()), gap.shape)
    at = ", ".join(
        f"{input_name(key)} = {finite.values_of(key)[index]}" for key, index in zip(inputs, place[:-1], strict=True)
    )
    told = f"at {at or 'any time'}: probability {wide[0][place]:.6g} before, {wide[1][place]:.6g} after"
    return Equality("different", "by enumeration", told)


def _wide(table: Conditional, inputs: tuple[Variable | Start | Time, ...], finite: FiniteWorld) -> Array:
    """The probabilities and the failing mass, with an axis for each of `inputs`."""
    array = np.concatenate((table.probabilities, table.failing[..., np.newaxis]), axis=-1)
    order = sorted(range(len(table.inputs)), key=lambda place: inputs.index(table.inputs[place]))
    array = array.transpose(*order, array.ndim - 1)
    shape = [len(finite.values_of(key)) if key in table.inputs else 1 for key in inputs]
    full = [len(finite.values_of(key)) for key in inputs]
    return np.broadcast_to(array.reshape(*shape, array.shape[-1]), (*full, array.shape[-1]))
