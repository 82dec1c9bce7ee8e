"""What a reviewer must take from each pane: its first sentence, which is its finding, and every warning in it."""

from reviewer.panes.pane import Pane, Sentence

MOST = 4
LONGEST = 400


def findings(pane: Pane) -> tuple[Sentence, ...]:
    """The finding first, then warnings; of a closed pane nothing, so that it stays closed."""
    if pane.collapsed:
        return ()
    sentences = [block for block in pane.blocks if isinstance(block, Sentence)]
    warnings = [one for one in sentences[1:] if one.tone == "bad"]
    more = [Sentence(f"{len(warnings) - MOST} more warnings", "bad")] if len(warnings) > MOST else []
    return tuple(map(_short, [*sentences[:1], *warnings[:MOST], *more]))


def _short(sentence: Sentence) -> Sentence:
    text = " ".join(sentence.text.split())
    return Sentence(text if len(text) <= LONGEST else f"{text[:LONGEST]}…", sentence.tone)
