"""The equations that a change touches, before and after."""

from collections.abc import Iterator

from reviewer.panes.pane import Block, Formula, Sentence
from worldmodel.describe import equation, expression_written, law_written, places_of
from worldmodel.language.ir import Parameter
from worldmodel.language.render import render
from worldmodel.readings.latex import expression_to_latex, to_latex
from worldmodel.readings.mathml_block import definition_to_mathml, equation_to_mathml
from worldmodel.showing.renames import renames
from worldmodel.world import Mechanism, World

MOST_EQUATIONS = 30


def equation_blocks(old: World, new: World) -> Iterator[Block]:
    """Each mechanism whose law or bindings differ: its equations before, and after."""
    names = renames(old, new).new.get("mechanisms", {})
    origins = {names.get(name, name): name for name in old.mechanisms}
    pairs = [
        (name, old.mechanisms.get(origins.get(name, name)), new.mechanisms.get(name))
        for name in sorted({*origins, *new.mechanisms})
    ]
    changed = [(name, was, now) for name, was, now in pairs if _texts(was) != _texts(now)]
    for name, was, now in changed[:MOST_EQUATIONS]:
        if was is not None:
            yield from _side(f"{name} before" if now is not None else f"{name}, which goes", old, was)
        if now is not None:
            yield from _side(f"{name} after" if was is not None else f"{name}, which is new", new, now)
    if len(changed) > MOST_EQUATIONS:
        yield Sentence(f"{len(changed) - MOST_EQUATIONS} more equations change; `glassworld show ID` prints each.")


def _texts(mechanism: Mechanism | None) -> object:
    """What an equation shows."""
    if mechanism is None:
        return None
    return mechanism.file.assigns, mechanism.law, dict(mechanism.bindings)


def _side(label: str, world: World, mechanism: Mechanism) -> Iterator[Block]:
    file = mechanism.file
    law = law_written(world, mechanism.law)
    unit = world.variables[file.target].file.unit
    yield Sentence(f"{label}{'' if unit == '1' else f' [{unit}]'}:")
    markup = equation_to_mathml(file.target, places_of(world, mechanism), law, not world.static)
    yield Formula(equation(world, mechanism), markup.text, to_latex(mechanism, world))
    for name, value in mechanism.bindings.items():
        own = expression_written(world, value)
        latex = f"{expression_to_latex(Parameter(name))} = {expression_to_latex(own)}"
        yield Formula(f"{name} = {render(own)}", definition_to_mathml(name, own).text, latex)
