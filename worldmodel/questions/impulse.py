"""Impulse responses and other differences between two runs with the same noise.

The difference of two trajectories that share their noise is what the edit did, and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.families.normal import standard_cdf
from worldmodel.grounding.ground import ground
from worldmodel.questions.abduction import invertibility
from worldmodel.questions.graph import check_variable
from worldmodel.simulation.draws import Source
from worldmodel.simulation.intervention import Edit, Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.rules import Rule
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

Kind = Literal["noise", "value"]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_LEAST = 2.0**-53


@dataclass(frozen=True)
class Difference:
    """Two runs with the same noise. `both` says where neither has failed: elsewhere a difference means little."""

    first: Trajectories
    second: Trajectories

    @property
    def both(self) -> Bool[Tensor, "draws batch time"]:
        """Where both trajectories are alive."""
        return self.first.alive & self.second.alive

    def of(self, name: str) -> Float[Tensor, "draws batch time"]:
        """The second run's values less the first one's."""
        return self.second.values[name] - self.first.values[name]

    def mean(self, name: str) -> Float[Tensor, " time"]:
        """The mean over trajectories; those that failed count with their last values."""
        return self.of(name).mean(dim=(0, 1))

    def quantiles(self, name: str, levels: Sequence[float] = LEVELS) -> Float[Tensor, "level time"]:
        """Quantiles over trajectories."""
        return torch.from_numpy(np.quantile(self.of(name).flatten(end_dim=1).numpy(), levels, axis=0))


def difference(
    first: World,
    second: World,
    horizon: int,
    draws: int,
    *,
    rule: Rule = None,
    seed: int = 0,
    source: Source = "posterior",
    interventions: tuple[Sequence[Edit], Sequence[Edit]] = ((), ()),
) -> Difference:
    """What an edit of a world, or interventions on it, change along trajectories, with common random numbers.

    Both are run by torch: another backend rounds otherwise, and the difference would show that too.
    """
    with torch.no_grad():
        runs = [
            simulate(Simulator(world), rule, horizon, draws, seed=seed, source=source, interventions=edits)
            for world, edits in zip((first, second), interventions, strict=True)
        ]
    return Difference(*runs)


def impulse_response(
    world: World,
    variable: str,
    size: float = 1.0,
    step: int = 1,
    kind: Kind = "noise",
    horizon: int = 40,
    draws: int = 1000,
    *,
    rule: Rule = None,
    seed: int = 0,
    source: Source = "posterior",
) -> Difference:
    """What a shock to one variable at one step does to all.

    A shock to the noise is in standard deviations: the site's number u becomes Φ(Φ⁻¹(u) + size), which for a normal law
    adds `size` times its scale, and keeps any other law's draws within its support. A shock to the value adds `size` to
    it, in the variable's unit.
    """
    world = ground(world)
    check_variable(world, variable)
    if step > horizon:
        raise InputError(_too_late(step, horizon))
    if kind == "value":
        push = Intervention(variable, size, step, step, 1.0)
        edits: tuple[Sequence[Edit], Sequence[Edit]] = ((), (push,))
        return difference(world, world, horizon, draws, rule=rule, seed=seed, source=source, interventions=edits)
    noise = Noise(seed)
    shocked = replace(noise, edit=_shock(world, variable, size, step))
    simulator = Simulator(world)
    with torch.no_grad():
        runs = [
            simulate(simulator, rule, horizon, draws, seed=seed, source=source, noise=own) for own in (noise, shocked)
        ]
    return Difference(*runs)


def _too_late(step: int, horizon: int) -> Problem:
    return Problem(
        code="horizon-too-short",
        where="ask impulse",
        found=f"{horizon} steps",
        wanted=f"{step} steps at least, since the shock comes at step {step}",
        mend="ask for a longer horizon or an earlier shock",
    )


def _shock(world: World, variable: str, size: float, step: int) -> Callable[[str, int, Tensor], Tensor]:
    mechanisms: Mapping[str, str] = {
        f"mechanism:{one.file.id}": one.file.id
        for one in world.mechanisms_of(variable)
        if invertibility(one.law) != "deterministic"
    }
    if not mechanisms:
        raise InputError(
            Problem(
                code="no-noise",
                where="ask impulse",
                found=f"{variable}, whose law has no noise to shock",
                wanted="a variable whose law is a distribution",
                mend="shock its value: --kind value",
            )
        )

    def edit(site: str, when: int, numbers: Tensor) -> Tensor:
        if when != step or site not in mechanisms:
            return numbers
        moved: Tensor = standard_cdf(torch.special.ndtri(numbers) + size)
        return torch.clamp(moved, _LEAST, 1 - _LEAST)

    return edit
