"""What changed between two worlds, in words: facts that a machine can sort, each with a sentence for people.

Nothing is left out: every leaf of every component that differs is told at least once, and what has no sentence of its
own is told as it stands. Every number in a sentence was read or computed from the two worlds. Two worlds without a
difference are equal in every file's canonical form.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worldmodel.components.base import ComponentFile
from worldmodel.showing.renames import Names, renames
from worldmodel.showing.sentences import Kind, tell
from worldmodel.showing.sides import Side, components, subject
from worldmodel.world import World


@dataclass(frozen=True)
class Difference:
    """One change: of which component (its path in the new world, or in the old where it is gone) and which part."""

    component: str
    part: str
    kind: Kind
    before: Any
    after: Any
    sentence: str


def differences(old: World, new: World) -> tuple[Difference, ...]:
    """All differences, component by component; empty where the two are the same in canonical form."""
    names = renames(old, new)
    return tuple(_differences(old, new, names))


def in_words(found: tuple[Difference, ...]) -> str:
    """The sentences as a text, below the component that each is of."""
    lines = []
    for component in dict.fromkeys(one.component for one in found):
        lines += [component, *(f"  {one.sentence}" for one in found if one.component == component), ""]
    return "\n".join(lines).rstrip() or "nothing changed"


def _differences(old: World, new: World, names: Names) -> Iterator[Difference]:
    before, after = components(old), components(new)
    pairs = {path: names.path(path) for path in before}
    for path in sorted({*pairs.values(), *after}):
        origin = next((source for source, target in pairs.items() if target == path), None)
        if origin is None:
            yield _whole(path, "added", after[path].file)
        elif path not in after:
            yield _whole(origin, "removed", before[origin].file)
        else:
            yield from _compared(path, origin, before[origin], after[path], names)


def _whole(path: str, kind: Kind, file: ComponentFile) -> Difference:
    title = getattr(file, "title", "")
    said = f"{_capital(subject(path))} was {kind}{f': {title}' if title else ''}."
    values = file.model_dump(mode="json")
    return Difference(path, "", kind, values if kind == "removed" else None, values if kind == "added" else None, said)


def _compared(path: str, origin: str, before: Side, after: Side, names: Names) -> Iterator[Difference]:
    name = subject(path)
    if origin != path:
        said = f"{_capital(subject(origin))} is now called {name}."
        yield Difference(path, "id", "renamed", origin, path, said)
    digests = before.world.digests.get(origin), after.world.digests.get(path)
    if before.file == after.file and digests[0] == digests[1]:
        return
    told = [*tell(name, before, after, names, origin)]
    for one in told:
        yield Difference(path, one.part, one.kind, one.before, one.after, _capital(one.sentence))
    if not told and origin == path and digests[0] != digests[1]:
        said = f"{_capital(name)} means the same; a default is written out, or is no longer."
        yield Difference(path, "", "spelling", digests[0], digests[1], said)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
