"""The rules of approval: how many distinct people must approve a change, area by area.

Reads the parsed `governance/rules.toml`. An area that the file does not name asks for three people. Changing the rules
or the roster needs at least as many people as the strictest area, so that nobody can lower a bar with fewer voices than
the bar itself asks for.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from worldmodel.errors import InputError, Problem
from worldmodel.governance.operations import AREAS, Area
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

    format: Literal[1]
    version: Annotated[int, Field(ge=1, le=10**6)]
    areas: dict[Area, AreaRule] = {}


class Rules:
    """Checked rules with their defaults filled in."""

    def __init__(self, file: RulesFile) -> None:
        self.file = file

    def area(self, area: Area) -> AreaRule:
        """What this area asks for."""
        return self.file.areas.get(area, AreaRule())


def load_rules(value: Any, where: str = RULES_PATH) -> Rules:
    """Validates parsed rules; raises InputError with all problems at once."""
    rules = Rules(validate(RulesFile, value, where))
    problems = [
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
    if problems:
        raise InputError(problems)
    return rules
