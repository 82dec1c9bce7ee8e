"""One of several rival mechanisms by its name, in place of all of them by their weights."""

from collections.abc import Iterable
from dataclasses import replace

from worldmodel.errors import InputError, Problem
from worldmodel.world import World


def choose_rivals(world: World, names: Iterable[str]) -> World:
    """The world in which each named mechanism counts alone for its variable; InputError for all that have no rival."""
    rivals = {variable: dict(weights) for variable, weights in world.header.rivals.items()}
    problems = []
    for name in names:
        variable = world.mechanisms[name].assigns if name in world.mechanisms else None
        if variable is None or variable not in rivals or variable in world.actions:
            problems.append(_no_rival(world, name))
        else:
            rivals[variable] = {rival: float(rival == name) for rival in rivals[variable]}
    if problems:
        raise InputError(problems)
    return replace(world, header=world.header.model_copy(update={"rivals": rivals}))


def _no_rival(world: World, name: str) -> Problem:
    rivals = {variable: own for variable, own in world.header.rivals.items() if variable not in world.actions}
    known = sorted(rival for own in rivals.values() for rival in own)
    return Problem(
        code="unknown-mechanism",
        where="--rival",
        found=f"“{name}”",
        wanted=f"one of {', '.join(known) or 'none: no variable has rival mechanisms'}",
        mend="name a mechanism that has rivals; rules of actions are named with --rule",
    )
