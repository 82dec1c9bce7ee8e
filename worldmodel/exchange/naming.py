"""Names of other tools as identifiers and back to theirs: the same names in, the same identifiers out, none twice."""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

_LONGEST = 64


def identifiers(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Each name's identifier: lower case, `_` for what is no letter or digit, a number behind what would come twice.

    Names that need no change keep their own identifier, whatever their place in the list; `taken` are words that none
    may become.

    >>> identifiers(["Visit to Asia?", "smoke", "Smoke", "t"], taken={"t"})
    {'Visit to Asia?': 'visit_to_asia', 'smoke': 'smoke', 'Smoke': 'smoke_2', 't': 't_2'}
    """
    return distinct({name: name for name in names}, taken)


def distinct(wanted: Mapping[Key, str], taken: Collection[str] = ()) -> dict[Key, str]:
    """An identifier of its own for each key, made from the name that it would like to have."""
    given: dict[Key, str] = {}
    used = set(taken)
    for key, name in wanted.items():
        if _plain(name) == name and name not in used:
            given[key] = name
            used.add(name)
    for key, name in wanted.items():
        if key not in given:
            given[key] = _free(_plain(name), used)
            used.add(given[key])
    return {key: given[key] for key in wanted}


def identifier(name: str) -> str:
    """One name's identifier."""
    return identifiers([name])[name]


def _plain(name: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        return name
    letters = re.sub(r"[^a-z0-9_]+", "_", name.lower())[:_LONGEST].strip("_")
    return letters if re.match(r"[a-z]", letters) else f"x{letters}"[:_LONGEST]


def _free(wanted: str, used: Collection[str]) -> str:
    if wanted not in used:
        return wanted
    number = 2
    while (candidate := f"{wanted[: _LONGEST - 8]}_{number}") in used:
        number += 1
    return candidate
