"""What a world's components say of families, bindings and tables, in one place for every way of showing them."""

from collections.abc import Mapping
from typing import Any

from worldmodel.grounding.ground import surface
from worldmodel.language.ir import Expression
from worldmodel.world import Mechanism, World


def target(mechanism: Mechanism) -> str:
    """The variable or family that it assigns."""
    return surface(mechanism.file.assigns)


def places(world: World, mechanism: Mechanism) -> tuple[str, ...]:
    """What the law calls the element of the family that it assigns; empty for a single variable."""
    return tuple(getattr(mechanism.file, "binders", ()) or getattr(world.variables[target(mechanism)].file, "over", ()))


def bindings(mechanism: Mechanism) -> Mapping[str, Expression]:
    """The steps of a long law."""
    return getattr(mechanism, "bindings", {})


def binding_why(mechanism: Mechanism, name: str) -> str:
    """Why a step is what it is."""
    return str(mechanism.file.let[name].why)  # type: ignore[attr-defined]


def tables(file: Any) -> Mapping[str, Any]:
    """The tables of a mechanism or of the world's head."""
    return getattr(file, "tables", {})


def constants(file: Any) -> Mapping[str, Any]:
    """The named constants of a mechanism, utility or of the world's head."""
    return getattr(file, "constants", {})


def static(world: World) -> bool:
    """Whether there is no time."""
    return world.header.step is None
