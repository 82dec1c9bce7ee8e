"""How grounded things are called: `infected[north]` is the element north of infected."""

from collections.abc import Iterable


def element_name(name: str, elements: Iterable[str]) -> str:
    """`infected[north]`, or the bare name where there are no elements."""
    inside = ",".join(elements)
    return f"{name}[{inside}]" if inside else name


def surface(name: str) -> str:
    """The component that a grounded name belongs to: `infected` for `infected[north]`."""
    return name.partition("[")[0]


def element_of(name: str) -> tuple[str, ...]:
    """The elements in a grounded name; none in a bare one."""
    inside = name.partition("[")[2].rstrip("]")
    return tuple(inside.split(",")) if inside else ()
