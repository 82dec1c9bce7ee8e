"""Which mechanisms have no density in their parameters, so that nothing can be learned about these by inference."""

from collections.abc import Iterable, Iterator

from worldmodel.errors import Problem
from worldmodel.language.signatures import FAMILIES
from worldmodel.world import Mechanism


def without_density(mechanisms: Iterable[Mechanism]) -> Iterator[Problem]:
    """A problem for each law without a distribution that has parameters, and for each prior without a density."""
    for mechanism in mechanisms:
        where = f"mechanisms/{mechanism.file.id}.toml"
        if mechanism.law.family == "Delta":
            yield Problem(
                code="law-without-density",
                where=where,
                part="law",
                found="parameters in a law without a distribution, under which data are either certain or impossible",
                wanted="a distribution around the expression, or constants instead of parameters",
                mend="write for example Normal(…, noise), or turn the parameters into constants",
            )
        for name, prior in sorted(mechanism.priors.items()):
            if FAMILIES[prior.family].discrete or prior.family == "Delta":
                yield Problem(
                    code="prior-without-density",
                    where=where,
                    part=f"parameters.{name}.prior",
                    found=f"{prior.family}, which has no density",
                    wanted="a continuous prior",
                    mend="turn the parameter into a constant, or give it a continuous prior",
                )
