"""A law that is known by its quantile function, density and distribution function, as Pyro wants a distribution."""

from typing import Any

import torch
from jaxtyping import Float
from pyro.distributions.torch_distribution import TorchDistribution
from torch import Tensor

from worldmodel.families.composite import Part

Shape = torch.Size | list[int] | tuple[int, ...]

_NO_SHAPE = torch.Size()


class QuantileDistribution(TorchDistribution):
    """Draws by the quantile of a uniform number from torch's own generator."""

    arg_constraints: dict[str, torch.distributions.constraints.Constraint] = {}
    has_rsample = False

    def __init__(self, part: Part, shape: Shape | None = None) -> None:
        self.part = part
        own = part.quantile(torch.full((), 0.5, dtype=torch.float64)).shape
        super().__init__(torch.Size(own if shape is None else shape), validate_args=False)

    def expand(self, batch_shape: Shape, _instance: object = None) -> "QuantileDistribution":
        """The same, for more elements."""
        return QuantileDistribution(self.part, batch_shape)

    @property
    def support(self) -> Any:
        """The set of the law's parts, which a reader of continuous values takes for real numbers."""
        discrete = self.part.family.signature.discrete
        constraints = torch.distributions.constraints
        return constraints.nonnegative_integer if discrete else constraints.real

    def sample(self, sample_shape: Shape = _NO_SHAPE) -> Float[Tensor, "..."]:
        """Independent draws."""
        u = torch.rand(torch.Size(sample_shape) + self.batch_shape, dtype=torch.float64)
        return self.part.quantile(u.clamp(2.0**-53, 1 - 2.0**-53)).detach()

    def log_prob(self, value: Tensor) -> Tensor:
        """The log density of each element."""
        return self.part.log_prob(value).expand(torch.broadcast_shapes(value.shape, self.batch_shape))
