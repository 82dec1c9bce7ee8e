"""From a world's cells to a linear system with Gaussian noise, step by step, for the Kalman filter.

Known values stand in for their cells wherever they are read, so that laws need be affine in what is *unknown* alone,
and a known value whose law reads nothing unknown may have any law. Unknown values of `Bernoulli`, `Categorical` and
such are enumerated: each joint value is one more element of the batch. The state of a step has its unknown real cells,
those that were measured exactly, and earlier ones that later laws read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell, Origin, environment
from worldmodel.conditioning.finite import choose, log_prob_or_impossible
from worldmodel.conditioning.given import Draws
from worldmodel.families.normal import standard_cdf
from worldmodel.inference.kalman import Gaussian, Measurement, Step
from worldmodel.readings.affine import Affine, AffineEnvironment, NotAffineError, chosen, to_affine
from worldmodel.readings.log_density import constant
from worldmodel.simulation.support import Within

Batch = Float[Tensor, " batch"]


@dataclass(frozen=True)
class System:
    """A linear system: steps with measurements, which cells each step's state has, and what else is known.

    `log_weight` has the log density of the known and enumerated values that no filter is needed for.
    """

    steps: tuple[Step, ...]
    cells: tuple[tuple[Cell, ...], ...]
    values: Mapping[Cell, Tensor]
    log_weight: Batch


@dataclass
class _Builder:
    """What is worked out so far; `before` and `here` are the real unknown cells of the last state and of this one."""

    known: Mapping[Cell, float]
    enumerated: Mapping[Cell, Batch]
    parameters: Draws
    log_weight: Batch
    values: dict[Cell, Tensor] = field(default_factory=dict)
    before: tuple[Cell, ...] = ()
    here: dict[Cell, Affine] = field(default_factory=dict)
    width: int = 0
    noises: int = 0


def start() -> Gaussian:
    """The state before anything: it has no values."""
    nothing = torch.zeros(0, dtype=torch.float64)
    return Gaussian(nothing, nothing.reshape(0, 0))


def to_system(
    assignments: Sequence[Assignment],
    known: Mapping[Cell, float],
    enumerated: Mapping[Cell, Batch],
    parameters: Draws,
    batch: int,
) -> System:
    """The linear system; raises NotAffineError with the reason where a law is not affine in what is unknown."""
    builder = _Builder(known, enumerated, parameters, torch.zeros(batch, dtype=torch.float64))
    blocks: dict[int, list[Assignment]] = {}
    for assignment in assignments:
        blocks.setdefault(assignment.cell[1], []).append(assignment)
    steps, cells = [], []
    for time, block in blocks.items():
        later = {cell for other, entries in blocks.items() if other > time for e in entries for cell in e.parents()}
        step = _step(builder, block, later)
        steps.append(step)
        cells.append(builder.before)
    return System(tuple(steps), tuple(cells), builder.values, builder.log_weight)


def _step(builder: _Builder, block: Sequence[Assignment], later: set[Cell]) -> Step:
    """One step of the system; afterwards `builder.before` names the cells of its state."""
    builder.here, builder.noises = {}, 0
    builder.width = len(builder.before) + len(block)
    for assignment in block:
        _take_in(builder, assignment)
    earlier = [cell for cell in builder.before if cell in later and cell not in builder.known]
    rows = {cell: _unit(builder, place) for place, cell in enumerate(builder.before) if cell in earlier}
    rows.update(builder.here)
    split = len(builder.before)
    slopes = _stacked([_slope(row, builder.width) for row in rows.values()], builder.width)
    shift = _stacked([row.constant for row in rows.values()], None)
    measured = tuple(
        Measurement(_one_hot(place, len(rows)), constant(0.0), constant(0.0), constant(builder.known[cell]))
        for place, cell in enumerate(rows)
        if cell in builder.known and cell not in earlier
    )
    builder.before = tuple(rows)
    return Step(slopes[..., :split], shift, slopes[..., split:], measured)


def _take_in(builder: _Builder, assignment: Assignment) -> None:
    """Works out one cell: a value that is known, or an affine function of the last state and of noises."""
    cell = assignment.cell
    if cell in builder.enumerated or cell in builder.known:
        value = builder.enumerated[cell] if cell in builder.enumerated else constant(builder.known[cell])
        try:
            builder.log_weight = builder.log_weight + _density(builder, assignment, value)
        except NotAffineError:
            if cell in builder.enumerated:
                raise
            builder.here[cell] = _drawn(builder, assignment)
        builder.values[cell] = value
        return
    drawn = _drawn(builder, assignment)
    if drawn.slope is None:
        builder.values[cell] = drawn.constant
        inside = assignment.support.contains(drawn.constant)
        builder.log_weight = builder.log_weight + torch.where(inside, 0.0, -torch.inf)
    else:
        if assignment.support.whole:
            raise NotAffineError(f"{_shown(cell)} takes whole numbers and depends on unknown real ones")
        builder.here[cell] = drawn


def _density(builder: _Builder, assignment: Assignment, value: Tensor) -> Tensor:
    """The log density of a known value whose law reads nothing unknown; raises NotAffineError where it does."""

    def read(cell: Cell) -> Tensor:
        if cell not in builder.values:
            raise NotAffineError(f"{_shown(assignment.cell)} depends on {_shown(cell)}, which is not known")
        return builder.values[cell]

    def of(origin: Origin) -> Tensor:
        names = environment(origin, assignment.cell[1], builder.parameters, read)
        return log_prob_or_impossible(origin.law, names, value)

    return choose(assignment, read, of)


def _drawn(builder: _Builder, assignment: Assignment) -> Affine:
    """The cell's value as location plus scale times its noise."""
    parts = [_location_and_scale(builder, assignment, origin) for origin in assignment.origins]
    location, scale = parts[0]
    for place, (other, width) in enumerate(parts[1:], start=1):
        assert assignment.chooser is not None, "several laws come with a chooser"
        here = builder.values[assignment.chooser] == place
        location, scale = chosen(here, other, location), torch.where(here, width, scale)
    if not any(origin.law.family == "Normal" for origin in assignment.origins):
        return location
    noise = _one_hot(len(builder.before) + builder.noises, builder.width) * scale.unsqueeze(-1)
    builder.noises += 1
    return Affine(location.constant, noise if location.slope is None else location.slope + noise)


def _location_and_scale(builder: _Builder, assignment: Assignment, origin: Origin) -> tuple[Affine, Tensor]:
    names = _environment(builder, assignment, origin)
    arguments = [to_affine(argument, names) for argument in origin.law.arguments]
    match origin.law.family:
        case "Delta":
            return arguments[0], constant(0.0)
        case "Normal":
            if arguments[1].slope is not None:
                raise NotAffineError(f"the scale of {_shown(assignment.cell)} depends on an unknown value")
            scale = arguments[1].constant
            good = torch.isfinite(scale) & (scale > 0)
            builder.log_weight = builder.log_weight + torch.where(good, 0.0, -torch.inf)
            return arguments[0], torch.where(good, scale, 1.0)
        case family:
            raise NotAffineError(f"{_shown(assignment.cell)} is unknown and drawn from {family}, not from Normal")


def _environment(builder: _Builder, assignment: Assignment, origin: Origin) -> AffineEnvironment:
    def read(cell: Cell) -> Affine:
        if cell in builder.values:
            return Affine(builder.values[cell])
        if cell in builder.here:
            return builder.here[cell]
        return _unit(builder, builder.before.index(cell))

    plain = environment(origin, assignment.cell[1], builder.parameters, lambda _site: constant(torch.nan))
    step = assignment.cell[1]
    return AffineEnvironment(
        plain.parameter, lambda name, lag: read((name, step - lag)), lambda name: read((name, 0)), plain.time
    )


def _unit(builder: _Builder, place: int) -> Affine:
    return Affine(constant(0.0), _one_hot(place, builder.width))


def _one_hot(place: int, width: int) -> Tensor:
    row = torch.zeros(width, dtype=torch.float64)
    row[place] = 1.0
    return row


def _slope(row: Affine, width: int) -> Tensor:
    return torch.zeros(width, dtype=torch.float64) if row.slope is None else row.slope


def _stacked(rows: Sequence[Tensor], width: int | None) -> Tensor:
    if not rows:
        return torch.zeros((0,) if width is None else (0, width), dtype=torch.float64)
    return torch.stack(torch.broadcast_tensors(*rows), dim=-1 if width is None else -2)


def _shown(cell: Cell) -> str:
    return f"{cell[0]} at step {cell[1]}"


def mass_outside(support: Within, mean: Tensor, variance: Tensor) -> Tensor:
    """The probability that a Gaussian lies outside a support."""
    scale = torch.sqrt(torch.clamp(variance, min=1e-300))
    below: Tensor = standard_cdf((support.lower - mean) / scale)
    above: Tensor = standard_cdf((mean - support.upper) / scale)
    return below + above
