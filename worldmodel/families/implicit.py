"""Quantile functions without a closed form, with the implicit reparameterisation gradient [figurnov2018].

The value comes from scipy.special. For x = F⁻¹(u; θ), dx/dθ = −(∂F/∂θ) / f(x; θ): the density f is exact, and ∂F/∂θ is
a central difference of the *smaller tail*, which keeps its relative accuracy far out (about 1e-7 altogether, where
torch's own `_standard_gamma_grad` reaches 1e-4). Where the density under- or overflows the gradient is 0.
Differentiable once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from worldmodel.families.base import Array

# Arrays of float64; scipy's stubs cannot tell them from scalars.
Numbers = Any

_RELATIVE_STEP = 1e-4


@dataclass(frozen=True)
class Standard:
    """A family in its standard form: functions of the value and of positive shape parameters, on numpy arrays."""

    quantile: Callable[..., Numbers]
    lower: Callable[..., Numbers]
    upper: Callable[..., Numbers]
    log_density: Callable[..., Numbers]


def to_numpy(value: Array) -> Numbers:
    """A tensor's numbers without its history."""
    return cast(Numbers, value.detach().numpy())


def from_numpy(value: Any) -> Array:
    """A float64 tensor of some numbers."""
    return torch.from_numpy(np.ascontiguousarray(value, dtype=np.float64))


class _ImplicitQuantile(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, standard: Standard, u: Array, *shapes: Array) -> Array:
        arrays = [to_numpy(shape) for shape in shapes]
        value = standard.quantile(to_numpy(u), *arrays)
        ctx.standard, ctx.value, ctx.arrays, ctx.u_shape = standard, value, arrays, u.shape
        return from_numpy(value).reshape(np.shape(value))

    @staticmethod
    def backward(ctx: Any, *gradients: Array) -> tuple[Array | None, ...]:
        gradient = gradients[0]
        inverse_density = np.exp(-ctx.standard.log_density(ctx.value, *ctx.arrays))
        answer: list[Array | None] = [None, None]
        if ctx.needs_input_grad[1]:
            answer[1] = _reduced(gradient, inverse_density, ctx.u_shape)
        for position, array in enumerate(ctx.arrays):
            if ctx.needs_input_grad[2 + position]:
                slope = -_slope(ctx.standard, ctx.value, ctx.arrays, position) * inverse_density
                answer.append(_reduced(gradient, slope, array.shape))
            else:
                answer.append(None)
        return tuple(answer)


def implicit_quantile(standard: Standard, u: Array, *shapes: Array) -> Array:
    """The quantile of a standard family, differentiable in `u` and in the shapes."""
    apply = cast(Callable[..., Array], _ImplicitQuantile.apply)
    return apply(standard, u, *shapes)


def _slope(standard: Standard, value: Numbers, arrays: list[Numbers], position: int) -> Numbers:
    """∂F/∂θ by a central difference of the tail that is smaller at `value`."""
    step = arrays[position] * _RELATIVE_STEP
    above = [*arrays[:position], arrays[position] + step, *arrays[position + 1 :]]
    below = [*arrays[:position], arrays[position] - step, *arrays[position + 1 :]]
    by_lower = standard.lower(value, *above) - standard.lower(value, *below)
    by_upper = standard.upper(value, *below) - standard.upper(value, *above)
    low = standard.lower(value, *arrays) < 0.5
    return np.where(low, by_lower, by_upper) / (2 * step)


def _reduced(gradient: Array, slope: Numbers, shape: tuple[int, ...]) -> Array:
    clean = np.nan_to_num(slope, nan=0.0, posinf=0.0, neginf=0.0)
    product: Array = gradient * from_numpy(clean).reshape(np.shape(clean))
    return product.sum_to_size(shape)
