"""The one thing that every sampler asks for: a batched log density on the whole real space, with its derivatives.

A density takes a batch of points, one per row, and returns one number per row; rows do not depend on each
other. So the derivatives of the sum are the derivatives of each row, and a batch of chains or of Newton starts
costs one evaluation.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

LogDensity = Callable[[Float[Tensor, "draws dimension"]], Float[Tensor, " draws"]]


def tame(values: Float[Tensor, " draws"]) -> Float[Tensor, " draws"]:
    """Log densities with NaN read as minus infinity: where the density cannot be computed nobody shall go."""
    return torch.where(torch.isnan(values), torch.full_like(values, -torch.inf), values)


def evaluate(log_density: LogDensity, points: Float[Tensor, "draws dimension"]) -> Float[Tensor, " draws"]:
    """The log density without a tape."""
    with torch.no_grad():
        return tame(log_density(points))


def value_and_gradient(
    log_density: LogDensity, points: Float[Tensor, "draws dimension"]
) -> tuple[Float[Tensor, " draws"], Float[Tensor, "draws dimension"]]:
    """The log density and its gradient at each point; where the density is not finite the gradient is zero."""
    leaf = points.detach().requires_grad_(True)
    value = log_density(leaf)
    (gradient,) = torch.autograd.grad(value.sum(), leaf)
    return tame(value.detach()), torch.nan_to_num(gradient, nan=0.0, posinf=0.0, neginf=0.0)


def curvature(
    log_density: LogDensity, points: Float[Tensor, "draws dimension"]
) -> tuple[Float[Tensor, " draws"], Float[Tensor, "draws dimension"], Float[Tensor, "draws dimension dimension"]]:
    """The log density, its gradient and its Hessian at each point, by one backward pass per dimension."""
    leaf = points.detach().requires_grad_(True)
    value = log_density(leaf)
    (gradient,) = torch.autograd.grad(value.sum(), leaf, create_graph=True)
    rows = [_row(gradient[:, index].sum(), leaf) for index in range(points.shape[1])]
    hessian = torch.stack(rows, dim=1)
    hessian = 0.5 * (hessian + hessian.transpose(1, 2))
    return tame(value.detach()), torch.nan_to_num(gradient.detach()), torch.nan_to_num(hessian)


def _row(total: Tensor, leaf: Tensor) -> Tensor:
    if not total.requires_grad:
        return torch.zeros_like(leaf)
    (row,) = torch.autograd.grad(total, leaf, retain_graph=True, materialize_grads=True)
    return row.detach()
