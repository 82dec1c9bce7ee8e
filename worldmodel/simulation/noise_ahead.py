"""The noise of many sites, some steps ahead: the bits of `Noise.uniform`, in blocks of a bounded size."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.kernel import uniforms
from worldmodel.simulation.keys import keys_of
from worldmodel.simulation.noise import Noise

_NUMBERS = 2**16
"""In a block, as far as one step allows: half a megabyte, which stays in a cache near the processor."""

_WORDS = 4


class NoiseAhead:
    """The numbers of some sites at steps 1, 2, …, asked for in order: normal quantiles of the first `normal` sites.

    `noise` is as it comes, not edited. One instance belongs to one run.
    """

    def __init__(self, noise: Noise, sites: Sequence[str], normal: int, shape: tuple[int, int], horizon: int) -> None:
        assert noise.edit is None, "noise that is edited is drawn site by site"
        self._noise, self._sites, self._normal, self._shape = noise, tuple(sites), normal, shape
        self._horizon, self._end = horizon, 0
        self._rows: list[tuple[Tensor, ...]] = []
        numbers = max(1, len(self._sites) * shape[0] * shape[1])
        self._steps = max(1, _NUMBERS // numbers)

    def at(self, step: int) -> tuple[Float[Tensor, "draws batch"], ...]:
        """The numbers of a step, one tensor for each site."""
        if step > self._end:
            self._fill(step)
        return self._rows[step - self._end - 1]

    def _fill(self, step: int) -> None:
        steps = min(self._steps, self._horizon + 1 - step)
        drawn = self._uniform(step, steps)
        normal = torch.special.ndtri(drawn[:, : self._normal]).unbind(0)
        self._rows = [
            (*first.unbind(0), *rest.unbind(0))
            for first, rest in zip(normal, drawn[:, self._normal :].unbind(0), strict=True)
        ]
        self._end = step + steps - 1

    def _uniform(self, step: int, steps: int) -> Float[Tensor, "step site draws batch"]:
        skipped, count = self._noise.first % _WORDS, self._shape[0] * self._shape[1]
        blocks = -(-(skipped + count) // _WORDS)
        memory: NDArray[np.float64] = np.empty((steps, len(self._sites), _WORDS * blocks))
        keys = keys_of(self._noise.seed, self._sites)
        if not uniforms.fill(keys.address, self._noise.first // _WORDS + 1, step, memory):
            return self._site_by_site(step, steps)
        own = torch.from_numpy(memory)[..., skipped : skipped + count]
        return own.reshape(steps, len(self._sites), *self._shape)

    def _site_by_site(self, step: int, steps: int) -> Float[Tensor, "step site draws batch"]:
        """The same by NumPy."""
        rows = [
            torch.stack([self._noise.uniform(site, now, *self._shape) for site in self._sites])
            for now in range(step, step + steps)
        ]
        return torch.stack(rows)
