"""The affine rule in words that people read.

One law per action, in the world's own units and the world's own language.
"""

import torch

from policy.network import Policy

_DIGITS = 4


def affine_laws(policy: Policy, observations: tuple[str, ...], actions: tuple[str, ...]) -> dict[str, str]:
    """For each action the text of its law, coefficients to four digits.

    What runs is the full precision of the weights.
    """
    layer = next(policy.body.children())
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, torch.Tensor)
    assert isinstance(bias, torch.Tensor)
    slopes = (policy.action_sd[:, None] * weight / policy.observation_sd).detach()
    levels = (policy.action_mean + policy.action_sd * bias).detach() - slopes @ policy.observation_mean
    return {
        name: _law(
            float(levels[row]), slopes[row].tolist(), observations, float(policy.lower[row]), float(policy.upper[row])
        )
        for row, name in enumerate(actions)
    }


def _law(level: float, slopes: list[float], observations: tuple[str, ...], lower: float, upper: float) -> str:
    terms = [f"{slope:+.{_DIGITS}g} * {name}[t-1]" for slope, name in zip(slopes, observations, strict=True)]
    text = " ".join([f"{level:.{_DIGITS}g}", *(f"{term[0]} {term[1:]}" for term in terms)])
    match (lower > -torch.inf, upper < torch.inf):
        case (True, True):
            return f"clip({text}, {lower:g}, {upper:g})"
        case (True, False):
            return f"max({text}, {lower:g})"
        case (False, True):
            return f"min({text}, {upper:g})"
        case _:
            return text
