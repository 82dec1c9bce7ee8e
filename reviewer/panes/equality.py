"""Whether a variable behaves as before, whatever the texts say: equal components are called equal."""

from collections.abc import Iterator

from reviewer.behaviour.equality import compare_variable
from reviewer.behaviour.finite_law import compare_after
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds
from worldmodel.errors import GlassworldError
from worldmodel.grounding.names import surface
from worldmodel.world import World

STEPS = 20
"""After which exact laws are compared, in a world without an objective."""


def equality_blocks(subject: Subject) -> Iterator[Block]:
    """For each variable that the change touches: equal, different with a witness, or undecided."""
    worlds = both_worlds(subject)
    if worlds is None:
        return
    names = touched_variables(*worlds)
    found = [(name, compare_variable(*worlds, name)) for name in names]
    if found and all(equality.verdict == "equal" for _, equality in found):
        yield Sentence("Every touched variable behaves exactly as before: only texts differ.", "good")
    if found:
        yield Table(
            "Whether touched variables come about as before (one step, as functions of what they read)",
            ("variable", "behaviour", "how it was found", "where it differs"),
            tuple((name, one.verdict, one.method, one.witness) for name, one in found),
        )
    yield from _exactly(*worlds, names)


def _exactly(old: World, new: World, touched: list[str]) -> Iterator[Block]:
    """In finite worlds: the exact law of the touched variables and of all that they reach, after some steps."""
    steps = STEPS if old.objective is None else old.objective.horizon
    rows = []
    for name in sorted({*old.order} & {*new.order}) if touched and not (old.static or new.static) else ():
        try:
            one = compare_after(old, new, name, steps)
        except (GlassworldError, KeyError):
            continue
        rows.append((name, one.verdict, one.method, one.witness))
    if rows:
        headings = ("variable", "law", "how it was found", "where it differs most")
        yield Table("The exact law of each state, whatever the inner workings", headings, tuple(rows))


def touched_variables(old: World, new: World) -> list[str]:
    """The variables of both worlds whose own component, mechanisms, weights or posteriors differ."""
    return sorted(name for name in {*old.variables} & {*new.variables} if _state(old, name) != _state(new, name))


def _state(world: World, name: str) -> object:
    own = [one for one in world.mechanisms.values() if surface(one.file.target) == name]
    paths = [f"variables/{name}.toml"]
    paths += [f"{folder}/{one.file.id}.toml" for one in own for folder in ("mechanisms", "posteriors")]
    return [(path, world.digests.get(path)) for path in sorted(paths)], world.header.rivals.get(name)
