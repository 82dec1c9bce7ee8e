"""How much a variable's mean moves with one of the values that its mechanism reads, at every state of trajectories.

Read from the law's mean, so that laws of counts have derivatives too. A whole-numbered input moves by one, in place of
a derivative; an input of more than two named values has no order, and no answer (NaN).
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.grounding.ground import ground
from worldmodel.questions.graph import Edge
from worldmodel.readings.log_density import constants
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_mean
from worldmodel.simulation.rules import rules_of
from worldmodel.simulation.simulate import Trajectories
from worldmodel.simulation.support import Within
from worldmodel.world import Mechanism, World

Series = Float[Tensor, "draws batch time"]
VariableReader = Callable[[str, int], Tensor]


class Derivatives:
    """The derivatives of one world along trajectories; each edge is computed once.

    `rules` are those that chose the actions; an action without one follows its default.
    """

    def __init__(self, world: World, trajectories: Trajectories, rules: Sequence[str] = ()) -> None:
        self._world = ground(world)
        self._run = trajectories
        self._rules = rules_of(self._world, rules, frozenset(self._world.actions))
        self._known: dict[Edge, Series] = {}

    def of(self, edge: Edge) -> Series:
        """∂ mean(target[t]) / ∂ source[t − lag] at each step t; where rivals differ, by the one that holds."""
        if edge not in self._known:
            self._known[edge] = self._edge(edge)
        return self._known[edge]

    def _edge(self, edge: Edge) -> Series:
        names = self._mechanisms(edge.target)
        total = torch.zeros(self._run.alive.shape, dtype=torch.float64)
        for place, name in enumerate(names):
            own = self._mechanism(self._world.mechanisms[name], edge)
            held = self._run.rivals.get(edge.target)
            here = torch.ones_like(total, dtype=torch.bool) if held is None else (held == place).unsqueeze(-1)
            total = torch.where(here, own, total)
        return total

    def _mechanisms(self, target: str) -> list[str]:
        if target in self._world.actions:
            return [self._rules[target]] if target in self._rules else []
        return list(self._world.weights_of(target))

    def _mechanism(self, mechanism: Mechanism, edge: Edge) -> Series:
        support = self._world.variables[edge.source].file.support
        within = Within.of(support)
        x = past(self._run, edge.source, edge.lag)
        if support.kind == "finite" and len(support.values) > 2:
            return torch.full_like(self._run.alive, torch.nan, dtype=torch.float64)
        if within.whole:
            # One more; at the upper end, one less, with the sign turned.
            step = torch.where(x + 1 > within.upper, -torch.ones_like(x), torch.ones_like(x))
            return (self._mean(mechanism, edge, x + step) - self._mean(mechanism, edge, x)) * step
        return self._gradient(mechanism, edge, x)

    def _gradient(self, mechanism: Mechanism, edge: Edge, x: Series) -> Series:
        with torch.enable_grad():
            leaf = x.detach().clone().requires_grad_()
            mean = self._mean(mechanism, edge, leaf)
            if not mean.requires_grad:
                return torch.zeros_like(x)
            # Each state's mean depends on that state's input alone, so the gradient of the sum has every derivative.
            mean.sum().backward()
        return torch.zeros_like(x) if leaf.grad is None else leaf.grad

    def _mean(self, mechanism: Mechanism, edge: Edge, x: Series) -> Series:
        def variable(name: str, lag: int) -> Tensor:
            return x if (name, lag) == (edge.source, edge.lag) else past(self._run, name, lag)

        mean = law_mean(mechanism.law, environment_along(mechanism, self._run, variable))
        return mean.expand(self._run.alive.shape)


def past(run: Trajectories, name: str, lag: int) -> Series:
    """A variable's values `lag` steps before each step."""
    series = run.values[name].detach()
    if not lag:
        return series
    earlier = torch.stack(run.before[name][:lag][::-1], dim=-1).detach()
    return torch.cat([earlier, series], dim=-1)[..., : series.shape[-1]]


def environment_along(mechanism: Mechanism, run: Trajectories, variable: VariableReader) -> Environment:
    """What a mechanism's names mean at every step of trajectories at once."""
    named: Mapping[str, Tensor] = constants(mechanism)

    def parameter(name: str) -> Tensor:
        own = named.get(name)
        return run.parameters[f"{mechanism.owner}.{name}"].detach().unsqueeze(-1) if own is None else own

    steps = torch.arange(1, run.horizon + 1, dtype=torch.float64)
    return Environment(parameter, variable, lambda name: run.before[name][0].unsqueeze(-1), lambda: steps)
