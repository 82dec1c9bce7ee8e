"""Errors that a person can act on: where, what was found, what was wanted, what to do.

The tree:

    GlassworldError            exit code 1 or 2, always carries at least one Problem
    ├── InputError             something that was handed in is malformed, hostile or inconsistent   (exit 2)
    ├── RefusedError           a well-formed request that a rule does not allow                     (exit 1)
    └── EnvironmentProblem     the machine cannot do it: no Landlock, full disk, missing program    (exit 2)

Every `Problem.code` is stable and has a section in `docs/errors.md`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, in the form `code: where: part, column N: found; wanted; mend`.

    `where` is a file or an object's name, `part` a key inside it, `column` counts characters from 1.
    """

    code: str
    where: str
    found: str
    wanted: str = ""
    mend: str = ""
    part: str = ""
    column: int | None = None

    def __str__(self) -> str:
        column = f"column {self.column}" if self.column is not None else ""
        place = ", ".join(word for word in (self.part, column) if word)
        head = ": ".join(word for word in (self.code, self.where, place) if word)
        return f"{head}: " + "; ".join(word for word in (self.found, self.wanted, self.mend) if word)

    def to_json(self) -> dict[str, str | int | None]:
        """The same as a mapping, for `--json`."""
        return asdict(self)


class GlassworldError(Exception):
    """The root of the tree; holds every problem that was found, never only the first."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InputError(GlassworldError):
    """What was handed in is malformed, hostile or inconsistent."""


class RefusedError(GlassworldError):
    """A well-formed request that a rule of the world does not allow."""

    exit_code = 1


class EnvironmentProblem(GlassworldError):
    """The machine cannot do what was asked."""
