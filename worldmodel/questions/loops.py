"""Feedback loops: ways in which a variable acts back on itself, with their total lag, and what they do.

Whether a loop reinforces or balances is the sign of the product of its derivatives, which may differ from state to
state: `loop_signs` computes it over simulated trajectories, each derivative at the step at which it acts.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import networkx as nx
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.questions.derivatives import Derivatives
from worldmodel.questions.graph import Edge, summary_graph
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import World


@dataclass(frozen=True, order=True)
class Loop:
    """A loop as its edges, each target the next one's source; it starts with the first variable by name."""

    edges: tuple[Edge, ...]

    @property
    def lag(self) -> int:
        """How many steps once around takes."""
        return sum(edge.lag for edge in self.edges)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables on the way."""
        return tuple(edge.source for edge in self.edges)


@dataclass(frozen=True)
class Loops:
    """The loops that were found, short ones first; `complete` unless there are more than were asked for."""

    loops: tuple[Loop, ...]
    complete: bool
    longest: int | None


@dataclass(frozen=True)
class Signs:
    """Shares of states in which a loop reinforces, balances, does nothing, or has no derivative to tell by.

    They add up to 1; `states` is how many were looked at.
    """

    reinforcing: float
    balancing: float
    without_effect: float
    undecided: float
    states: int


def feedback_loops(world: World, longest: int | None = None, most: int = 1000) -> Loops:
    """The elementary loops of the summary graph through at most `longest` variables, one for each choice of lags."""
    graph = summary_graph(world)
    cycles = nx.simple_cycles(graph, length_bound=longest)
    every = (loop for cycle in cycles for loop in _with_lags(graph, cycle))
    found = list(itertools.islice(every, most + 1))
    loops = sorted(found[:most], key=lambda loop: (len(loop.edges), loop.lag, loop))
    return Loops(tuple(loops), len(found) <= most, longest)


def _with_lags(graph: "nx.DiGraph[str]", cycle: Sequence[str]) -> Iterator[Loop]:
    first = cycle.index(min(cycle))
    around = [*cycle[first:], *cycle[:first]]
    pairs = list(zip(around, [*around[1:], around[0]], strict=True))
    for lags in itertools.product(*(graph.edges[pair]["lags"] for pair in pairs)):
        yield Loop(tuple(Edge(source, lag, target) for (source, target), lag in zip(pairs, lags, strict=True)))


def loop_signs(
    world: World, loops: Sequence[Loop], trajectories: Trajectories, rules: Sequence[str] = ()
) -> tuple[Signs, ...]:
    """How often each loop reinforces and balances along trajectories (which must hold every variable).

    `rules` are those that chose the actions; where they read nothing of a loop, it has no effect.
    """
    derivatives = Derivatives(world, trajectories, rules)
    return tuple(_signs(loop, derivatives, trajectories) for loop in loops)


def _signs(loop: Loop, derivatives: Derivatives, trajectories: Trajectories) -> Signs:
    gain = _gain(loop, derivatives)
    alive = trajectories.alive[..., loop.lag :]
    values = gain[..., : alive.shape[-1]][alive]
    states = max(1, values.numel())
    known = ~torch.isnan(values)
    up, down, none = ((known & mask).sum().item() / states for mask in (values > 0, values < 0, values == 0))
    return Signs(up, down, none, (~known).sum().item() / states if values.numel() else 1.0, values.numel())


def _gain(loop: Loop, derivatives: Derivatives) -> Float[Tensor, "draws batch time"]:
    """The sign of the product around the loop that starts at each step; signs never overflow."""
    product: Tensor | None = None
    passed = 0
    for edge in loop.edges:
        passed += edge.lag
        derivative = derivatives.of(edge)
        # `torch.sign` makes 0 of NaN, and what cannot be told is not without effect.
        sign = torch.where(torch.isnan(derivative), derivative, torch.sign(derivative))[..., passed:]
        length = sign.shape[-1] if product is None else min(product.shape[-1], sign.shape[-1])
        product = sign[..., :length] if product is None else product[..., :length] * sign[..., :length]
    assert product is not None, "a loop has an edge at least"
    return product
