"""Adam with gradient clipping and a cosine schedule [kingma2015], on one flat vector of parameters.

Written out because torch's own optimiser loads its compiler when it is first used: seconds and a thousand modules
inside the confined process, for a dozen lines of arithmetic.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Moments:
    """What the next step needs: running means of gradients and of their squares, and how many steps were taken."""

    first: Float[Tensor, " parameter"]
    second: Float[Tensor, " parameter"]
    steps: int = 0


def fresh_moments(parameters: Sequence[nn.Parameter]) -> Moments:
    """The state before the first step."""
    zero = torch.zeros(sum(parameter.numel() for parameter in parameters), dtype=torch.float64)
    return Moments(zero, zero)


def cosine(rate: float, step: int, steps: int) -> float:
    """The learning rate of a step: from `rate` at step 0 down to 0 at the last."""
    return rate * (1 + math.cos(math.pi * step / steps)) / 2


def clipped(gradients: Sequence[Tensor], most: float) -> tuple[Float[Tensor, " parameter"], Float[Tensor, ""]]:
    """The flat gradient, scaled down to a norm of at most `most`, and the norm that it had."""
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    norm = torch.linalg.vector_norm(flat)
    return flat * (most / norm).clamp(max=1.0), norm


def step(parameters: Sequence[nn.Parameter], gradient: Tensor, moments: Moments, rate: float) -> Moments:
    """Moves the parameters one step downhill, in place, and answers with the state for the next."""
    first = _FIRST * moments.first + (1 - _FIRST) * gradient
    second = _SECOND * moments.second + (1 - _SECOND) * gradient**2
    steps = moments.steps + 1
    mean, square = first / (1 - _FIRST**steps), second / (1 - _SECOND**steps)
    with torch.no_grad():
        moved = parameters_to_vector(parameters) - rate * mean / (square.sqrt() + _EPSILON)
        vector_to_parameters(moved, parameters)
    return Moments(first, second, steps)
