"""What the proposer wrote about the change, last and closed: no evidence, and no number in it was computed here."""

from collections.abc import Iterator

from reviewer.panes.pane import Block, Sentence
from reviewer.panes.subject import Subject

LONGEST = 20_000


def prose_blocks(subject: Subject) -> Iterator[Block]:
    """The prose as it was written."""
    if not subject.prose.strip():
        yield Sentence("The proposer wrote nothing.")
        return
    yield Sentence("Not evidence: the proposer's own words, unchecked. Look first at what was computed.", "unsure")
    yield Sentence(subject.prose[:LONGEST])
    if len(subject.prose) > LONGEST:
        said = f"{len(subject.prose) - LONGEST:,} more characters are left out; `glassworld mr show` prints them."
        yield Sentence(said, "unsure")
