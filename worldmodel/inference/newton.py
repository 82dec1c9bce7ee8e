"""Newton's method to the mode of a log density, from several starts at once.

Where the Hessian is not negative definite its eigenvalues are turned to their absolute values (with a floor),
so that every step goes uphill; a step is halved until the density rises enough (Armijo), and never longer than
`LONGEST`.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.density import LogDensity, curvature, evaluate

LONGEST = 5.0
HALVINGS = 20
SAME_MODE = 0.1


@dataclass(frozen=True)
class Mode:
    """The highest point found. `precision` is minus the Hessian; `rivals` counts other maxima within five nats.

    `ends` holds where each start came to rest, as far as that is within twenty nats of the highest.
    """

    point: Float[Tensor, " dimension"]
    log_density: float
    precision: Float[Tensor, "dimension dimension"]
    converged: bool
    rivals: int
    ends: Float[Tensor, "ends dimension"]

    @property
    def is_peak(self) -> bool:
        """Whether the density falls in every direction, so that a Gaussian there makes sense."""
        return self.converged and bool((torch.linalg.eigvalsh(self.precision) > 1e-8).all())


def find_mode(log_density: LogDensity, starts: Float[Tensor, "starts dimension"], *, limit: int = 100) -> Mode:
    """Climbs from every start together; stops when each one's Newton decrement is below 1e-8 or after `limit` steps."""
    points = starts.detach().clone()
    done = torch.zeros(len(points), dtype=torch.bool)
    for _ in range(limit):
        value, gradient, hessian = curvature(log_density, points)
        step = _uphill(gradient, hessian)
        slope = (gradient * step).sum(dim=1)
        done = (slope.abs() < 1e-8) & torch.isfinite(value)
        if bool(done.all()):
            break
        points = _search(log_density, points, step, value, slope)
    value, _, hessian = curvature(log_density, points)
    best = int(torch.argmax(torch.where(done, value, value - 1e6)))
    rivals = _count_rivals(points, value, done, best)
    ends = points[value >= value[best] - 20]
    return Mode(points[best], float(value[best]), -hessian[best], bool(done[best]), rivals, ends)


def _uphill(gradient: Tensor, hessian: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(hessian)
    size = values.abs()
    size = torch.maximum(size, torch.clamp(1e-6 * size.amax(dim=1, keepdim=True), min=1e-8))
    step: Tensor = (vectors @ ((vectors.transpose(1, 2) @ gradient.unsqueeze(-1)) / size.unsqueeze(-1))).squeeze(-1)
    length = step.norm(dim=1, keepdim=True)
    return step * torch.clamp(LONGEST / torch.clamp(length, min=1e-300), max=1.0)


def _search(log_density: LogDensity, points: Tensor, step: Tensor, value: Tensor, slope: Tensor) -> Tensor:
    size = torch.ones(len(points), dtype=points.dtype)
    moved = torch.zeros(len(points), dtype=torch.bool)
    for _ in range(HALVINGS):
        trial = evaluate(log_density, points + size.unsqueeze(1) * step)
        moved = trial >= value + 1e-4 * size * slope
        if bool(moved.all()):
            break
        size = torch.where(moved, size, 0.5 * size)
    return torch.where(moved.unsqueeze(1), points + size.unsqueeze(1) * step, points)


def _count_rivals(points: Tensor, value: Tensor, done: Tensor, best: int) -> int:
    kept: list[Tensor] = [points[best]]
    for index in torch.argsort(value, descending=True).tolist():
        near = value[best] - value[index] < 5
        if bool(done[index] & near) and all(float((points[index] - other).norm()) > SAME_MODE for other in kept):
            kept.append(points[index])
    return len(kept) - 1
