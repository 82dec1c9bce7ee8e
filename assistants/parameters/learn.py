"""Learning one mechanism: fit, refuse what cannot be trusted, round, score, check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assistants.parameters.checks import Checks, predictive_checks
from assistants.parameters.observations import Observations, fitted_rows
from assistants.parameters.scores import HeldOut, held_out
from assistants.parameters.summary import Summary, summarise, summary_of
from assistants.parameters.target import Target
from worldmodel.canonical import digest
from worldmodel.components.posterior import PosteriorFile
from worldmodel.errors import Problem, RefusedError
from worldmodel.inference.fit import Posterior, Settings, fit, generator_for
from worldmodel.world import Mechanism

DRAWS = 2000
REPLICATIONS = 1000

Progress = Callable[[int, int], None]
"""Told how many iterations of how many the chains have made, where chains are needed."""


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Learned:
    """One mechanism's posterior and all that was computed about it; `kept` are unconstrained draws of it.

    `summary_cost` is the divergence from the posterior to its rounded Gaussian summary, in nats: rounding and shape.
    """

    target: Target
    posterior: Posterior
    summary: Summary
    scores: HeldOut | None
    checks: Checks
    summary_cost: float
    kept: Float[Tensor, "draws dimension"]

    @property
    def observations(self) -> int:
        """How many steps were fitted to."""
        return sum(int(one.rows.sum()) for one in self.target.each)


def target_for(
    mechanism: Mechanism,
    observations: Observations,
    rows: Bool[Tensor, " time"] | None = None,
    siblings: Sequence[Mechanism] = (),
) -> Target:
    """The posterior of a mechanism on the fit part, or on the given rows of it; `siblings` are its other elements."""
    seen = observations.first(observations.fitted)

    def one(member: Mechanism) -> Target:
        usable = fitted_rows(member, observations)
        return Target(member, seen, (usable if rows is None else usable & rows)[: seen.length])

    return replace(one(mechanism), siblings=tuple(map(one, siblings)))


def on_all_rows(target: Target, observations: Observations) -> Target:
    """The same with the held-out rows to be seen too, which do not count in its density."""
    siblings = tuple(replace(sibling, observations=observations) for sibling in target.siblings)
    return replace(target, observations=observations, siblings=siblings)


def fit_target(target: Target, *names: str, settings: Settings | None = None, progress: Progress = silent) -> Posterior:
    """Fits with randomness that is a function of the mechanism, the target's data, the rows and the given names.

    Raises RefusedError where the posterior may not be relied on.
    """
    generator = generator_for(*_identity(target), *names)
    starts = target.prior_draws((settings or Settings()).starts, generator)
    posterior = fit(target.log_density, starts, generator, settings or Settings(), progress)
    if posterior.flags:
        raise RefusedError(_not_trusted(target.mechanism, posterior))
    return posterior


def learn(
    mechanism: Mechanism,
    observations: Observations,
    settings: Settings | None = None,
    progress: Progress = silent,
    siblings: Sequence[Mechanism] = (),
    approved: PosteriorFile | None = None,
) -> Learned:
    """Everything about one mechanism; raises RefusedError where the posterior may not be relied on.

    `siblings` are the other elements of a family, which share the parameters. The posterior that is `approved` now is
    scored beside the new one.
    """
    target = target_for(mechanism, observations, siblings=siblings)
    posterior = fit_target(target, "fit", settings=settings, progress=progress)
    generator = generator_for(*_identity(target), "report")
    summary = summarise(posterior.mean.numpy(), posterior.covariance.numpy())
    kept = posterior.resample(DRAWS, generator)
    prior = target.prior_draws(DRAWS, generator)
    whole = on_all_rows(target, observations)
    forecasters = {"model": summary_draws(summary, DRAWS, generator), "full_posterior": kept, "prior": prior}
    if approved is not None:
        forecasters["approved"] = summary_draws(
            summary_of(approved, target.names), DRAWS, generator_for(*_identity(target), "approved")
        )
    scores = held_out(whole, forecasters)
    checks = predictive_checks(target, kept[:REPLICATIONS], generator)
    cost = summary_divergence(posterior, summary, target)
    return Learned(target, posterior, summary, scores, checks, cost, kept)


def summary_divergence(posterior: Posterior, summary: Summary, target: Target) -> float:
    """Kullback-Leibler divergence from the posterior to the rounded Gaussian, by the posterior's own draws."""
    gaussian = torch.distributions.MultivariateNormal(
        torch.tensor(summary.mean, dtype=torch.float64), torch.from_numpy(summary.covariance), validate_args=False
    )
    with torch.no_grad():
        exact = target.log_density(posterior.points) - posterior.evidence.value
        difference = exact - gaussian.log_prob(posterior.points)
    counted = posterior.log_weights > -700
    return float((torch.exp(posterior.log_weights) * difference)[counted].sum())


def summary_draws(summary: Summary, count: int, generator: np.random.Generator) -> Float[Tensor, "draws dimension"]:
    """Draws of the rounded Gaussian: what the released model will know."""
    factor = np.linalg.cholesky(summary.covariance)
    normal = generator.standard_normal((count, len(summary.mean)))
    return torch.from_numpy(np.array(summary.mean) + normal @ factor.T)


def _identity(target: Target) -> tuple[str, str, str]:
    mechanism = digest(target.mechanism.file.model_dump(mode="json"))
    rows = "".join("1" if row else "0" for one in target.each for row in one.rows.tolist())
    return mechanism, target.observations.contents, rows


def _not_trusted(mechanism: Mechanism, posterior: Posterior) -> Problem:
    return Problem(
        code="posterior-not-trusted",
        where=f"mechanisms/{mechanism.owner}.toml",
        found=f"{posterior.why}; then {posterior.method}: {'; '.join(posterior.flags)}",
        wanted="one of the two methods whose own diagnosis is good",
        mend="give the parameters more informative priors, or simplify the law so that the data can tell them apart",
    )
