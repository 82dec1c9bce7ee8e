"""The two worlds of a subject where both can be built, and what to say where they cannot."""

from collections.abc import Iterator

from reviewer.panes.pane import Block, Sentence
from reviewer.panes.subject import Subject
from worldmodel.world import World


def both_worlds(subject: Subject) -> tuple[World, World] | None:
    """The world before and the world after; None where one of them cannot be built."""
    old, new = subject.old.world, subject.new.world
    return None if old is None or new is None else (old, new)


def missing(subject: Subject) -> Iterator[Block]:
    """Why there are no two worlds to compare."""
    for built, when in ((subject.old, "before"), (subject.new, "after")):
        if built.problems:
            count = len(built.problems)
            said = f"The world {when} the change cannot be built; the checker found {count} problem"
            yield Sentence(f"{said}{'s' if count > 1 else ''}:", "bad")
            yield from (Sentence(" ".join(str(problem).split()), "bad") for problem in built.problems)
        elif built.world is None:
            yield Sentence(f"There is no world {when} the change: the folder has no components.", "unsure")
