"""Progress of long work on the terminal: one bar for each phase, on standard error, so that results can be piped."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

PHASES = {"preparation": "looking at the world's own rules", "affine": "affine rule", "mlp": "network"}


@contextmanager
def bars(quiet: bool, first: str) -> Iterator[tuple[Progress, Callable[[Mapping[str, Any]], None]]]:
    """Bars that follow the frames of a training run; `first` stands until the first frame comes."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        yield progress, _Follower(progress, progress.add_task(first, total=None)).see


class _Follower:
    """Turns frames into bars."""

    def __init__(self, progress: Progress, first: TaskID) -> None:
        self._progress, self._current = progress, first
        self._tasks: dict[str, TaskID] = {}

    def see(self, frame: Mapping[str, Any]) -> None:
        """Moves the bar of the frame's phase, and makes one where it is new."""
        phase = str(frame.get("phase", ""))
        if phase not in self._tasks:
            self._progress.update(self._current, total=1, completed=1)
            self._tasks[phase] = self._progress.add_task(PHASES.get(phase, phase), total=None)
            self._current = self._tasks[phase]
        if "total" in frame:
            self._progress.update(self._tasks[phase], total=int(frame["total"]), completed=int(frame["done"]))


@contextmanager
def counter(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line that names what is being run, and how many runs came before it."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
                  console=Console(stderr=True), disable=quiet, transient=True) as progress:  # fmt: skip
        task = progress.add_task("running")
        yield lambda label: progress.update(task, description=f"running {label}")
