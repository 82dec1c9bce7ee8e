"""How much there is to read in a change, in bits: the words and numbers that come and go, each as long as its spelling.

A reader must take in what differs. Every word, number and sign of a hunk that is on one side only counts: n characters
cost 6 n bits, and 2 ⌊log₂ n⌋ + 1 bits to say n (Elias gamma). The count is in whole numbers, so that it is the same
on every machine. It measures reading; what laws and learned numbers say, `worldmodel.readings.bits` measures.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from worldmodel.canonical import canonical_json
from worldmodel.governance.hunks import Hunk

WORD = re.compile(rb"[A-Za-z0-9_.]+|[^A-Za-z0-9_.\s]")
BITS_PER_CHARACTER = 6


def reading_bits(hunks: Iterable[Hunk]) -> int:
    """The bits that a reader of these hunks has to take in."""
    return sum(_differing(hunk.before, hunk.after) for hunk in hunks)


def _differing(before: Any, after: Any) -> int:
    old, new = _words(before), _words(after)
    return sum(count * _cost(len(word)) for word, count in ((old - new) + (new - old)).items())


def _words(value: Any) -> Counter[bytes]:
    return Counter() if value is None else Counter(WORD.findall(canonical_json(value)))


def _cost(length: int) -> int:
    return BITS_PER_CHARACTER * length + 2 * (length.bit_length() - 1) + 1
