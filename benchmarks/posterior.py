"""Posterior of a three-equation model of the US economy on 200 quarters: our samplers against Pyro's NUTS, in one run.

Thirteen parameters: a demand curve, a Phillips curve and a policy rule, with Student-t noise. All samplers get the same
vectorised log density; for Pyro that is kinder than its own tracing. Counted is the CPU time of this process, warm-up
and compiling included, and the smallest effective sample size of any parameter. Run as
`python -m benchmarks.posterior`; writes `benchmarks/results/posterior.json`.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from statsmodels.datasets import macrodata
from torch import Tensor

from worldmodel.inference.diagnosis import least_effective_draws
from worldmodel.inference.fit import Posterior, Settings, fit, generator_for
from worldmodel.inference.hmc import HmcSettings, run_chains
from worldmodel.inference.newton import find_mode
from worldmodel.inference.nuts import run_nuts
from worldmodel.inference.psis import proposal_from_precision

RESULTS = Path(__file__).parent / "results" / "posterior.json"
DIMENSION = 13
NUTS_DRAWS = 1000
NUTS_WARMUP = 300


@dataclass(frozen=True)
class Result:
    """What one sampler found: moments, effective draws, CPU seconds."""

    mean: Tensor
    sd: Tensor
    effective: float
    seconds: float

    def to_json(self) -> dict[str, float]:
        """The speed."""
        rate = self.effective / self.seconds
        return {"cpu_seconds": self.seconds, "effective_draws": self.effective, "effective_draws_per_cpu_second": rate}


def macro_density() -> Callable[[Tensor], Tensor]:
    """The log density over unconstrained parameters, given the 200 last of 203 quarters."""
    raw = macrodata.load_pandas().data
    inflation, rate, unemployment = (torch.tensor(raw[name].to_numpy()) for name in ("infl", "tbilrate", "unemp"))
    output = torch.log(torch.tensor(raw["realgdp"].to_numpy()))
    growth = 400 * torch.cat((output[:1] * 0, output[1:] - output[:-1]))
    now = slice(3, None)

    def lag(series: Tensor, steps: int) -> Tensor:
        return series[3 - steps : len(series) - steps]

    def log_density(p: Tensor) -> Tensor:
        a, b, c, sd_demand, d, e, f, sd_prices, g, h, i, j, sd_rule = (column.unsqueeze(1) for column in p.T)
        demand = a + b * lag(growth, 1) - c * (lag(rate, 1) - lag(inflation, 1))
        weight = torch.sigmoid(e)
        prices = d + weight * lag(inflation, 1) + (1 - weight) * lag(inflation, 2) - f * (lag(unemployment, 1) - 6)
        rule = g * lag(rate, 1) + h + i * lag(inflation, 1) - j * (lag(unemployment, 1) - 6)
        pairs = ((growth[now], demand, sd_demand), (inflation[now], prices, sd_prices), (rate[now], rule, sd_rule))
        total = -0.5 * ((p / 3) ** 2).sum(dim=1)
        for seen, location, log_sd in pairs:
            standard = (seen - location) * torch.exp(-log_sd)
            # Student-t with five degrees of freedom, up to a constant.
            total = total - (3 * torch.log1p(standard**2 / 5) + log_sd).sum(dim=1)
        return total

    return log_density


def starts() -> Tensor:
    """Points near which every sampler may begin."""
    return torch.from_numpy(generator_for("starts").normal(scale=0.3, size=(8, DIMENSION)))


def timed(run: Callable[[], tuple[Tensor, Tensor, float]]) -> Result:
    """Runs a sampler and counts its CPU seconds."""
    begin = time.process_time()
    mean, sd, effective = run()
    return Result(mean, sd, effective, time.process_time() - begin)


def by_importance(density: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor, float]:
    """Newton and Pareto-smoothed importance sampling."""
    posterior: Posterior = fit(density, starts(), generator_for("importance"), Settings())
    assert posterior.method == "newton-psis"
    return posterior.mean, posterior.covariance.diagonal().sqrt(), posterior.effective_draws


def by_chains(density: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor, float]:
    """Batched Hamiltonian Monte Carlo, whitened by the Hessian at the mode."""
    mode = find_mode(density, starts())
    factor = proposal_from_precision(mode.point, mode.precision).factor
    generator = generator_for("chains")
    begin = mode.point + torch.from_numpy(generator.normal(size=(64, DIMENSION))) @ factor.T
    points = run_chains(density, begin, mode.point, factor, generator, HmcSettings(acceptance=0.8, draws=100)).points
    flat = points.reshape(-1, DIMENSION)
    return flat.mean(dim=0), flat.std(dim=0), least_effective_draws(points)


def by_nuts(density: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor, float]:
    """Pyro's NUTS, compiled, with a full mass matrix."""
    points = run_nuts(density, starts()[0], seed=1, draws=NUTS_DRAWS, warmup=NUTS_WARMUP).points
    return points.mean(dim=0), points.std(dim=0), least_effective_draws(points.unsqueeze(0))


def agreement(own: Result, other: Result) -> dict[str, float]:
    """How far apart two answers are, and how far chance alone could put them."""
    apart = ((own.mean - other.mean) / other.sd).abs().max()
    ratio = own.sd / other.sd
    chance = 3 * np.sqrt(1 / own.effective + 1 / other.effective)
    ends = {"least_sd_ratio": float(ratio.min()), "largest_sd_ratio": float(ratio.max())}
    return {"means_apart_in_sds": float(apart), "three_standard_errors": float(chance), **ends}


def main() -> None:
    """Runs all three on one thread, prints and writes what came out."""
    torch.set_num_threads(1)
    density = macro_density()
    cold = timed(lambda: by_importance(density))
    results = {
        "newton_psis": timed(lambda: by_importance(density)),
        "batched_hmc": timed(lambda: by_chains(density)),
        "pyro_nuts_jit_full_mass": timed(lambda: by_nuts(density)),
    }
    nuts = results["pyro_nuts_jit_full_mass"]
    speed = {name: result.to_json() for name, result in results.items()}
    rate = "effective_draws_per_cpu_second"
    answer: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, one thread",
        "torch": torch.__version__,
        "speed": speed,
        "newton_psis_first_call_cpu_seconds": cold.seconds,
        "times_pyro_nuts": {name: row[rate] / speed["pyro_nuts_jit_full_mass"][rate] for name, row in speed.items()},
        "agreement_with_pyro_nuts": {name: agreement(result, nuts) for name, result in list(results.items())[:2]},
    }
    text = json.dumps(answer, indent=1)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
