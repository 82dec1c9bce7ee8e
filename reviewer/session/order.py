"""The order of reading: random, another for each reviewer, and the same each time for one of them.

Defects in what comes last are missed more often (docs/decisions/0026), so no order is the same for all reviewers. It
follows from the seed in the reviewer's memory, and the journal records what was shown.
"""

from collections.abc import Iterable

from worldmodel.canonical import digest_bytes


def shuffled(seed: str, names: Iterable[str]) -> list[str]:
    """The names in the order that this seed gives them; adding one leaves the others' order as it was.

    >>> shuffled("0", ["a", "b", "c"]) == shuffled("0", ["c", "b", "a"])
    True
    """
    return sorted(names, key=lambda name: (digest_bytes(f"{seed}/{name}".encode()), name))
