"""The two worlds of a subject where both can be built, and what to say where they cannot."""

from collections.abc import Iterator
from dataclasses import replace

from reviewer.panes.pane import Block, Sentence
from reviewer.panes.subject import Subject
from worldmodel.world import World


def both_worlds(subject: Subject) -> tuple[World, World] | None:
    """The world before and the world after; None where one of them cannot be built.

    A world that does not exist yet, or no longer, is one without any component: everything in the other came, or went.
    """
    old, new = subject.old, subject.new
    if old.problems or new.problems or (old.world is None and new.world is None):
        return None
    if old.world is None:
        assert new.world is not None
        return _emptied(new.world), new.world
    return old.world, _emptied(old.world) if new.world is None else new.world


def _emptied(world: World) -> World:
    """Only the head of a world."""
    header = world.header.model_copy(update={"rivals": {}})
    return replace(
        world,
        header=header,
        variables={},
        mechanisms={},
        posteriors={},
        utilities={},
        objective=None,
        properties={},
        digests={},
        order=(),
    )


def newness(subject: Subject) -> Iterator[Block]:
    """Whether one of the two does not exist at all."""
    if subject.old.world is None and not subject.old.problems:
        yield Sentence("There is no world before the change: everything in it is new.", "unsure")
    if subject.new.world is None and not subject.new.problems:
        yield Sentence("There is no world after the change: everything in it goes.", "bad")


def problems(subject: Subject) -> Iterator[Block]:
    """Every problem for which a world cannot be built."""
    for built, when in ((subject.old, "before"), (subject.new, "after")):
        if built.problems:
            count = len(built.problems)
            said = f"The world {when} the change cannot be built; the checker found {count} problem"
            yield Sentence(f"{said}{'s' if count > 1 else ''}:", "bad")
            yield from (Sentence(" ".join(str(problem).split()), "bad") for problem in built.problems)


def missing(subject: Subject) -> Iterator[Block]:
    """Why there is nothing to simulate."""
    broken = [when for built, when in ((subject.old, "before"), (subject.new, "after")) if built.problems]
    for when in broken:
        said = f"The world {when} the change cannot be built, so there is nothing to run: see what changes, above."
        yield Sentence(said, "bad")
    if not broken:
        yield Sentence("There is no world, neither before nor after: nothing to run.", "unsure")
