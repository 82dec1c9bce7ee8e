"""A question about what a `do` will do, and an answer to it, as values; the truth stands in neither.

A question's digest names it in signed answers, so what is asked is exactly what can be computed again.
"""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.canonical import digest
from worldmodel.governance.shape import Strict

Kind = Literal["direction", "size", "change", "curve", "unmoved"]
Number = Annotated[float, Field(ge=-1e300, le=1e300)]


class Push(Strict):
    """What is done in the world that the question is about: `do variable += value` (or `= value`) at some steps."""

    variable: str
    value: Number
    first: int
    last: int
    factor: float


class Question(Strict):
    """One question; `options` are the answers of a choice, `steps` those at which a number or a curve is asked for."""

    kind: Kind
    text: str
    push: Push
    outcomes: list[str]
    steps: list[int]
    options: list[str] = []
    unit: str = "1"

    @property
    def digest(self) -> str:
        """The name of the question in signed answers."""
        return digest(self.model_dump(mode="json"))


Answer = str | list[float]
"""An option of a choice, or a number for each of the question's steps."""


def answer_digest(answer: Answer) -> str:
    """The name of an answer in signed entries."""
    return digest({"answer": answer})
