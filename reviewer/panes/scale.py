"""How much the panes compute that rate whole worlds: fewer draws than fans need, and a bounded number of steps."""

from reviewer.behaviour.worth import Setting
from reviewer.panes.subject import Subject
from worldmodel.grounding.ground import ground
from worldmodel.world import World

DRAWS = 256
ROUNDING = 1e-12


def setting_of(subject: Subject, worlds: tuple[World, ...]) -> Setting:
    """The setting in which the subject's worlds are rated."""
    size = max(len(ground(world).mechanisms) for world in worlds)
    horizon = max(1 if world.objective is None else world.objective.horizon for world in worlds)
    steps = max(1, min(horizon, subject.settings.work // max(size, 1)))
    return Setting(min(DRAWS, subject.settings.draws), steps, subject.seed % 2**31)


def steps_told(setting: Setting, world: World) -> str:
    """Over how many steps, and whether that is fewer than the objective's."""
    if world.static:
        return "without time"
    horizon = setting.steps if world.objective is None else world.objective.horizon
    if setting.steps < horizon:
        return f"{setting.steps} steps only of the objective's {horizon}, to bound the work"
    return f"{horizon} steps"


def difference_text(difference: float, size: float) -> str:
    """A difference of numbers of this size; one that is no more than the rounding of long sums is 0."""
    return "0" if abs(difference) < ROUNDING * max(1.0, abs(size)) else f"{difference:+.4g}"
