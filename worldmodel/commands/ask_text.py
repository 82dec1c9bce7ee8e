"""How answers to questions are written: tables and sentences for people, plain facts for machines."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldmodel.questions.blanket import Blanket
    from worldmodel.questions.counterfactual import Counterfactual
    from worldmodel.questions.graph import Place
    from worldmodel.questions.loops import Loop, Signs
    from worldmodel.questions.sensitivity import Estimate
    from worldmodel.world import World


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table in plain text; the first `left` columns are words, the others numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(*heads, box=box.SIMPLE_HEAD)
    for column in made.columns[left:]:
        column.justify = "right"
    for row in rows:
        # As text, since names of elements stand in square brackets, which would be read as markup.
        made.add_row(*map(Text, row))
    buffer = io.StringIO()
    Console(file=buffer, width=120, color_system=None).print(made)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).strip("\n")


def number(value: float) -> str:
    """A number at four digits."""
    return f"{value:.4g}"


def place_text(place: "Place", relative: bool = False) -> str:
    """`inflation[t-1]`, or `inflation@3`."""
    name, step = place
    if not relative:
        return f"{name}@{step}"
    inside = name[:-1].partition("[")[2] if name.endswith("]") else ""
    when = "t" if step == 0 else f"t{step:+d}"
    return f"{name.partition('[')[0]}[{', '.join([*inside.split(','), when]) if inside else when}]"


def loop_text(loop: "Loop") -> str:
    """`slack → inflation (1) → rate (1) → slack (2)`: what each step reads, and how many steps later."""
    first = loop.edges[0].source
    return " → ".join([first, *(f"{edge.target} ({edge.lag})" for edge in loop.edges)])


def loop_facts(loop: "Loop", signs: "Signs | None") -> dict[str, Any]:
    """A loop for machines."""
    edges = [{"from": edge.source, "lag": edge.lag, "to": edge.target} for edge in loop.edges]
    shares = None if signs is None else vars(signs)
    return {"variables": list(loop.variables), "lag": loop.lag, "edges": edges, "signs": shares}


def loop_row(loop: "Loop", signs: "Signs | None") -> tuple[str, ...]:
    """A loop for people."""
    shares = () if signs is None else (signs.reinforcing, signs.balancing, signs.without_effect, signs.undecided)
    return (loop_text(loop), str(loop.lag), *(f"{share:.0%}" for share in shares))


def blanket_text(blanket: "Blanket", static: bool = False) -> str:
    """A blanket for people; a static world has no `[t]`."""

    def text(place: "Place") -> str:
        return place[0] if static else place_text(place, True)

    parts = {"parents": blanket.parents, "children": blanket.children, "other parents of children": blanket.spouses}
    lines = [f"{word}: {', '.join(map(text, places)) or '–'}" for word, places in parts.items()]
    return "\n".join([f"The Markov blanket of {text((blanket.variable, 0))}", *lines])


def estimate_facts(estimate: "Estimate") -> dict[str, float]:
    """An estimate for machines."""
    return {"value": estimate.value, "standard_error": estimate.error}


def estimate_text(estimate: "Estimate") -> str:
    """An estimate for people."""
    return f"{estimate.value:.3f} ± {estimate.error:.3f}"


def grounds_rows(answer: "Counterfactual") -> list[tuple[str, str]]:
    """What the noise of each variable is known by."""
    from worldmodel.questions.resting import WORDS

    return [
        (name, ", ".join(f"{WORDS[ground]} at {count} steps" for ground, count in sorted(grounds.items())))
        for name, grounds in answer.grounds.items()
    ]


def series_rows(
    world: "World", steps: Sequence[int], values: Mapping[str, Sequence[Sequence[float]]], named: bool = False
) -> list[tuple[str, ...]]:
    """A row for each variable and step, with its quantiles; `named` where they are values and no differences."""
    from worldmodel.grounding.ground import ground

    variables = ground(world).variables
    rows = []
    for name, levels in values.items():
        words = variables[name].file.support.values if named else ()
        for step in steps:
            numbers = (level[step - 1] for level in levels)
            cells = (words[round(value)] if words else number(value) for value in numbers)
            rows.append((name if step == steps[0] else "", str(step), *cells))
    return rows
