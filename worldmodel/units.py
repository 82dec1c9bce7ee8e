"""Units of measure as exact values: a factor and base dimensions, read by Pint.

Two units agree only if they are the same in scale too: percent and 1, or mile and kilometre, do not. Beside Pint's
own registry the language knows person, dollar and quarter (a quarter of a year).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import isclose
from typing import Any

import pint

from worldmodel.errors import InputError, Problem

_MOST_CHARACTERS = 80
_SHAPE = re.compile(
    r"(?:1/)?\(*{name}\)*(?:\s*[*/]\s*\(*{name}\)*)*".format(name=r"[A-Za-z_]\w*(?:\s*\*\*\s*-?[0-9])?"), re.ASCII
)


@dataclass(frozen=True)
class Unit:
    """A unit as `factor` times base units; `base` maps each base unit to its exponent."""

    factor: float
    base: tuple[tuple[str, float], ...]
    text: str

    def agrees(self, other: "Unit") -> bool:
        """Whether both are the same unit, in scale as well as in dimension."""
        return self.base == other.base and isclose(self.factor, other.factor, rel_tol=1e-9)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        """The product, or with `sign` −1 the quotient."""
        exponents = dict(self.base)
        for name, power in other.base:
            exponents[name] = exponents.get(name, 0.0) + sign * power
        text = f"{self.text}·{other.text}" if sign > 0 else f"{self.text}/({other.text})"
        return Unit(self.factor * other.factor**sign, _sorted(exponents), text)

    def power(self, exponent: float) -> "Unit":
        """The unit raised to a number."""
        exponents = {name: power * exponent for name, power in self.base}
        return Unit(self.factor**exponent, _sorted(exponents), f"({self.text})^{exponent:g}")

    def __str__(self) -> str:
        return self.text


def _sorted(exponents: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((name, power) for name, power in exponents.items() if abs(power) > 1e-12))


DIMENSIONLESS = Unit(1.0, (), "1")


@lru_cache(maxsize=1)
def _registry() -> Any:
    registry: Any = pint.UnitRegistry(cache_folder=None)
    registry.define("person = [person]")
    registry.define("dollar = [currency]")
    registry.define("quarter_of_a_year = 0.25 * year")
    return registry


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit that a text such as `percent/year` or `m**3/s` names; InputError where it names none."""
    stripped = text.strip()
    if stripped == "1":
        return DIMENSIONLESS
    try:
        if len(stripped) > _MOST_CHARACTERS or not _SHAPE.fullmatch(stripped):
            raise ValueError(stripped)
        factor, base = _registry().get_base_units(_pint_unit(stripped))
    except Exception as error:  # bad text makes Pint raise Attribute, Type, Value, Tokenize and own errors
        raise InputError(_unknown_unit(text)) from error
    exponents = {name: float(power) for name, power in base._units.items()}
    return Unit(float(factor), _sorted(exponents), stripped)


def known_unit(text: str) -> bool:
    """Whether a text names a unit."""
    try:
        parse_unit(text)
    except InputError:
        return False
    return True


def _pint_unit(text: str) -> Any:
    """Pint reads `1/year` as a quantity, not a unit, so that the leading 1 is taken off first.

    To Pint a quarter is a mass of 28 pounds, and redefining it leaves the old value in Pint's cache; so ours has a
    name of its own.
    """
    registry = _registry()
    text = re.sub(r"\bquarter\b", "quarter_of_a_year", text)
    return registry.parse_units(text[2:]) ** -1 if text.startswith("1/") else registry.parse_units(text)


def _unknown_unit(text: str) -> Problem:
    return Problem(
        code="unknown-unit",
        where="",
        found=f"the unit “{text[:_MOST_CHARACTERS]}”",
        wanted="1, or a unit that Pint knows (percent, year, m**3/s, dollar/person/year, 1/quarter …)",
        mend="correct it; * / ** and parentheses combine units",
    )
