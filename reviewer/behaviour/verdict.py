"""The answer to whether two laws behave alike."""

from dataclasses import dataclass
from typing import Literal

from worldmodel.language.ir import Start, Time, Variable

Verdict = Literal["equal", "different", "undecided"]
TOLERANCE = 1e-9
"""How far two computed numbers may lie apart and count as one."""


@dataclass(frozen=True)
class Equality:
    """What was found, by which means, and where a difference was seen."""

    verdict: Verdict
    method: str
    witness: str = ""


def input_name(key: Variable | Start | Time) -> str:
    """Something that a law reads, as the language spells it."""
    match key:
        case Variable(name, lag):
            return f"{name}[t-{lag}]" if lag else f"{name}[t]"
        case Start(name):
            return f"{name}[0]"
        case Time():
            return "t"
