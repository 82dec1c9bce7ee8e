"""The evidence of a proposal: facts that code computed, as JSON, each with what it was computed from."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assistants.parameters.checks import Check
from assistants.parameters.crosscheck import CrossCheck
from assistants.parameters.learn import Learned
from assistants.parameters.observations import Observations
from assistants.parameters.rivals import WEIGHT_STEP, Rivalry
from assistants.parameters.scores import HeldOut
from worldmodel.components.posterior import PosteriorFile

COVERED = 0.9
"""The share of the interval whose coverage is reported."""

HOW = {
    "scores": "mean log density of a held-out step, one step ahead, in nats; the model's parameters are those of the "
    "rounded summary, learned from the fit part; full_posterior are the draws before rounding; random_walk and "
    "autoregression have exact Student-t predictive densities; errors of differences allow for correlated steps "
    "(Bartlett weights); approved is the posterior in force before, where there is one; by_step has every step's "
    "score; coverage counts the held-out steps inside the model's central interval",
    "checks": "replicated series run freely in the mechanism's own variable, with all other inputs as observed; p is "
    "the share of replications whose statistic is at least the observed one",
    "contraction": "1 - (posterior sd / prior sd)^2 on the unconstrained scale: 0 says that the data taught nothing",
    "summary_cost": "Kullback-Leibler divergence from the posterior to its rounded Gaussian summary, in nats",
    "rivals": "sums of log scores one step ahead: within the fit part from posteriors refitted block by block, later "
    "ones from the fit part's; weights are pseudo-BMA+ over all of these steps, rounded",
}


def evidence(
    observations: Observations,
    learned: Sequence[tuple[Learned, PosteriorFile]],
    rivalries: Sequence[Rivalry],
    cross_checks: Mapping[str, CrossCheck],
    without_parameters: Sequence[str],
) -> dict[str, Any]:
    """Everything that was computed for one proposal."""
    bits = sum(entry.bits for _, file in learned for entry in file.parameters.values())
    choices = sum(_choices(len(rivalry.weights)) for rivalry in rivalries)
    facts = {
        "data": {
            "digest": observations.digest,
            "fitted_rows": observations.fitted,
            "held_out_rows": observations.length - observations.fitted,
        },
        "mechanisms": {
            entry.target.mechanism.owner: _mechanism(entry, file, cross_checks.get(file.id)) for entry, file in learned
        },
        "rivals": {rivalry.variable: _rivalry(rivalry) for rivalry in rivalries},
        "learned_bits": {"means": round(bits, 1), "rival_weights": round(choices, 1)},
        "without_parameters": list(without_parameters),
        "how": HOW,
    }
    return {key: _plain(value) for key, value in facts.items()}


def _mechanism(learned: Learned, file: PosteriorFile, cross_check: CrossCheck | None) -> dict[str, Any]:
    posterior = learned.posterior
    facts: dict[str, Any] = {
        "method": posterior.method,
        "why": posterior.why,
        "observations": learned.observations,
        "k_hat": posterior.k_hat,
        "r_hat": posterior.r_hat,
        "divergences": posterior.divergences,
        "effective_draws": posterior.effective_draws,
        "log_evidence": {"value": posterior.evidence.value, "error": posterior.evidence.error},
        "parameters": {name: _parameter(learned, file, index) for index, name in enumerate(learned.target.names)},
        "summary_cost": {"nats": learned.summary_cost, "of_rounding": learned.summary.cost},
        "scores": None if learned.scores is None else _scores(learned.scores),
        "checks": {name: _check(check) for name, check in learned.checks.by_name.items()},
        "exploded_replications": learned.checks.exploded,
    }
    if cross_check is not None:
        facts["cross_check"] = cross_check.to_json()
    return facts


def _parameter(learned: Learned, file: PosteriorFile, index: int) -> dict[str, Any]:
    name = learned.target.names[index]
    entry = file.parameters[name]
    before, after = learned.target.prior_column(index), learned.kept[:, index]
    return {
        "scale": entry.scale,
        "mean": entry.mean,
        "sd": entry.sd,
        "bits": entry.bits,
        "contraction": float(1 - learned.posterior.covariance[index, index] / before.var()),
        "prior": _quantiles(learned.target.natural_column(index, before)),
        "posterior": _quantiles(learned.target.natural_column(index, after)),
    }


def _quantiles(values: Tensor) -> dict[str, float]:
    levels = torch.tensor([0.05, 0.5, 0.95], dtype=values.dtype)
    low, middle, high = torch.quantile(values, levels).tolist()
    return {"low": low, "median": middle, "high": high}


def _scores(held: HeldOut) -> dict[str, Any]:
    others = [name for name in held.scores if name != "model"]
    gains = {name: dict(zip(("gain", "error"), held.gain(name), strict=True)) for name in others}
    means = {name: held.mean(name) for name in held.scores}
    inside, steps = held.coverage(COVERED)
    return {
        "steps": held.steps,
        "autoregression_lags": held.lags,
        "means": means,
        "model_over": gains,
        "coverage": {"interval": COVERED, "inside": inside, "steps": steps},
        "by_step": {name: scores.tolist() for name, scores in held.scores.items()},
    }


def _check(check: Check) -> dict[str, float]:
    return {"observed": check.observed, "low": check.low, "high": check.high, "p": check.p_value}


def _rivalry(rivalry: Rivalry) -> dict[str, Any]:
    return {name: _rival(rivalry, name) for name in rivalry.weights}


def _rival(rivalry: Rivalry, name: str) -> dict[str, Any]:
    forecasts = rivalry.forecasts[name]
    lead, error = rivalry.lead(name)
    return {
        "weight": rivalry.weights[name],
        "unrounded_weight": rivalry.unrounded[name],
        "weight_by_evidence_alone": rivalry.by_evidence[name],
        "log_evidence": {"value": forecasts.evidence.value, "error": forecasts.evidence.error},
        "forecasts_within_fit_part": {"steps": len(forecasts.within), "log_score": float(forecasts.within.sum())},
        "forecasts_held_out": {"steps": len(forecasts.held), "log_score": float(forecasts.held.sum())},
        "lead_over_best_other": {"nats": lead, "error": error},
    }


def _choices(rivals: int) -> float:
    """Bits of a choice among all weightings on the grid that give each rival something."""
    return math.log2(math.comb(round(1 / WEIGHT_STEP) - 1, rivals - 1))


def _plain(value: Any) -> Any:
    """The same with numbers to four significant digits, as JSON has them; what is not finite becomes None."""
    match value:
        case Mapping():
            return {str(key): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case bool() | int() | str() | None:
            return value
        case float() | np.floating():
            return float(f"{value:.4g}") if math.isfinite(value) else None
        case _:
            raise TypeError(f"evidence cannot hold a {type(value).__name__}")
