"""A world as a Pyro model: parameters from their posteriors or priors, then every step, in two nested plates.

Sites are called `mechanism.parameter`, `variable_t` for t = 1 … horizon, `variable_0`, `variable_-1` … for initial
values, and `rival_variable`. All of them can be conditioned on. The axes are draws × batch, as in the simulator. Unlike
there, a value outside its support does not end a trajectory: the model's density is that of the laws alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pyro
import pyro.distributions as dist
import torch
from jaxtyping import Float, Int
from pyro.distributions.torch_distribution import TorchDistribution, TorchDistributionMixin
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import element_name, element_of, surface
from worldmodel.readings.log_density import constants, fixed_environment
from worldmodel.readings.posterior_scale import (
    correlation_factor,
    interval,
    to_unconstrained,
)
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_to_pyro
from worldmodel.world import Mechanism, World

Values = dict[tuple[str, int], Float[Tensor, "draws batch"]]
Shape = torch.Size | list[int] | tuple[int, ...]

_NO_SHAPE = torch.Size()


def to_pyro(
    world: World,
    horizon: int,
    draws: int = 1,
    batch: int = 1,
    source: Literal["posterior", "prior"] = "posterior",
    rules: Mapping[str, str] | None = None,
) -> Callable[[], dict[str, Float[Tensor, "draws batch"]]]:
    """A model of `horizon` steps; it returns the variables by site name.

    `rules` maps an action to the rule mechanism that chooses it, in place of the one that `world.toml` weighs most.
    """
    world = ground(world)
    assigned = {name: _assigning(world, name, rules or {}) for name in world.order}
    lags = world.longest_lag

    def model() -> dict[str, Tensor]:
        values: Values = {}
        with pyro.plate("draws", draws, dim=-2):
            parameters = sample_parameters(world, source)
            with pyro.plate("batch", batch, dim=-1):
                for name in world.order:
                    _sample_initial(world, name, lags, values)
                families = {surface(name): name for name, found in assigned.items() if len(found) > 1}
                rivals = {family: _sample_rival(world, family, name) for family, name in families.items()}
                for step in range(1, horizon + 1):
                    for name in world.order:
                        laws = [_law(mechanism, parameters, values, step) for mechanism in assigned[name]]
                        law = laws[0] if len(laws) == 1 else Selected(rivals[surface(name)], laws)
                        values[name, step] = pyro.sample(f"{name}_{step}", law).expand(draws, batch)
        return {f"{name}_{step}": value for (name, step), value in values.items()}

    return model


def sample_parameters(world: World, source: Literal["posterior", "prior"]) -> dict[str, Tensor]:
    """Samples every `mechanism.parameter`; those of a posterior one after the other, given those before."""
    sampled: dict[str, Tensor] = {}
    owners = {mechanism.owner: mechanism for mechanism in ground(world).mechanisms.values()}
    for name, mechanism in sorted(owners.items()):
        posterior = world.posteriors.get(name) if source == "posterior" else None
        if posterior is None:
            sampled.update(_sample_priors(mechanism))
        else:
            sampled.update(_sample_posterior(mechanism, posterior))
    return sampled


def _sample_priors(mechanism: Mechanism) -> dict[str, Tensor]:
    """Each parameter after those that its prior reads."""
    named = constants(mechanism)
    own: dict[str, Tensor] = {}
    environment = fixed_environment(lambda name: named[name] if name in named else own[name])
    for parameter, prior in mechanism.priors.items():
        own[parameter] = pyro.sample(f"{mechanism.owner}.{parameter}", law_to_pyro(prior, environment))
    return {f"{mechanism.owner}.{parameter}": value for parameter, value in own.items()}


def _sample_posterior(mechanism: Mechanism, posterior: PosteriorFile) -> dict[str, Tensor]:
    """Each parameter given those before it in the posterior's order, so that each is a site of its own."""
    factor = correlation_factor(posterior)
    standard: list[Tensor] = []
    sampled = {}
    for row, name in enumerate(posterior.order):
        entry, ends = posterior.parameters[name], interval(mechanism.priors[name])
        known = sum((factor[row, column] * standard[column] for column in range(row)), torch.zeros(()))
        law = dist.Normal(entry.mean + entry.sd * known, entry.sd * factor[row, row])
        value = pyro.sample(f"{mechanism.owner}.{name}", _moved(law, entry.scale, ends))
        unconstrained = (to_unconstrained(entry.scale, value, ends) - entry.mean) / entry.sd
        standard.append((unconstrained - known) / factor[row, row])
        sampled[f"{mechanism.owner}.{name}"] = value
    return sampled


def _moved(law: dist.Normal, scale: str, ends: tuple[float, float]) -> dist.TorchDistribution:
    transforms = torch.distributions.transforms
    steps: list[torch.distributions.transforms.Transform]
    if scale == "identity":
        return law
    if scale == "log":
        steps = [transforms.ExpTransform()]
    else:
        steps = [transforms.SigmoidTransform(), transforms.AffineTransform(ends[0], ends[1] - ends[0])]
    moved: dist.TorchDistribution = dist.TransformedDistribution(law, steps)
    return moved


def _sample_initial(world: World, name: str, lags: int, values: Values) -> None:
    laws = world.variables[name].initial
    for lag in range(lags if laws else 0):
        law = law_to_pyro(laws[min(lag, len(laws) - 1)], fixed_environment())
        values[name, -lag] = pyro.sample(f"{name}_{-lag}", law)


def _sample_rival(world: World, family: str, name: str) -> Int[Tensor, "draws batch"]:
    """One choice for all the elements of a family."""
    weights = torch.tensor(list(world.weights_of(name).values()), dtype=torch.float64)
    index: Tensor = pyro.sample(f"rival_{family}", dist.Categorical(weights))
    return index


def _law(mechanism: Mechanism, parameters: Mapping[str, Tensor], values: Values, step: int) -> TorchDistributionMixin:
    named = constants(mechanism)
    environment = Environment(
        lambda name: named[name] if name in named else parameters[f"{mechanism.owner}.{name}"],
        lambda name, lag: values[name, step - lag],
        lambda name: values[name, 0],
        lambda: torch.tensor(float(step), dtype=torch.float64),
    )
    return law_to_pyro(mechanism.law, environment)


def _assigning(world: World, name: str, rules: Mapping[str, str]) -> list[Mechanism]:
    """The mechanisms of a variable that have weight, in sorted order; of an action, the one rule that chooses it."""
    weights = world.weights_of(name)
    if name not in world.actions:
        return [world.mechanisms[mechanism] for mechanism in weights]
    rule = _named_rule(world, name, rules) or max(
        sorted(weights), key=lambda mechanism: weights[mechanism], default=None
    )
    if rule is None:
        raise InputError(_no_rule(name))
    return [world.mechanisms[rule]]


def _named_rule(world: World, action: str, rules: Mapping[str, str]) -> str | None:
    rule = rules.get(action) or rules.get(surface(action))
    return rule if rule is None or rule in world.mechanisms else element_name(rule, element_of(action))


def _no_rule(action: str) -> Problem:
    return Problem(
        code="no-rule",
        where="world.toml",
        part=f"rivals.{action}",
        found=f"nothing says how {action} is chosen",
        wanted="a mechanism that assigns it",
        mend="add a rule for it",
    )


class Selected(TorchDistribution):
    """One of several distributions in each element, by its number."""

    arg_constraints: dict[str, torch.distributions.constraints.Constraint] = {}

    def __init__(self, index: Int[Tensor, "..."], laws: Sequence[TorchDistributionMixin]) -> None:
        self.index, self.laws = index, tuple(laws)
        shape = torch.broadcast_shapes(index.shape, *(law.batch_shape for law in laws))
        super().__init__(shape, validate_args=False)

    def expand(self, batch_shape: Shape, _instance: object = None) -> "Selected":
        """The same, for more elements."""
        shape = torch.Size(batch_shape)
        return Selected(self.index.expand(shape), [law.expand(shape) for law in self.laws])

    @property
    def support(self) -> torch.distributions.constraints.Constraint:
        """The support of the first law; rivals assign one variable and so share it."""
        support: torch.distributions.constraints.Constraint = self.laws[0].support
        return support

    def sample(self, sample_shape: Shape = _NO_SHAPE) -> Tensor:
        """A draw of the selected law in each element."""
        return self._select([law.expand(self.batch_shape).sample(torch.Size(sample_shape)) for law in self.laws])

    def log_prob(self, value: Tensor) -> Tensor:
        """The log density of the selected law in each element."""
        return self._select([law.expand(self.batch_shape).log_prob(value) for law in self.laws])

    def _select(self, each: list[Tensor]) -> Tensor:
        answer = each[0]
        for place, value in enumerate(each[1:], start=1):
            answer = torch.where(self.index == place, value, answer)
        return answer
