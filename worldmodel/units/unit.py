"""A unit of measure as a value: a factor and base dimensions, multiplied and raised without ever overflowing."""

from dataclasses import dataclass
from math import isclose

_LONGEST_TEXT = 80


@dataclass(frozen=True)
class Unit:
    """A unit as exp(`log_factor`) times base units; `base` maps each base unit to its exponent.

    The factor is kept as its logarithm, so that a power of a power of a large unit has one too.
    """

    log_factor: float
    base: tuple[tuple[str, float], ...]
    text: str

    def agrees(self, other: "Unit") -> bool:
        """Whether both are the same unit, in scale as well as in dimension."""
        return self.base == other.base and isclose(self.log_factor, other.log_factor, rel_tol=1e-9, abs_tol=1e-9)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        """The product, or with `sign` −1 the quotient."""
        exponents = dict(self.base)
        for name, power in other.base:
            exponents[name] = exponents.get(name, 0.0) + sign * power
        text = f"{self.text}·{other.text}" if sign > 0 else f"{self.text}/({other.text})"
        return _unit(self.log_factor + sign * other.log_factor, exponents, text)

    def power(self, exponent: float) -> "Unit":
        """The unit raised to a number."""
        exponents = {name: power * exponent for name, power in self.base}
        return _unit(self.log_factor * exponent, exponents, f"({self.text})^{exponent:g}")

    def named(self, text: str) -> "Unit":
        """The same unit, shown as people wrote it."""
        return Unit(self.log_factor, self.base, text)

    def __str__(self) -> str:
        return self.text


DIMENSIONLESS = Unit(0.0, (), "1")


def _unit(log_factor: float, exponents: dict[str, float], text: str) -> Unit:
    """An exponent that is no number any more stays, so that the unit agrees with none."""
    base = tuple(sorted((name, power) for name, power in exponents.items() if not abs(power) <= 1e-12))
    return Unit(log_factor, base, text if len(text) <= _LONGEST_TEXT else _in_base_units(log_factor, base))


def _in_base_units(log_factor: float, base: tuple[tuple[str, float], ...]) -> str:
    """A text whose length does not grow with the expression it came from."""
    factor = [] if abs(log_factor) < 1e-12 else [f"e^{log_factor:.6g}"]
    return "·".join([*factor, *(f"{name}^{power:g}" for name, power in base)]) or "1"
