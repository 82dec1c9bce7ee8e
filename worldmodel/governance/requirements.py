"""Submit requirements: what a request must fulfil before it merges, each declared in `governance/rules.toml`.

A requirement speaks of facts about the request, area by area. It applies where `applicable_if` holds, is fulfilled
where `submittable_if` does, and can be bypassed by two people where `overridable_if` does. A file of format 2 that
leaves one of the usual requirements out has it all the same; it can only replace it by its own of the same name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, StringConstraints

from worldmodel.errors import InputError, Problem
from worldmodel.governance.conditions import Kind, parse_condition
from worldmodel.governance.operations import AREAS, Area, area_of
from worldmodel.governance.shape import Strict
from worldmodel.language.ir import Expression

Condition = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Glob = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_/.*?\[\]-]{1,100}$")]

NUMBERS: Mapping[str, str] = {
    "approvals": "how many people approve for the area",
    "understood": "how many of these marked every hunk of the area as understood",
    "answered": "how many of these answered as many questions right as the request asks",
    "quorum": "how many people the area asks for",
    "objections": "how many people object",
    "open_questions": "how many questions are open",
    "questions": "how many questions each reviewer has to answer",
    "hunks": "how many hunks the area has",
    "components": "how many components change",
    "bits": "how much there is to read, in bits",
}
TRUTHS: Mapping[str, str] = {
    "checks": "all checks pass on the merged world",
    "begins": "nothing is approved yet but roster and rules",
    "assistant": "an assistant took part in it",
    "removes": "it removes a component",
    "reverts": "it says that it takes back an earlier merge",
    "true": "always",
    "false": "never",
    **{area: f"it changes the area {area}" for area in AREAS},
}
KINDS: Mapping[str, Kind] = {**dict.fromkeys(NUMBERS, "number"), **dict.fromkeys(TRUTHS, "truth")}


class RequirementTable(Strict):
    """One table `[requirements.NAME]` as it stands in the file."""

    description: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\n\r\t]*$")] = ""
    areas: Annotated[list[Area], Field(min_length=1)] | None = None
    paths: Annotated[list[Glob], Field(min_length=1, max_length=100)] | None = None
    applicable_if: Condition = "true"
    submittable_if: Condition
    overridable_if: Condition = "false"


@dataclass(frozen=True)
class Requirement:
    """A requirement with its conditions parsed."""

    name: str
    table: RequirementTable
    applicable: Expression
    submittable: Expression
    overridable: Expression

    def areas(self, changed: Iterable[str]) -> tuple[Area, ...]:
        """The areas of a change that it speaks of: those that it names, with a path that it names."""
        found = {area_of(path) for path in changed if self._names(path)}
        return tuple(area for area in AREAS if area in found)

    def _names(self, path: str) -> bool:
        wanted, globs = self.table.areas, self.table.paths
        return (wanted is None or area_of(path) in wanted) and (
            globs is None or any(fnmatchcase(path, glob) for glob in globs)
        )


USUAL: Mapping[str, RequirementTable] = {
    "checks": RequirementTable(
        description="all checks pass on the world as it would be after the merge", submittable_if="checks"
    ),
    "quorum": RequirementTable(
        description="enough people other than its authors approve of exactly this",
        submittable_if="approvals >= quorum",
        overridable_if="not governance",
    ),
    "understood": RequirementTable(
        description="each of them marked every hunk as understood",
        submittable_if="understood >= quorum",
        overridable_if="not governance",
    ),
    "answered": RequirementTable(
        description="each of them answered the questions about it",
        submittable_if="answered >= quorum",
        overridable_if="not governance",
    ),
    "objections": RequirementTable(description="nobody objects", submittable_if="objections == 0"),
    "questions": RequirementTable(
        description="no question is open", submittable_if="open_questions == 0", overridable_if="not governance"
    ),
    "size": RequirementTable(
        description="there is no more to read than a person takes in at once",
        applicable_if="not begins",
        submittable_if="bits <= 65536",
        overridable_if="not governance",
    ),
}
"""What a file of format 2 asks for unless it says otherwise."""

FORMER: Mapping[str, RequirementTable] = {
    "objections": RequirementTable(submittable_if="objections == 0"),
    "quorum": RequirementTable(submittable_if="approvals >= quorum"),
    "checks": RequirementTable(submittable_if="checks"),
}
"""What every file of format 1 asks for."""


def parse_requirements(tables: Mapping[str, RequirementTable], where: str) -> tuple[Requirement, ...]:
    """The requirements of a file, in its order; raises InputError with the problems of all of them at once."""
    problems: list[Problem] = []
    found: list[Requirement] = []
    for name, table in tables.items():
        parsed, wrong = _conditions(name, table, where)
        problems += wrong
        if not wrong:
            found.append(Requirement(name, table, *parsed))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _conditions(name: str, table: RequirementTable, where: str) -> tuple[Sequence[Expression], list[Problem]]:
    texts = {
        "applicable_if": table.applicable_if,
        "submittable_if": table.submittable_if,
        "overridable_if": table.overridable_if,
    }
    parsed: list[Expression] = []
    problems: list[Problem] = []
    for key, text in texts.items():
        try:
            parsed.append(parse_condition(text, KINDS, where, f"requirements.{name}.{key}"))
        except InputError as error:
            problems += error.problems
    return parsed, problems
