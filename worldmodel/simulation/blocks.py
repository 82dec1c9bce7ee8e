"""A long run in blocks of draws: the same bits as one run, with progress between blocks and no more memory in them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import torch

from worldmodel.simulation.backend import AnySimulator
from worldmodel.simulation.draws import Source
from worldmodel.simulation.intervention import Edit
from worldmodel.simulation.rules import Rule
from worldmodel.simulation.simulate import Trajectories, simulate

BLOCK = 8192


@dataclass(frozen=True)
class Asked:
    """What is to be simulated: which world, for how long, with how many draws."""

    simulator: AnySimulator
    horizon: int
    draws: int
    seed: int = 0
    source: Source = "posterior"
    rule: Rule = None
    interventions: Sequence[Edit] = ()
    keep: Collection[str] | None = None


def run_in_blocks(asked: Asked, tick: Callable[[int], None] | None = None, block: int = BLOCK) -> Trajectories:
    """Every draw, one block after the other; `tick` hears how many draws a block had."""
    blocks = []
    for first in range(0, asked.draws, block):
        count = min(block, asked.draws - first)
        blocks.append(
            simulate(
                asked.simulator, asked.rule, asked.horizon, count, seed=asked.seed, source=asked.source,
                interventions=asked.interventions, first=first, keep=asked.keep,
            )
        )  # fmt: skip
        if tick is not None:
            tick(count)
    return joined(blocks)


def joined(blocks: Sequence[Trajectories]) -> Trajectories:
    """Blocks of draws as one."""
    first = blocks[0]
    return Trajectories(
        {name: torch.cat([block.values[name] for block in blocks]) for name in first.values},
        torch.cat([block.alive for block in blocks]),
        {
            name: tuple(torch.cat(parts) for parts in zip(*(block.before[name] for block in blocks), strict=True))
            for name in first.before
        },
        {name: torch.cat([block.rivals[name] for block in blocks]) for name in first.rivals},
        {name: torch.cat([block.parameters[name] for block in blocks]) for name in first.parameters},
    )
