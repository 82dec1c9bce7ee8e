"""The rules of approval: how many distinct people must approve a change, area by area, and what else it must fulfil.

Reads the parsed `governance/rules.toml`. An area that the file does not name asks for three people. Changing the rules
or the roster needs at least as many people as the strictest area, so that nobody can lower a bar with fewer voices than
the bar itself asks for. Format 2 declares submit requirements; format 1 has the three that it always had.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from worldmodel.errors import InputError, Problem
from worldmodel.governance.operations import AREAS, Area, Name
from worldmodel.governance.requirements import FORMER, USUAL, Requirement, RequirementTable, parse_requirements
from worldmodel.governance.shape import Strict, validate

RULES_PATH = "governance/rules.toml"
DEFAULT_QUORUM = 3


class AreaRule(Strict):
    """What one area asks for.

    `or_everyone` (governance only) lets all other people together stand in for a quorum that a small roster cannot
    reach, so that a world that begins with one person can grow its roster.
    """

    quorum: Annotated[int, Field(ge=1, le=1000)] = DEFAULT_QUORUM
    or_everyone: bool = False


class RulesFile(Strict):
    """The parsed rules, with a version that only ever grows."""

    format: Literal[1, 2]
    version: Annotated[int, Field(ge=1, le=10**6)]
    areas: dict[Area, AreaRule] = {}
    requirements: Annotated[dict[Name, RequirementTable], Field(max_length=100)] = {}

    @model_validator(mode="after")
    def _knows_its_format(self) -> "RulesFile":
        if self.format == 1 and self.requirements:
            raise ValueError("requirements are of format 2; write `format = 2`")
        return self


class Rules:
    """Checked rules with their defaults filled in."""

    def __init__(self, file: RulesFile, requirements: tuple[Requirement, ...]) -> None:
        self.file, self.requirements = file, requirements

    @property
    def binds_context(self) -> bool:
        """Whether votes and marks hold only in the context in which they were given."""
        return self.file.format == 2

    def area(self, area: Area) -> AreaRule:
        """What this area asks for."""
        return self.file.areas.get(area, AreaRule())


def load_rules(value: Any, where: str = RULES_PATH) -> Rules:
    """Validates parsed rules; raises InputError with all problems at once."""
    file = validate(RulesFile, value, where)
    problems = _weak(file, where)
    try:
        tables = FORMER if file.format == 1 else {**USUAL, **file.requirements}
        requirements = parse_requirements(tables, where)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from error
    if problems:
        raise InputError(problems)
    return Rules(file, requirements)


def _weak(file: RulesFile, where: str) -> list[Problem]:
    rules = Rules(file, ())
    return [
        Problem(
            code="rules-too-weak",
            where=where,
            part=f"areas.{area}",
            found=f"quorum {rules.area(area).quorum} for {area}, {rules.area('governance').quorum} for governance",
            wanted="a quorum of governance at least as high as every other; `or_everyone` for governance alone",
            mend="raise areas.governance.quorum, or lower this one by a request that says why",
        )
        for area in AREAS
        if rules.area(area).quorum > rules.area("governance").quorum
        or (rules.area(area).or_everyone and area != "governance")
    ]
