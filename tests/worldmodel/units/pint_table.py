"""The text of `worldmodel/units/table.py` as Pint gives it; run as a program it writes that file anew.

Pint is the authority on what a unit is and is not needed to run anything: its registry takes half a second to read, and
what it makes of a name depends on what it was asked before.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pint

TABLE = Path(__file__).resolve().parents[3] / "worldmodel" / "units" / "table.py"
WIDTH = 119


def registry() -> Any:
    """Pint's own registry and what the language adds; a quarter is a mass of 28 pounds to Pint, so ours has a name."""
    made: Any = pint.UnitRegistry(cache_folder=None)
    made.define("person = [person]")
    made.define("dollar = [currency]")
    made.define("quarter_of_a_year = 0.25 * year")
    return made


def prefixes(made: Any) -> dict[str, float]:
    """Every prefix in Pint's order, the empty one first."""
    return {name: float(entry.converter.scale) for name, entry in made._prefixes.items() if name.isascii()}


def aliases(made: Any) -> dict[str, list[str]]:
    """Every unit with its ASCII names, its own first, `quarter` being ours.

    Without those that Pint put together from a prefix and a unit when it was asked for them: it would take a second
    prefix on top of these.
    """
    put_together = {prefix + name for prefix in prefixes(made) if prefix for name in made._units}
    found: dict[str, list[str]] = {}
    for name, entry in sorted(made._units.items()):
        if not name.isidentifier() or not name.isascii() or name in ("quarter", "quarter_of_a_year"):
            continue
        if name in put_together and not entry.is_base and len(entry.reference) == 1 and entry.name == name:
            continue
        found.setdefault(entry.name, []).append(name)
    ordered = {name: sorted(names, key=lambda other: (other != name, other)) for name, names in found.items()}
    return ordered | {"quarter_of_a_year": ["quarter"]}


def rows(made: Any) -> tuple[dict[str, list[str]], list[str]]:
    """The entries by base units, and those that are no multiple of base units."""
    groups: dict[str, list[str]] = {}
    alone = []
    for canonical, names in sorted(aliases(made).items()):
        if not made._units[canonical].is_multiplicative:
            alone.append(" ".join(names))
            continue
        factor, base = made.get_base_units(made.parse_units(canonical))
        if factor <= 0:
            continue
        key = " ".join(f"{name}**{float(power):g}" for name, power in sorted(base._units.items()))
        groups.setdefault(key, []).append(" ".join([repr(float(factor)), *names]))
    return groups, alone


def table_text(made: Any) -> str:
    """The whole module."""
    groups, alone = rows(made)
    return "\n".join([_HEAD, *_prefixes(made), *_groups(groups), *_alone(alone), _TAIL])


def _prefixes(made: Any) -> Iterator[str]:
    yield '_PREFIXES = """'
    yield _wrapped(f"{name or '-'} {scale!r}" for name, scale in prefixes(made).items())
    yield '"""\n'


def _groups(groups: dict[str, list[str]]) -> Iterator[str]:
    yield '_MULTIPLES = """'
    for key, entries in sorted(groups.items()):
        yield f"@ {key}".rstrip()
        yield _wrapped(entries)
    yield '"""\n'


def _alone(alone: list[str]) -> Iterator[str]:
    yield '_ALONE = """'
    yield _wrapped(alone)
    yield '"""\n'


def _wrapped(entries: Any) -> str:
    return textwrap.fill("; ".join(entries), WIDTH, break_long_words=False, break_on_hyphens=False)


_HEAD = '''"""The closed table of unit names, as Pint defines them, with person, dollar and a quarter of a year beside.

Generated from Pint by `tests/worldmodel/units/pint_table.py`, which a test holds equal to this file. Within a group of
units with the same base units, entries are divided by semicolons: the factor and every name.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
'''

_TAIL = '''
class Entry(NamedTuple):
    """What a name stands for: a factor times base units with their exponents, and whether a prefix may stand before."""

    factor: float
    base: tuple[tuple[str, float], ...]
    takes_prefixes: bool


def _entries(text: str) -> Iterator[list[str]]:
    return (entry.split() for entry in text.split(";"))


def _multiples() -> Iterator[tuple[str, Entry]]:
    for group in _MULTIPLES.split("@")[1:]:
        head, _, body = group.partition("\\n")
        powers = (word.split("**") for word in head.split())
        base = tuple((name, float(power)) for name, power in powers)
        for factor, *names in _entries(body):
            entry = Entry(float(factor), base, True)
            yield from ((name, entry) for name in names)


def _alone() -> Iterator[tuple[str, Entry]]:
    """Units with a zero of their own and logarithmic ones: each is its own base unit."""
    for names in _entries(_ALONE):
        yield from ((name, Entry(1.0, ((names[0], 1.0),), False)) for name in names)


PREFIXES: Mapping[str, float] = {name.strip("-"): float(scale) for name, scale in _entries(_PREFIXES)}
UNITS: Mapping[str, Entry] = {**dict(_multiples()), **dict(_alone())}
'''

if __name__ == "__main__":
    TABLE.write_text(table_text(registry()), encoding="utf-8")
