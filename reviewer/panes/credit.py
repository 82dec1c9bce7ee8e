"""Who and what the change of the objective is due to: Shapley values of the components.

The game: a coalition of components is worth what the world's objective is with these changed and the others as before.
Shares add up to the whole change. That components only count together, or spoil each other, is shared out evenly.
"""

import math
from collections.abc import Iterator

from reviewer.behaviour.game import Coalition, shapley_values
from reviewer.behaviour.partial import Partial
from reviewer.behaviour.worth import disagreement_of, objective_of, worth
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.scale import difference_text, setting_of, steps_told
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, missing

EXACT = 5
ORDERS = 8
MOST_GROUPS = 16


def credit_blocks(subject: Subject) -> Iterator[Block]:
    """The change of the objective, shared out among the change's components and named for its proposer."""
    worlds = both_worlds(subject)
    if worlds is None:
        yield from missing(subject)
        return
    old, new = worlds
    objective_of(old), objective_of(new)
    setting, partial = setting_of(subject, worlds), Partial(subject.before, subject.changes)
    if len(partial.groups) > MOST_GROUPS:
        yield Sentence(f"{len(partial.groups)} components are too many to share credit among; split the change.", "bad")
        return
    base = disagreement_of(old, setting)
    unbuilt: set[Coalition] = set()

    def valued(joined: Coalition) -> float:
        world = partial.world(joined)
        if world is None:
            unbuilt.add(joined)
            return worth(old, setting, base).value
        return worth(world, setting, base).value

    shares = shapley_values(list(partial.groups), valued, ORDERS, setting.seed, EXACT)
    total = math.fsum(share.value for share in shares)
    yield Sentence(f"The objective changes by {total:+.4g} when the world's own rules act.")
    yield Table(
        f"Shapley values of the components: {setting.draws} parameter draws, {steps_told(setting, new)}"
        + ("" if len(shares) <= EXACT else f"; {ORDERS} orders drawn"),
        ("component", "proposed by", "share", "standard error"),
        tuple(
            (share.player, _proposer(subject), difference_text(share.value, valued(frozenset())), _error(share.error))
            for share in shares
        ),
    )
    if unbuilt:
        yield Sentence(
            f"{len(unbuilt)} combinations of components cannot be built and count as no change.",
            "unsure",
        )


def _proposer(subject: Subject) -> str:
    return "a person" if subject.provenance is None else str(subject.provenance.get("assistant", "an assistant"))


def _error(error: float) -> str:
    return "exact" if error == 0 else f"{error:.2g}"
