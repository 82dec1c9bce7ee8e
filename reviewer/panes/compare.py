"""All panes of a change, in the order in which a reviewer reads them.

A pane is one function from the subject to blocks, in a file of its own, and one line in `PANES`. One that cannot be
computed says why and never vanishes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reviewer.panes.ablation import ablation_blocks
from reviewer.panes.action import action_blocks
from reviewer.panes.bits import bits_blocks
from reviewer.panes.change import change_blocks
from reviewer.panes.claims_pane import claims_blocks
from reviewer.panes.credit import credit_blocks
from reviewer.panes.downstream import downstream_blocks
from reviewer.panes.one_step import one_step_blocks
from reviewer.panes.pane import Block, Pane, PaneId, Sentence
from reviewer.panes.paths import path_blocks
from reviewer.panes.properties import property_blocks
from reviewer.panes.prose import prose_blocks
from reviewer.panes.provenance import provenance_blocks
from reviewer.panes.scores import scores_blocks
from reviewer.panes.subject import Subject
from worldmodel.errors import GlassworldError, Problem

Compute = Callable[[Subject], Iterable[Block]]


@dataclass(frozen=True)
class Entry:
    """One pane: what it is called, and what computes its blocks."""

    id: PaneId
    title: str
    compute: Compute
    collapsed: bool = False


PANES: tuple[Entry, ...] = (
    Entry("change", "What changes", change_blocks),
    Entry("one-step", "One step, from the same state", one_step_blocks),
    Entry("paths", "Paths, and responses to interventions", path_blocks),
    Entry("properties", "What must hold, before and after", property_blocks),
    Entry("action", "The best action", action_blocks),
    Entry("scores", "Forecasts of held-out data", scores_blocks),
    Entry("ablation", "With and without each component", ablation_blocks),
    Entry("credit", "What the change of the objective is due to", credit_blocks),
    Entry("bits", "Size in bits", bits_blocks),
    Entry("downstream", "What lies downstream, and whether it moves", downstream_blocks),
    Entry("claims", "Claims, decided by the machine", claims_blocks),
    Entry("provenance", "Where it comes from", provenance_blocks),
    Entry("prose", "What the proposer says", prose_blocks, collapsed=True),
)
"""In the order of reading: facts of the text, of behaviour, of origin; and prose last."""


def panes_of(subject: Subject) -> tuple[Pane, ...]:
    """Every pane of the change."""
    return tuple(_pane(entry, subject) for entry in PANES)


def pane_of(subject: Subject, wanted: PaneId) -> Pane:
    """One pane alone; only what it needs is computed. KeyError where nothing computes it."""
    return _pane({entry.id: entry for entry in PANES}[wanted], subject)


def _pane(entry: Entry, subject: Subject) -> Pane:
    return Pane(entry.id, entry.title, tuple(_blocks(entry.compute, subject)), entry.collapsed)


def _blocks(compute: Compute, subject: Subject) -> Iterator[Block]:
    """The blocks, or as many as could be computed and why there are no more."""
    try:
        yield from compute(subject)
    except GlassworldError as error:
        yield Sentence("This could not be computed:", "bad")
        yield from (Sentence(problem_text(problem), "bad") for problem in error.problems)
    except Exception as error:  # noqa: BLE001 - one pane that fails must not hide the others
        fault = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        yield Sentence(f"This could not be computed, by a fault of the workbench: {fault}", "bad")


def problem_text(problem: Problem) -> str:
    """A problem as one line."""
    return " ".join(str(problem).split())
