"""How the made-up reviewers answer: by running the proposed world with and without the push, as anyone can.

Reads a question as `glassworld mr answer --json` prints it. Real reviewers are asked what they expect; made-up ones
expect nothing, so they look.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from worldmodel.questions.graph import descendants
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

DRAWS = 1000
NOTICED = 0.02
"""The share of a variable's spread below which a movement is none."""


def answer_to(question: Mapping[str, Any], after: World, before: World) -> str:
    """The answer as the command reads it: the words of an option, or numbers with commas between."""
    push = Intervention(**question["push"])
    steps, target = list(question["steps"]), question["outcomes"][0]
    match question["kind"]:
        case "unmoved":
            reached = {push.variable, *descendants(after, push.variable)}
            return str(next(name for name in question["options"] if name not in reached))
        case "direction":
            moved, spread = _response(after, push, target, steps)
            return _choice(question["options"], float(moved[0]) / spread)
        case "change":
            (now, _), (was, spread) = (_response(world, push, target, steps) for world in (after, before))
            return _choice(question["options"], float(now[0] - was[0]) / spread)
        case _:
            moved, _ = _response(after, push, target, steps)
            return ",".join(f"{value:.6g}" for value in moved.tolist())


def _choice(options: list[str], share: float) -> str:
    """The options are: up, down, not noticeably."""
    if abs(share) < NOTICED:
        return options[2]
    return options[0] if share > 0 else options[1]


def _response(world: World, push: Intervention, target: str, steps: list[int]) -> tuple[Tensor, float]:
    """The mean movement of a variable at some steps, and its spread without the push."""
    horizon = max(*steps, 20)
    with torch.no_grad():
        runs = [simulate(world, None, horizon, DRAWS, interventions=done, keep=(target,)) for done in ((), (push,))]
    values = [run.values[target][:, 0] for run in runs]
    alive = runs[0].alive[:, 0] & runs[1].alive[:, 0]
    moved = torch.stack([(values[1] - values[0])[alive[:, step - 1], step - 1].mean() for step in steps])
    return moved, float(values[0][:, -1].std(correction=0)) or 1.0
