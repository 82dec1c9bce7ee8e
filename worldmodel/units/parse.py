"""Texts to units, from a closed table: no text can make this slow, and no library's release can change what one means.

    unit    = ( "1" | power ) { ( "*" | "/" ) power }
    power   = atom [ "**" [ "-" ] digit ]
    atom    = name | "(" power { ( "*" | "/" ) power } ")"

Two units agree only if they are the same in scale too: percent and 1, or mile and kilometre, do not. Temperatures on a
scale with a zero of its own, and logarithmic units, are units by themselves: °C and kelvin do not agree, since a
temperature in one is another number in the other.
"""

import re
from functools import lru_cache
from math import log

from worldmodel.errors import InputError, Problem
from worldmodel.units.table import PREFIXES, UNITS, Entry
from worldmodel.units.unit import DIMENSIONLESS, Unit

_MOST_CHARACTERS = 80
_TOKEN = re.compile(r"\s*(\*\*|[*/()]|-?[0-9]|[A-Za-z_]\w*)", re.ASCII)


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit that a text such as `percent/year` or `m**3/s` names; InputError where it names none."""
    stripped = text.strip()
    tokens = _tokens(stripped)
    if tokens is None:
        raise InputError(_unknown_unit(text))
    try:
        unit = _quotient(tokens)
    except (IndexError, KeyError, ValueError) as error:
        raise InputError(_unknown_unit(text)) from error
    if tokens:
        raise InputError(_unknown_unit(text))
    return unit.named(stripped)


def known_unit(text: str) -> bool:
    """Whether a text names a unit."""
    try:
        parse_unit(text)
    except InputError:
        return False
    return True


def _tokens(text: str) -> list[str] | None:
    """The tokens of a text, last one first; None where it is too long or not made of them."""
    found: list[str] = []
    position = 0
    while position < len(text) <= _MOST_CHARACTERS:
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        found.append(match[1])
        position = match.end()
    return found[::-1] or None


def _quotient(tokens: list[str]) -> Unit:
    if tokens[-1] != "1":
        return _product(tokens, _power(tokens))
    tokens.pop()
    return _product(tokens, DIMENSIONLESS)


def _product(tokens: list[str], first: Unit) -> Unit:
    unit = first
    while tokens and tokens[-1] in ("*", "/"):
        sign = 1 if tokens.pop() == "*" else -1
        unit = unit.times(_power(tokens), sign)
    return unit


def _power(tokens: list[str]) -> Unit:
    unit = _atom(tokens)
    if tokens and tokens[-1] == "**":
        tokens.pop()
        unit = unit.power(int(tokens.pop()))
    return unit


def _atom(tokens: list[str]) -> Unit:
    token = tokens.pop()
    if token != "(":
        return named_unit(token)
    unit = _product(tokens, _power(tokens))
    if tokens.pop() != ")":
        raise KeyError(")")
    return unit


def named_unit(name: str) -> Unit:
    """The unit of one name, with or without a prefix and a plural s; KeyError where there is none.

    As in Pint, a whole name comes first, then the prefixes in their order, then the same with the s taken off.
    """
    if name == "dimensionless":
        return DIMENSIONLESS
    for stem in (name, name[:-1] if name.endswith("s") else ""):
        for prefix, scale in PREFIXES.items():
            rest = stem.removeprefix(prefix) if stem.startswith(prefix) else ""
            entry = None if len(rest) == 1 and stem != name else UNITS.get(rest)
            if entry is not None:
                return _scaled(entry, prefix, scale, name)
    raise KeyError(name)


def _scaled(entry: Entry, prefix: str, scale: float, name: str) -> Unit:
    if prefix and not entry.takes_prefixes:
        raise KeyError(name)
    return Unit(log(entry.factor) + log(scale), tuple(sorted(entry.base)), name)


def _unknown_unit(text: str) -> Problem:
    return Problem(
        code="unknown-unit",
        where="",
        found=f"the unit “{text[:_MOST_CHARACTERS]}”",
        wanted="1, or a unit that Pint knows (percent, year, m**3/s, dollar/person/year, 1/quarter …)",
        mend="correct it; * / ** and parentheses combine units",
    )
