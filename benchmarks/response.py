"""What a trained policy reacts to: each observation alone is moved over the range that it takes in simulations.

`python -m benchmarks.response DEMO` reads a demo's bundle and policy and prints, for each observation, the action at
the low and the high end of its 5 to 95 percent range, with everything else as it is before step 1.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor

from policy.network import Policy
from policy.weights import load_policy
from worldmodel.bundle.verify import verify_bundle
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

HORIZON, DRAWS, SEED = 40, 500, 20261123


def ranges(world: World, run: Trajectories) -> dict[str, Tensor]:
    """The 5 and 95 percent quantiles of each observation over all steps and trajectories."""
    levels = torch.tensor([0.05, 0.95], dtype=torch.float64)
    return {name: torch.quantile(run.values[name].flatten(), levels) for name in world.observations}


def responses(world: World, policy: Policy, run: Trajectories) -> dict[str, tuple[Tensor, Tensor]]:
    """For each observation its range, and the action at both ends of it."""
    start = torch.stack([run.before[name][0].flatten()[0] for name in world.observations])
    found = {}
    for place, (name, ends) in enumerate(ranges(world, run).items()):
        seen = start.repeat(1, 2, 1)
        seen[0, :, place] = ends
        with torch.no_grad():
            found[name] = (ends, policy(seen).flatten())
    return found


def main(folder: Path) -> None:
    """Prints one row for each observation."""
    world = verify_bundle((folder / "bundle.json").read_bytes()).world()
    policy = load_policy((folder / "policy" / "policy.safetensors").read_bytes(), "policy.safetensors")
    run = simulate(world, policy, HORIZON, DRAWS, 1, SEED)
    for name, (ends, actions) in responses(world, policy, run).items():
        print(f"{name:20} {ends[0]:10.2f} to {ends[1]:10.2f}: action {actions[0]:6.2f} to {actions[1]:6.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
