"""The best action before and after: whether the change would have anyone do something else.

The same short list of rules and held actions is rated in both worlds, on the same parameter numbers and noise.
"""

from collections.abc import Iterator

from torch import Tensor

from reviewer.behaviour.actions import Option, Rated, best, options, rate
from reviewer.behaviour.worth import Setting, disagreement_of, objective_of
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.scale import difference_text, setting_of, steps_told
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, missing
from worldmodel.world import World

SHOWN = 12


def action_blocks(subject: Subject) -> Iterator[Block]:
    """What is best in each world, what it is worth, and what keeping the old choice would cost in the new one."""
    worlds = both_worlds(subject)
    if worlds is None:
        yield from missing(subject)
        return
    old, new = worlds
    if not (old.actions and new.actions):
        yield Sentence("There is nothing to choose: one of the worlds has no action.")
        return
    objective_of(old), objective_of(new)
    setting = setting_of(subject, worlds)
    listed = tuple(dict.fromkeys((*options(old, setting), *options(new, setting))))
    base = disagreement_of(old, setting)
    before, after = (tuple(rate(world, option, setting, base) for option in listed) for world in worlds)
    yield from _told(new, best(before), best(after), setting, base)
    yield _table(listed, before, after, f"{setting.draws} parameter draws, {steps_told(setting, new)}")


def _told(new: World, was: Rated | None, now: Rated | None, setting: Setting, base: Tensor) -> Iterator[Block]:
    if was is None or now is None or was.worth is None or now.worth is None:
        yield Sentence("No option could be rated in one of the worlds.", "unsure")
        return
    if was.option == now.option:
        yield Sentence(f"The best of the options below stays: {now.option.name}.")
        return
    kept = rate(new, was.option, setting, base).worth
    cost = "the old choice cannot be made there" if kept is None else f"{now.worth.value - kept.value:.4g}"
    yield Sentence(
        f"The best of the options below changes: {was.option.name} before, {now.option.name} after. "
        f"Keeping the old choice in the new world would cost: {cost}.",
        "unsure",
    )


def _table(listed: tuple[Option, ...], before: tuple[Rated, ...], after: tuple[Rated, ...], how: str) -> Table:
    rows = sorted(zip(listed, before, after, strict=True), key=lambda row: -_number(row[2]))
    shown = tuple((option.name, _shown(was), _shown(now), _change(was, now)) for option, was, now in rows[:SHOWN])
    more = f"; the best {SHOWN} of {len(rows)} options" if len(rows) > SHOWN else ""
    return Table(f"Worth by each world's own objective, {how}{more}", ("option", "before", "after", "change"), shown)


def _number(rated: Rated) -> float:
    return float("-inf") if rated.worth is None else rated.worth.value


def _shown(rated: Rated) -> str:
    return "cannot be run" if rated.worth is None else f"{rated.worth.value:.5g}"


def _change(was: Rated, now: Rated) -> str:
    if was.worth is None or now.worth is None:
        return ""
    return difference_text(now.worth.value - was.worth.value, now.worth.value)
