"""Counterfactuals: what would have happened, had something been done otherwise, with everything else as it was.

Pearl's three steps [pearl2009]: abduction of the noise from what was observed, action, prediction. Where a value was
observed together with all that its law reads, its noise follows from it; elsewhere noise, parameters and rivals are
drawn many times and weighed by how likely they made what was observed (likelihood weighting, Pareto-smoothed), with a
diagnosis. The answer says for each variable which of these it rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.inference.diagnosis import GOOD_K_HAT, smooth
from worldmodel.questions.factual import Factual, check_factual
from worldmodel.questions.resting import Ground, resting_on
from worldmodel.questions.twin import Branch, Site, Twin
from worldmodel.simulation.draws import Source, draw_parameters
from worldmodel.simulation.intervention import Change, Edit, Intervention, Replacement, changes, check_interventions
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.phases import phases
from worldmodel.simulation.rules import rules_of
from worldmodel.simulation.simulator import Simulator
from worldmodel.simulation.state import State, Values
from worldmodel.world import World

FEWEST_EFFECTIVE_DRAWS = 100
FEWEST_FOR_TAIL = 25
FLAT = 1e-12


@dataclass(frozen=True)
class Counterfactual:
    """Both worlds' values at steps 1 to the horizon, and how much each trajectory counts.

    `alive` is about the twin. `grounds` counts, for each variable, the steps at which its noise is known in each way.
    `k_hat` is the worst and `effective_draws` the least over all sets of weights that are normalised together.
    """

    factual: Mapping[str, Float[Tensor, "draws batch time"]]
    values: Mapping[str, Float[Tensor, "draws batch time"]]
    alive: Bool[Tensor, "draws batch time"]
    weights: Float[Tensor, "draws batch"]
    grounds: Mapping[str, Mapping[Ground, int]]
    k_hat: float
    effective_draws: float

    @property
    def reliable(self) -> bool:
        """Whether the inference that it rests on, if any, may be used."""
        return self.k_hat <= GOOD_K_HAT and self.effective_draws >= min(FEWEST_EFFECTIVE_DRAWS, self.weights.numel())

    def mean(self, series: Float[Tensor, "draws batch time"]) -> Float[Tensor, " time"]:
        """The weighted mean over trajectories."""
        return (self.weights.unsqueeze(-1) * series.to(torch.float64)).sum(dim=(0, 1))

    def quantiles(
        self, series: Float[Tensor, "draws batch time"], levels: Sequence[float]
    ) -> Float[Tensor, "level time"]:
        """Weighted quantiles over trajectories: the least value that reaches each level."""
        flat = series.flatten(end_dim=1).numpy()
        weights = np.broadcast_to(self.weights.flatten().numpy()[:, None], flat.shape)
        return torch.from_numpy(np.quantile(flat, levels, axis=0, method="inverted_cdf", weights=weights))


def counterfactual(
    world: World,
    factual: Factual,
    interventions: Sequence[Edit] = (),
    draws: int = 1000,
    batch: int = 1,
    seed: int = 0,
    source: Source = "posterior",
    rule: Sequence[str] | None = None,
    keep_parameters: bool = False,
) -> Counterfactual:
    """What would have happened along a factual trajectory under interventions.

    Actions that were observed at every step stay as they were, unless `rule` names mechanisms that would have chosen
    otherwise. Parameters learn from the factual trajectory as from any data; `keep_parameters` leaves them as they are
    drawn, which is right where the trajectory is part of the data that posteriors come from, and needs a `batch` of
    several trajectories for each draw where something was not observed.

    Raises InputError where the factual trajectory cannot come about in this world.
    """
    world = ground(world)
    check_factual(world, factual)
    check_interventions(world, interventions)
    rules = _rules(world, factual, interventions, tuple(rule or ()))
    with torch.no_grad():
        return _run(world, factual, interventions, rules, Noise(seed), source, (draws, batch), keep_parameters)


def _rules(world: World, factual: Factual, interventions: Sequence[Edit], named: tuple[str, ...]) -> dict[str, str]:
    """The mechanism that chooses each action; none for those that stay as they were observed."""
    whole = frozenset(name for name in world.actions if factual.whole(name))
    chosen = rules_of(world, named, whole)
    asked = {one.assigns for one in world.mechanisms.values() if one.owner in named or one.file.id in named}
    asked |= {entry.variable for entry in interventions if isinstance(entry, Replacement)}
    return {action: name for action, name in chosen.items() if action not in whole or action in asked}


def _run(
    world: World,
    factual: Factual,
    interventions: Sequence[Edit],
    rules: Mapping[str, str],
    noise: Noise,
    source: Source,
    shape: tuple[int, int],
    keep_parameters: bool,
) -> Counterfactual:
    phase = phases(Simulator(world), interventions, tuple(rules.values()), frozenset(world.actions))
    parameters = draw_parameters(world, 0, shape[0], source, noise=noise)
    state = phase(1).simulator.init(parameters, noise, *shape)
    twin = Twin(world, parameters, noise, state.rivals, shape)
    soft = [entry for entry in interventions if isinstance(entry, Intervention)]
    first, second = (_start(state, factual) for _ in range(2))
    log_weights = torch.where(state.alive, 0.0, -torch.inf).to(torch.float64)
    happened, would, alive = [], [], []
    for step in range(1, factual.horizon + 1):
        sites, likelihood = _infer(twin, rules, factual, first, step)
        log_weights = log_weights + likelihood
        good = _replay(twin, phase(step).simulator.world, sites, first, second, step, changes(soft, step))
        happened.append(first.advance(torch.ones_like(good)))
        would.append(second.advance(good))
        alive.append(good)
    grounds = resting_on(world, factual, rules)
    weights, k_hat, effective = importance(log_weights, keep_parameters)
    if keep_parameters and shape[1] == 1 and any("inference" in counts for counts in grounds.values()):
        k_hat = torch.inf  # one trajectory a draw weighs nothing against anything
    return Counterfactual(
        stacked(happened),
        stacked(would),
        torch.stack(alive, dim=-1),
        weights,
        grounds,
        k_hat,
        effective,
    )


def stacked(steps: Sequence[Mapping[str, Values]]) -> dict[str, Float[Tensor, "draws batch time"]]:
    """Values by step as series."""
    return {name: torch.stack([values[name] for values in steps], dim=-1) for name in steps[0]}


def _start(state: State, factual: Factual) -> Branch:
    """A branch at step 0: an observed start stands in for the initial law."""
    history = {
        name: tuple(
            value if known is None else torch.full_like(value, known)
            for value, known in ((value, factual.at(name, -lag)) for lag, value in enumerate(past))
        )
        for name, past in state.history.items()
    }
    return Branch(history, {name: past[0] for name, past in history.items()}, state.alive)


def _mechanisms(world: World, rules: Mapping[str, str], name: str) -> tuple[str, ...]:
    if name in world.actions:
        return (rules[name],) if name in rules else ()
    return tuple(world.weights_of(name))


def _infer(
    twin: Twin, rules: Mapping[str, str], factual: Factual, branch: Branch, step: int
) -> tuple[dict[str, Site], Float[Tensor, "draws batch"]]:
    """One step of what happened: the noise of every site, and the log likelihood of what was observed."""
    sites = {}
    total = torch.zeros(twin.shape, dtype=torch.float64)
    for name in twin.world.order:
        observed = factual.at(name, step)
        mechanisms = _mechanisms(twin.world, rules, name)
        if mechanisms:
            sites[name], own = twin.infer(name, mechanisms, branch, step, observed)
            total = total + own
        else:
            assert observed is not None, "an action without a rule was observed at every step"
            branch.present[name] = torch.full(twin.shape, observed, dtype=torch.float64)
    return sites, total


def _replay(
    twin: Twin,
    world: World,
    sites: Mapping[str, Site],
    first: Branch,
    second: Branch,
    step: int,
    done: Mapping[str, Change],
) -> Bool[Tensor, "draws batch"]:
    """One step of what would have happened; actions without a rule are those that were taken."""
    good = second.alive
    for name in world.order:
        change = done.get(name, Change())
        if name in sites:
            good = good & twin.replay(world, name, sites[name], second, step, change)
        else:
            second.present[name] = twin.changed(world, name, first.present[name], change)
    return good


def importance(
    log_weights: Float[Tensor, "draws batch"], within_draws: bool
) -> tuple[Float[Tensor, "draws batch"], float, float]:
    """Smoothed weights that add up to 1, the worst k-hat, and how many independent draws they are worth.

    `within_draws` gives every draw of the parameters the same weight in all.
    """
    rows = log_weights if within_draws else log_weights.reshape(1, -1)
    possible = torch.isfinite(rows).any(dim=-1)
    if not bool(possible.any()):
        raise InputError(_impossible())
    flat = rows.max(dim=-1).values - rows.min(dim=-1).values < FLAT
    weights = flat.unsqueeze(-1).to(rows.dtype).expand(rows.shape) / rows.shape[-1]
    k_hats = [-torch.inf if bool(possible.all()) else torch.inf]
    for place in torch.nonzero(possible & ~flat).flatten().tolist():
        own, k_hat = _smooth(rows[place])
        weights[place] = torch.exp(own)
        k_hats.append(k_hat)
    weights = (weights / weights.sum()).reshape(log_weights.shape)
    return weights, max(k_hats), float(1 / (weights**2).sum())


def _smooth(row: Float[Tensor, " trajectories"]) -> tuple[Float[Tensor, " trajectories"], float]:
    """Normalised log weights and k-hat; infinite where too few trajectories count to tell the tail by."""
    possible = torch.isfinite(row)
    answer = torch.full_like(row, -torch.inf)
    answer[possible], k_hat = _smooth_possible(row[possible])
    return answer, k_hat


def _smooth_possible(own: Float[Tensor, " trajectories"]) -> tuple[Float[Tensor, " trajectories"], float]:
    plain = torch.log_softmax(own, dim=0)
    if float(own.max() - own.min()) < FLAT:  # what is possible is as likely
        return plain, -np.inf
    if len(own) < FEWEST_FOR_TAIL:
        return plain, np.inf
    try:
        with np.errstate(all="ignore"):
            smoothed, k_hat = smooth(own)
    except ValueError:  # the largest weights are all the same, as with discrete evidence: there is no tail
        return plain, -np.inf
    broken = np.isnan(k_hat) or bool(torch.isnan(smoothed).any())
    return (plain, np.inf) if broken else (smoothed, float(k_hat))


def _impossible() -> Problem:
    return Problem(
        code="impossible-evidence",
        where="counterfactual",
        found="a factual trajectory that no draw of this world can come to",
        wanted="values that the laws give a density, within every support",
        mend="check the values, draw more, or widen the law that rules them out",
    )
