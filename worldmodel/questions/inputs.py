"""What an outcome can depend on: parameters and chance, each a set of noise sites.

A run is a function of the numbers at its sites. Those are independent, so that exchanging the numbers of some sites for
others is all that an analysis of variance needs. Parameters of one posterior are correlated: they are one input
together for Sobol indices, and apart for Shapley effects, which draw some of them given the others.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.questions.outcome import Outcome
from worldmodel.simulation.draws import Source, draw_parameters
from worldmodel.simulation.intervention import Edit
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.rules import Rule
from worldmodel.simulation.simulate import simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

Chance = Literal["together", "apart"]
NoiseEdit = Callable[[str, int, Tensor], Tensor]


@dataclass(frozen=True)
class Input:
    """An input by name and its noise sites."""

    name: str
    sites: frozenset[str]


@dataclass(frozen=True)
class Question:
    """An outcome as a function of noise; `run` evaluates it for all draws at once, and `on_run` hears of it."""

    simulator: Simulator
    outcome: Outcome
    draws: int
    seed: int
    source: Source
    rule: Rule
    interventions: Sequence[Edit]
    on_run: Callable[[], None] | None = None

    def run(self, edit: NoiseEdit | None) -> Float[Tensor, " draws"]:
        """The outcome of each draw, with the noise as `edit` makes it."""
        with torch.no_grad():
            trajectories = simulate(
                self.simulator,
                self.rule,
                self.outcome.step,
                self.draws,
                source=self.source,
                interventions=self.interventions,
                keep=self.outcome.reads,
                noise=Noise(self.seed, edit=edit),
            )
        values = self.outcome.values(trajectories).flatten()
        if not bool(torch.isfinite(values).all()):
            raise InputError(_not_finite(self.outcome))
        if self.on_run is not None:
            self.on_run()
        return values

    def sites(self) -> list[str]:
        """Every noise site of a run, in the order in which they are first drawn."""
        found: dict[str, None] = {}

        def record(site: str, _step: int, numbers: Tensor) -> Tensor:
            found[site] = None
            return numbers

        replace(self, draws=1).run(record)
        return list(found)

    def second(self) -> Noise:
        """Noise that is independent of the run's own."""
        return Noise(self.seed)


def question(
    world: World,
    outcome: Outcome,
    draws: int,
    *,
    seed: int = 0,
    source: Source = "posterior",
    rule: Rule = None,
    interventions: Sequence[Edit] = (),
    on_run: Callable[[], None] | None = None,
) -> Question:
    """An outcome of a world, ready to be analysed; `on_run` is called after each run, for progress."""
    return Question(Simulator(ground(world)), outcome, draws, seed, source, rule, interventions, on_run)


def inputs_of(asked: Question, chance: Chance, grouped: bool) -> list[Input]:
    """The inputs: parameters (of correlated posteriors together, where `grouped`), then chance, together or by site."""
    world, groups = asked.simulator.world, dict[str, list[str]]()
    for site in asked.sites():
        kind, _, name = site.partition(":")
        if kind == "parameter":
            owner = name.partition(".")[0]
            groups.setdefault(owner if grouped and owner in correlated(world, asked.source) else name, []).append(site)
    for site in asked.sites():
        if not site.startswith("parameter:"):
            groups.setdefault(_chance(site) if chance == "apart" else "chance", []).append(site)
    return [Input(name, frozenset(sites)) for name, sites in groups.items()]


def correlated(world: World, source: Source) -> Collection[str]:
    """The mechanisms whose posteriors have correlations."""
    if source == "prior":
        return ()
    return [
        name
        for name, posterior in world.posteriors.items()
        if not np.array_equal(np.array(posterior.correlation), np.eye(len(posterior.order)))
    ]


def _chance(site: str) -> str:
    kind, _, name = site.partition(":")
    match kind:
        case "mechanism":
            return f"chance in {name}"
        case "rival":
            return f"which rival of {name}"
        case _:
            return f"start of {name.rpartition(':')[0] or name}"


def exchanged(asked: Question, sites: Collection[str]) -> NoiseEdit:
    """Other numbers at these sites, the same each time."""
    other = asked.second()

    def edit(site: str, step: int, numbers: Tensor) -> Tensor:
        return other.uniform(f"second:{site}", step, *numbers.shape) if site in sites else numbers

    return edit


def parameter_noise(asked: Question, edit: NoiseEdit | None) -> dict[str, Tensor]:
    """The numbers at the parameters' sites, after an edit."""
    found: dict[str, Tensor] = {}

    def record(site: str, step: int, numbers: Tensor) -> Tensor:
        found[site] = numbers if edit is None else edit(site, step, numbers)
        return found[site]

    draw_parameters(asked.simulator.world, 0, asked.draws, asked.source, noise=Noise(asked.seed, edit=record))
    return found


def constant_outcome(outcome: Outcome) -> Problem:
    """The problem of an outcome that nothing moves."""
    return Problem(
        code="constant-outcome",
        where="--of",
        found=f"{outcome.text[:200]}, which is the same in every draw",
        wanted="an outcome that varies",
        mend="ask for another outcome or a later step",
    )


def _not_finite(outcome: Outcome) -> Problem:
    return Problem(
        code="outcome-not-finite",
        where="--of",
        found=f"{outcome.text[:200]}, which is infinite or not a number in some draws",
        wanted="a finite outcome",
        mend="limit it, for example with clip(…)",
    )
