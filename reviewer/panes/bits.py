"""How much there is to understand, in bits: each component's text as a prefix code, and each learned number.

The measure of `worldmodel.readings.bits`. Sizes are of what changed; a limit on them is the rules' (`governance/`).
"""

from collections.abc import Iterator

from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, missing
from worldmodel.readings.bits import learned_numbers, mechanism_bits
from worldmodel.world import World


def bits_blocks(subject: Subject) -> Iterator[Block]:
    """Bits before and after of the mechanisms and posteriors that the change touches, and of the whole world."""
    worlds = both_worlds(subject)
    if worlds is None:
        yield from missing(subject)
        return
    before, after = (component_bits(world) for world in worlds)
    rows = [
        (
            path,
            _shown(before.get(path)),
            _shown(after.get(path)),
            f"{after.get(path, 0.0) - before.get(path, 0.0):+.1f}",
        )
        for path in sorted(subject.changes)
        if path in before or path in after
    ]
    was, now = sum(before.values()), sum(after.values())
    yield Sentence(f"The whole world has {now:.1f} bits, {now - was:+.1f} by this change.")
    if rows:
        yield Table(
            "Bits of laws, bindings, priors, constants and tables, and of learned means beyond their priors",
            ("component", "before", "after", "change"),
            tuple(rows),
        )
    else:
        yield Sentence("No mechanism and no posterior changes: nothing here is counted in bits.")


def component_bits(world: World) -> dict[str, float]:
    """The bits of every mechanism and posterior by path."""
    found = {f"mechanisms/{name}.toml": mechanism_bits(one, world) for name, one in world.mechanisms.items()}
    for entry in learned_numbers(world):
        found[entry["component"]] = found.get(entry["component"], 0.0) + entry["bits"]
    return found


def _shown(bits: float | None) -> str:
    return "none" if bits is None else f"{bits:.1f}"
