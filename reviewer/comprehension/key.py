"""The answer key: what the simulator says a push does, before and after the change.

Both worlds are run on the same parameters and noise, with and without the push, so a response is what the push did.
Sizes are told against the outcome's usual spread in the world before the change.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.comprehension.question import Push, Question
from reviewer.panes.impulses import Response, responses
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject
from worldmodel.errors import InputError, Problem
from worldmodel.simulation.intervention import Intervention


@dataclass(frozen=True)
class Truth:
    """A response's mean over trajectories by step, before and after, and the outcome's usual spread."""

    before: Float[Tensor, " time"]
    after: Float[Tensor, " time"]
    spread: float

    def share(self, step: int) -> float:
        """The response after the change at a step, as a share of the spread."""
        return float(self.after[step - 1]) / self.spread

    def shift(self, step: int) -> float:
        """By how much the change moves the response at a step, as a share of the spread."""
        return float(self.after[step - 1] - self.before[step - 1]) / self.spread

    @property
    def still(self) -> bool:
        """Whether the push never moves it after the change, in any trajectory's mean."""
        return not bool(self.after.any())


def behaviour_of(subject: Subject) -> Behaviour:
    """What to run for a subject; raises InputError where a world cannot be built."""
    found = behaviour(subject)
    if found is None:
        raise InputError(subject.old.problems or subject.new.problems or (_no_world(),))
    return found


def horizon_of(found: Behaviour) -> int:
    """How far questions look."""
    return min(found.budget.push_steps, found.horizon)


def truths(subject: Subject, question: Question) -> dict[str, Truth]:
    """The truth about each of the question's outcomes."""
    found = behaviour_of(subject)
    return {name: _truth(found, question.push, name) for name in question.outcomes}


def _truth(found: Behaviour, push: Push, name: str) -> Truth:
    own = _responses(found, push, tuple(found.posterior.common))[name]
    spread = float(found.posterior.series("before", name)[:, horizon_of(found) - 1].std(correction=0))
    return Truth(_mean(own, own.before), _mean(own, own.after), spread or 1.0)


@lru_cache(maxsize=32)
def _responses(found: Behaviour, push: Push, names: tuple[str, ...]) -> dict[str, Response]:
    held = Intervention(push.variable, push.value, push.first, push.last, push.factor)
    return {own.target: own for own in responses(found, held, names)}


def _mean(own: Response, values: Tensor) -> Float[Tensor, " time"]:
    """The mean over the trajectories in which all four runs are alive at that step."""
    alive = own.alive.to(values.dtype)
    total = torch.where(own.alive, values, torch.zeros_like(values)).sum(dim=0)
    return total / alive.sum(dim=0).clamp(min=1)


def _no_world() -> Problem:
    return Problem(
        code="nothing-to-ask",
        where="question",
        found="no world before or after the change",
        wanted="two worlds to ask about",
        mend="look at the text of the change; what has no world before it has nothing to be compared with",
    )
