"""What every component file shares: strictness, identifiers, finite numbers."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from worldmodel import limits

IDENTIFIER_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"

Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
ExpressionText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


INDEXED_PATTERN = r"^[a-z][a-z0-9_]{0,63}(\[[a-z][a-z0-9_]{0,63}(, ?[a-z][a-z0-9_]{0,63}){0,3}\])?$"
IndexedName = Annotated[str, StringConstraints(pattern=INDEXED_PATTERN)]
Names = Annotated[tuple[Identifier, ...], Field(strict=False)]

Entry = TypeVar("Entry")
Named = Annotated[dict[Identifier, Entry], Field(max_length=limits.NAMES)]


def short(most: int) -> BeforeValidator:
    """Refuses a list of more than `most` entries before any of them is looked at, since each could have a problem."""

    def check(value: object) -> object:
        if isinstance(value, list | tuple) and len(value) > most:
            length = {"field_type": "List", "max_length": most, "actual_length": len(value)}
            raise PydanticKnownError("too_long", length)
        return value

    return BeforeValidator(check)


Listed = Annotated[tuple[Entry, ...], Field(strict=False, max_length=limits.NAMES), short(limits.NAMES)]


class Component(BaseModel):
    """Strict and frozen: unknown keys, coercions and NaN are refused.

    Integers are accepted where a real number is wanted, and nothing else is converted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)


class ComponentFile(Component):
    """A file of its own, with the version of its format."""

    format: Literal[1]
