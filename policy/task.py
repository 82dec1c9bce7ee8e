"""What a trainer may know of a world: draw parameters, run a rule, read utilities and floors. Nothing else reaches it.

`policy.world_task` makes a task of an approved world. The protocol is small on purpose, so that an algorithm can be
tested on a problem whose exact optimum is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from worldmodel.components.purpose import ObjectiveFile

Rule = Callable[[Float[Tensor, "draws batch observation"]], Float[Tensor, "draws batch action"]]


@dataclass(frozen=True)
class Parameters:
    """Parameter draws: `values` by "mechanism.parameter".

    A world may have no parameters and still be drawn `draws` times.
    """

    values: Mapping[str, Float[Tensor, "draws 1"]]
    draws: int

    def at(self, index: Int64[Tensor, " chosen"]) -> "Parameters":
        """The draws with these places."""
        return Parameters({name: values[index] for name, values in self.values.items()}, len(index))


@dataclass(frozen=True)
class Requirement:
    """A floor as a trainer meets it: the share of trajectories that must keep it, for one stakeholder or for all."""

    name: str
    share: float
    stakeholder: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What running a rule gave.

    `margins` is by how much each floor was kept, negative where broken, and carries gradients.

    A trajectory that left its support (`alive` is false) keeps no floor, whatever its margin says.
    """

    utilities: Float[Tensor, "stakeholder draws batch time"]
    margins: Float[Tensor, "floor draws batch"]
    kept: Bool[Tensor, "floor draws batch"]
    alive: Bool[Tensor, "draws batch"]
    values: Mapping[str, Float[Tensor, "draws batch time"]]


class Task(Protocol):
    """A world with its objective, as the trainer and the evaluation see it."""

    @property
    def observations(self) -> tuple[str, ...]:
        """Names of what a policy sees, in order."""

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of what a policy sets, in order."""

    @property
    def bounds(self) -> tuple[Float[Tensor, " action"], Float[Tensor, " action"]]:
        """The lowest and the highest value of each action; infinite where there is none."""

    @property
    def objective(self) -> ObjectiveFile:
        """The approved formula: horizon, discount, aggregation, risk."""

    @property
    def stakeholders(self) -> tuple[str, ...]:
        """Ids of the utilities, in the order of `Outcome.utilities`."""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The floors, in the order of `Outcome.margins`."""

    @property
    def references(self) -> tuple[str, ...]:
        """Rules that come with the world; the first is the one that it uses when no policy is given."""

    def parameters(self, seed: int, draws: int) -> Parameters:
        """Parameter draws from what was approved about them: posteriors, else priors."""

    def run(self, rule: Rule | str, parameters: Parameters, seed: int, batch: int) -> Outcome:
        """Trajectories of a rule, given as a function or by the id of a reference; the seed fixes all noise."""
