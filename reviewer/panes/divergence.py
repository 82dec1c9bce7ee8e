"""Thickened divergence of two sets of draws as a text that states its width."""

import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.behaviour.thickened import thickened_divergence
from reviewer.panes.distances import number

ATOMS = 64
WIDTH = 0.1
"""Of the larger spread of the two; of the larger size where both are single points."""

Draws = Float[Tensor, " draws"]


def divergence_text(before: Draws, after: Draws) -> str:
    """The divergence from the law before to the law after, its width, and whether the plain one is infinite.

    >>> divergence_text(torch.zeros(9), torch.full((9,), 2.0))
    '50 (width 0.2; plain: infinite)'
    """
    width = WIDTH * (max(_spread(before), _spread(after)) or max(_size(before), _size(after)) or 1.0)
    found = thickened_divergence(_atoms(before), _atoms(after), width)
    plain = "; plain: infinite" if found.plain_is_infinite else ""
    return f"{number(found.nats)} (width {number(found.width)}{plain})"


def _atoms(values: Draws) -> list[float]:
    """Quantiles at the middles of equal shares; one atom for a single point."""
    if _spread(values) == 0:
        return [float(values[0])]
    levels = (torch.arange(ATOMS, dtype=torch.float64) + 0.5) / ATOMS
    return list(map(float, torch.quantile(values.double(), levels)))


def _spread(values: Draws) -> float:
    return float(values.std(correction=0))


def _size(values: Draws) -> float:
    return float(values.abs().max())
