"""Inverse distribution functions of families on 0, 1, 2, … by scipy's continuous inverse and one exact correction."""

import numpy as np
import torch

from worldmodel.families.base import Array
from worldmodel.families.implicit import Numbers, from_numpy


def corrected(guess: Numbers, below_reaches: Numbers, at_reaches: Numbers) -> Array:
    """The smallest count whose distribution function reaches u.

    `guess` is a count at most one off; `below_reaches` says where the count below it already reaches u,
    `at_reaches` where the guess does.
    """
    value = np.where(below_reaches, np.maximum(guess - 1, 0), np.where(at_reaches, guess, guess + 1))
    return from_numpy(value).reshape(np.shape(value))


def rounded_up(continuous: Numbers) -> Numbers:
    """The count at or above a continuous inverse; where that does not exist, 0."""
    return np.maximum(np.ceil(np.nan_to_num(continuous, nan=0.0)), 0.0)


def floor_or_nothing(x: Array) -> Array:
    """The greatest count at or below `x`, and −1 below 0."""
    return torch.clamp(torch.floor(x), min=-1.0)
