"""Another implementation's opinion: Pyro's NUTS on the same density, and how far apart the answers are."""

from dataclasses import asdict, dataclass
from typing import Any

from assistants.parameters.learn import Learned
from worldmodel.inference.diagnosis import least_effective_draws
from worldmodel.inference.nuts import run_nuts

DRAWS = 600
WARMUP = 300
SEED = 1


@dataclass(frozen=True)
class CrossCheck:
    """The largest difference of means, in posterior sds, the ratios of sds furthest from 1, and how exact NUTS was."""

    means_apart: float
    least_sd_ratio: float
    largest_sd_ratio: float
    nuts_effective_draws: float

    def to_json(self) -> dict[str, Any]:
        """The same as a mapping."""
        return asdict(self)


def cross_check(learned: Learned) -> CrossCheck:
    """Runs NUTS from the mode and compares; some seconds per mechanism, most of them for compiling."""
    posterior = learned.posterior
    points = run_nuts(learned.target.log_density, posterior.mode, seed=SEED, draws=DRAWS, warmup=WARMUP).points
    sd = posterior.covariance.diagonal().sqrt()
    ratios = points.std(dim=0) / sd
    apart = ((points.mean(dim=0) - posterior.mean) / sd).abs()
    return CrossCheck(
        float(apart.max()), float(ratios.min()), float(ratios.max()), least_effective_draws(points.unsqueeze(0))
    )
