"""Where the change comes from: what its proposal states, which nobody has checked, apart from what we computed."""

from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.subject import Subject

MOST_ROWS = 100
LONGEST_CELL = 400


def provenance_blocks(subject: Subject) -> Iterator[Block]:
    """Who or what proposed it, from which data, after how many tries; and the evidence that came with it."""
    stated = subject.provenance
    if stated is None:
        yield Sentence("A person proposes this, and states no origin.")
    else:
        origin = f"{_plain(stated.get('assistant'))}, version {_plain(stated.get('version'))}"
        yield Sentence(f"The proposal states that the assistant {origin} made it; the signature on it is in the log.")
        rows = tuple((str(name).replace("_", " "), _plain(value)) for name, value in stated.items())
        yield Table("What the proposal states of its origin", ("what", "stated"), rows)
        yield from _tries(stated)
    if subject.evidence:
        leaves = list(_leaves(subject.evidence, ""))
        caption = "Evidence that came with the proposal: computed by the proposer, not by this review"
        yield Table(caption, ("what", "stated"), tuple(leaves[:MOST_ROWS]))
        if len(leaves) > MOST_ROWS:
            yield Sentence(f"{len(leaves) - MOST_ROWS} more values of evidence; `glassworld mr show` prints them.")


def _tries(stated: Mapping[str, Any]) -> Iterator[Block]:
    tried = stated.get("alternatives_tried")
    if isinstance(tried, int) and tried > 1:
        said = f"It is what was left of {tried:,} alternatives: the best of many looks better than it is."
        yield Sentence(said, "unsure")
    if stated.get("data_digest") is None:
        yield Sentence("It names no data that it was made from.", "unsure")


def _leaves(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every leaf by its dotted key."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{key}[{place}]")
    else:
        yield key[:LONGEST_CELL], _plain(value)


def _plain(value: Any) -> str:
    text = "none" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}… ({len(text):,} characters)"
