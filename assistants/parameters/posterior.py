"""From what was learned to the posterior file that people review."""

import torch

from assistants.parameters.learn import Learned
from worldmodel.components.posterior import Diagnostics, ParameterPosterior, PosteriorFile, Scores
from worldmodel.readings.bits import mean_bits
from worldmodel.world import World


def posterior_file(world: World, learned: Learned) -> PosteriorFile:
    """The component `posteriors/ID.toml`, every number at its stated precision."""
    posterior, target, summary = learned.posterior, learned.target, learned.summary
    name = target.mechanism.owner
    return PosteriorFile(
        format=1,
        id=name,
        mechanism_digest=world.digests[f"mechanisms/{name}.toml"],
        data_digest=target.observations.digest,
        method=posterior.method,
        observations=learned.observations,
        order=target.names,
        parameters={parameter: _entry(learned, index) for index, parameter in enumerate(target.names)},
        correlation=summary.correlation,
        log_evidence=round(posterior.evidence.value, 2),
        diagnostics=Diagnostics(
            k_hat=None if posterior.k_hat is None else round(max(posterior.k_hat, -10.0), 2),
            effective_draws=float(f"{posterior.effective_draws:.2g}"),
            r_hat=None if posterior.r_hat is None else round(posterior.r_hat, 4),
        ),
        scores=_scores(learned),
        checks={statistic: round(check.p_value, 2) for statistic, check in learned.checks.by_name.items()},
    )


def _entry(learned: Learned, index: int) -> ParameterPosterior:
    summary, target = learned.summary, learned.target
    mean, sd, grid = summary.mean[index], summary.sd[index], summary.grid[index]
    entry = ParameterPosterior(scale=target.scales[index], mean=mean, sd=sd, grid=grid, bits=0.0)
    means = torch.tensor([summary.mean], dtype=torch.float64)
    given = {parameter: value.item() for parameter, value in {**target.constants, **target.natural(means)}.items()}
    bits = mean_bits(target.mechanism.priors[target.names[index]], entry, given)
    return entry.model_copy(update={"bits": bits})


def _scores(learned: Learned) -> Scores | None:
    held = learned.scores
    if held is None:
        return None
    return Scores(
        model=round(held.mean("model"), 3),
        prior=round(held.mean("prior"), 3),
        random_walk=round(held.mean("random_walk"), 3),
        autoregression=round(held.mean("autoregression"), 3),
    )
