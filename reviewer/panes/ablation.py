"""Each component of the change, with and without: what it alone moves in the world's own objective.

Without a component means: the world after the change, with this component as it was before. The two worlds are run on
the same numbers, so that draws are paired.
"""

import math
from collections.abc import Iterator

from reviewer.behaviour.partial import Partial
from reviewer.behaviour.signed_rank import signed_rank
from reviewer.behaviour.worth import Setting, Worth, disagreement_of, objective_of, worth
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.scale import difference_text, setting_of, steps_told
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, missing

MOST_GROUPS = 12
REGION = 0.05
"""Of the standard deviation over parameter draws: what makes no practical difference."""


def ablation_blocks(subject: Subject) -> Iterator[Block]:
    """One row for each component, or group of components that only build together."""
    worlds = both_worlds(subject)
    if worlds is None:
        yield from missing(subject)
        return
    old, new = worlds
    objective_of(old), objective_of(new)
    setting, partial = setting_of(subject, worlds), Partial(subject.before, subject.changes)
    base = disagreement_of(old, setting)
    whole = worth(new, setting, base)
    region = REGION * float(whole.per_draw.std())
    rows = []
    for name in list(partial.groups)[:MOST_GROUPS]:
        world = partial.world([other for other in partial.groups if other != name])
        without = None if world is None else worth(world, setting, base)
        rows.append((name, *_row(whole, without, region, setting)))
    moved = [row[0] for row in rows if row[3] not in ("", "0")]
    said = f"{len(moved)} of {len(rows)} components move the world's own objective when taken out alone"
    yield Sentence(f"{said}{': ' if moved else ''}{', '.join(moved[:6])}{', …' if len(moved) > 6 else ''}.")
    yield Table(
        f"The objective of the world after the change, with each component and without it: {setting.draws} parameter "
        f"draws, {steps_told(setting, new)}; signed-rank test with {region:.3g} ({REGION:.0%} of the standard "
        "deviation over draws) as no practical difference",
        ("component", "with", "without", "difference", "P(worse)", "P(no difference)", "P(better)"),
        tuple(rows),
    )
    if len(partial.groups) > MOST_GROUPS:
        yield Sentence(f"{len(partial.groups) - MOST_GROUPS} more components are not shown.", "unsure")


def _row(whole: Worth, without: Worth | None, region: float, setting: Setting) -> tuple[str, ...]:
    if without is None:
        return (f"{whole.value:.5g}", "cannot be built", "", "", "", "")
    difference = whole.value - without.value
    shown = (f"{whole.value:.5g}", f"{without.value:.5g}", difference_text(difference, whole.value))
    gaps = (whole.per_draw - without.per_draw).tolist()
    if not all(map(math.isfinite, gaps)):
        return (*shown, "", "", "")
    test = signed_rank(gaps, region, draws=1000, seed=setting.seed)
    chances = (test.probability.below, test.probability.inside, test.probability.above)
    return (*shown, *(f"{chance:.3f}" for chance in chances))
