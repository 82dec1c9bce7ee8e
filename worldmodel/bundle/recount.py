"""Counts the bits of learned numbers again, from priors and grids, and compares them with what the posteriors state.

Kept apart because it needs torch, which verifying a world without posteriors does not.
"""

from collections.abc import Iterator

from worldmodel.errors import Problem
from worldmodel.readings.bits import learned_numbers
from worldmodel.world import World

TOLERANCE = 0.02  # stated bits are rounded to a hundredth, and libraries may differ in the last digit


def recount(world: World) -> list[Problem]:
    """A problem for every learned number whose stated bits are not what it says beyond its prior."""
    return list(_misstated(world))


def _misstated(world: World) -> Iterator[Problem]:
    for number in learned_numbers(world):
        mechanism = number["component"].rpartition("/")[2].removesuffix(".toml")
        stated = world.posteriors[mechanism].parameters[number["parameter"]].bits
        if abs(stated - number["bits"]) > TOLERANCE:
            yield Problem(
                code="bits-misstated",
                where=number["component"],
                part=f"parameters.{number['parameter']}.bits",
                found=f"{stated} bits",
                wanted=f"{number['bits']} bits, counted from the prior and the grid",
                mend="let `glassworld propose` write the posterior again",
            )
