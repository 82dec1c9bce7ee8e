"""The fans of every rule side by side: quantiles of the variables that somebody values, step by step."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from policy.task import Outcome
from worldmodel.plots import fan_figure, picture
from worldmodel.simulation.paths import variables_of
from worldmodel.simulation.quantiles import LEVELS, Fan
from worldmodel.world import World

PICTURE = "fans.png"


def shown(world: World) -> tuple[str, ...]:
    """The variables that utilities or floors read, and the actions: actions last, each in the world's order."""
    texts = [utility.expression for utility in world.utilities.values()]
    floors = () if world.objective is None else world.objective.floors
    read = {name for text in texts for name in variables_of(text)}
    read |= {name for floor in floors for name in variables_of(world.properties[floor].formula)}
    return tuple(sorted(read | set(world.actions), key=lambda name: (name in world.actions, world.order.index(name))))


def fans_of(outcome: Outcome, names: tuple[str, ...]) -> Mapping[str, Fan]:
    """One rule's fans from step 1 on; trajectories that left their support count with their last values."""
    series = {name: outcome.values[name].flatten(end_dim=1).numpy() for name in names}
    return {name: Fan(LEVELS, torch.from_numpy(np.quantile(rows, LEVELS, axis=0))) for name, rows in series.items()}


def write_picture(world: World, columns: Mapping[str, Mapping[str, Fan]], folder: Path) -> Path:
    """Draws the rules' fans into the folder, and answers with the file; an older picture there is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    content = picture(fan_figure(world, columns, shown(world), world.header.name), PICTURE)
    part = folder / f".{PICTURE}.part"
    try:
        part.write_bytes(content)
        part.replace(folder / PICTURE)
    finally:
        part.unlink(missing_ok=True)
    return folder / PICTURE
