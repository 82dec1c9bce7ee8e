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
from itertools import islice

from worldmodel import limits


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

    def __post_init__(self) -> None:
        for name in ("where", "found", "wanted", "mend", "part"):
            text: str = getattr(self, name)
            if len(text) > limits.PROBLEM_CHARACTERS:
                object.__setattr__(self, name, text[: limits.PROBLEM_CHARACTERS - 1] + "…")

    def __str__(self) -> str:
        column = f"column {self.column}" if self.column is not None else ""
        place = ", ".join(word for word in (self.part, column) if word)
        head = ": ".join(word for word in (self.code, self.where, place) if word)
        return f"{head}: " + "; ".join(word for word in (self.found, self.wanted, self.mend) if word)

    def to_json(self) -> dict[str, str | int | None]:
        """The same as a mapping, for `--json`."""
        return asdict(self)


def bounded(problems: Iterable[Problem], where: str) -> tuple[Problem, ...]:
    """The first `limits.PROBLEMS` problems of one file, with one more where there are others.

    Nobody reads ten thousand, and no stranger's file may make us write them.
    """
    found = tuple(islice(problems, limits.PROBLEMS + 1))
    if len(found) <= limits.PROBLEMS:
        return found
    more = Problem(
        code="too-many-problems",
        where=where,
        found=f"more than {limits.PROBLEMS} problems",
        wanted="a file with few",
        mend="mend those that are listed, and check again",
    )
    return (*found[:-1], more)


def bounded_by_file(problems: Iterable[Problem]) -> list[Problem]:
    """The same for the problems of many files."""
    files: dict[str, list[Problem]] = {}
    for problem in problems:
        files.setdefault(problem.where, []).append(problem)
    return [problem for where, found in files.items() for problem in bounded(found, where)]


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
