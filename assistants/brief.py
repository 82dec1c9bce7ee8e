"""What an assistant is handed: the approved world, where its data are, and what to look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from worldmodel.governance.proposal import ProposalFile
from worldmodel.world import World

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many parts of how many are."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Brief:
    """An assistant's whole view: a folder that it may read, the world in it, the mechanisms asked for (none: all)."""

    folder: Path
    world: World
    mechanisms: tuple[str, ...] = ()
    cross_check: bool = False
    progress: Progress = field(default=silent, compare=False)


Proposer = Callable[[Brief], Iterator[ProposalFile]]
"""An assistant; entry-point group `assistants.proposers`."""
