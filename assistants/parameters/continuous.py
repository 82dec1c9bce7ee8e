"""Which mechanisms have no density, so that inference can learn nothing about their parameters."""

from collections.abc import Iterable, Iterator

from worldmodel.errors import Problem
from worldmodel.world import Mechanism


def without_density(mechanisms: Iterable[Mechanism]) -> Iterator[Problem]:
    """A problem for each law with parameters but without a distribution."""
    for mechanism in mechanisms:
        if mechanism.law.family == "Delta":
            yield Problem(
                code="law-without-density",
                where=f"mechanisms/{mechanism.owner}.toml",
                part="law",
                found="parameters in a law without a distribution, under which data are either certain or impossible",
                wanted="a distribution around the expression, or constants instead of parameters",
                mend="write for example Normal(…, noise), or turn the parameters into constants",
            )
