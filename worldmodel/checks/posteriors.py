"""Posterior files agree with the mechanism they speak of: same law, same parameters, a correlation that is one.

And no number in them is finer than the assistant writes it: low digits that no reader minds could carry the data.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from operator import mul

from pydantic import BaseModel

from worldmodel.checks.draft import Draft
from worldmodel.components.posterior import PosteriorFile, Scale
from worldmodel.errors import Problem
from worldmodel.grounding.names import element_name, surface
from worldmodel.language.ir import Law
from worldmodel.language.signatures import FAMILIES
from worldmodel.scope import Scope
from worldmodel.world import Mechanism

CORRELATION_STEP = Fraction(1, 20)


def scale_of(prior: Law) -> Scale:
    """The unconstrained scale that a prior's support asks for; an interval is first scaled to (0, 1)."""
    match FAMILIES[prior.family].support:
        case "positive" | "nonnegative":
            return "log"
        case "unit" | "interval":
            return "logit"
        case _:
            return "identity"


def check_posteriors(draft: Draft) -> Iterator[Problem]:
    """Posteriors of no mechanism, of another version of it, or that are no distribution."""
    for name, posterior in draft.posteriors.items():
        path = f"posteriors/{name}.toml"
        if name not in draft.named("mechanisms"):
            yield _problem(path, "id", f"no mechanism “{name}”", "the id of a mechanism", "remove the file")
        elif name in draft.mechanisms:
            yield from _against(
                path, posterior, draft.mechanisms[name], draft.digests[f"mechanisms/{name}.toml"], draft.scope
            )
        yield from _matrix(path, posterior)
        yield from _precision(path, posterior)


def _problem(path: str, part: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="bad-posterior", where=path, part=part, found=found, wanted=wanted, mend=mend)


def _against(path: str, posterior: PosteriorFile, mechanism: Mechanism, digest: str, scope: Scope) -> Iterator[Problem]:
    refit = "run `glassworld propose` to fit it again"
    if posterior.mechanism_digest != digest:
        yield _problem(path, "mechanism_digest", "another version of the mechanism", digest, refit)
    names = list(_parameters(mechanism, scope))
    if set(posterior.parameters) != set(names) or sorted(posterior.order) != sorted(names):
        found = ", ".join(sorted(posterior.parameters)) or "none"
        yield _problem(path, "parameters", found, f"exactly {', '.join(sorted(names)) or 'none'}", refit)
        return
    for name, entry in posterior.parameters.items():
        wanted = scale_of(mechanism.priors[surface(name)])
        if entry.scale != wanted:
            yield _problem(
                path, f"parameters.{name}.scale", entry.scale, f"{wanted}, which follows from the prior", refit
            )


def _parameters(mechanism: Mechanism, scope: Scope) -> Iterator[str]:
    """Each parameter, once for each element of what it is over."""
    for name, entry in mechanism.file.parameters.items():
        sets = (scope.indices.get(axis, ()) for axis in entry.over)
        yield from (element_name(name, chosen) for chosen in product(*sets))


def _matrix(path: str, posterior: PosteriorFile) -> Iterator[Problem]:
    size = len(posterior.order)
    rows = posterior.correlation
    if len(rows) != size or any(len(row) != size for row in rows):
        yield _problem(
            path, "correlation", f"{len(rows)} rows", f"a {size} by {size} matrix", "give one row a parameter"
        )
        return
    symmetric = all(row[:place] == tuple(other[place] for other in rows[:place]) for place, row in enumerate(rows))
    unit_diagonal = all(row[place] == 1.0 for place, row in enumerate(rows))
    if not (symmetric and unit_diagonal and positive_definite(rows)):
        yield _problem(
            path,
            "correlation",
            "not a correlation matrix",
            "symmetric, 1 on the diagonal, positive definite",
            "fit again",
        )


def positive_definite(rows: Sequence[Sequence[float]]) -> bool:
    """Whether every eigenvalue of a symmetric matrix is above 1e-9: Cholesky's pivots of what is above are positive."""
    lower: list[list[float]] = []
    for place, row in enumerate(rows):
        found: list[float] = []
        for column, other in enumerate(lower):
            found.append((row[column] - sum(map(mul, found, other))) / other[column])
        pivot = row[place] - 1e-9 - sum(map(mul, found, found))
        if not pivot > 0:
            return False
        lower.append([*found, pivot**0.5])
    return True


def _precision(path: str, posterior: PosteriorFile) -> Iterator[Problem]:
    for name, entry in posterior.parameters.items():
        where, sd = f"parameters.{name}", _exact(entry.sd)
        if len(sd.normalize().as_tuple().digits) > 2 or _exact(entry.grid) * 2 != sd:
            yield _too_fine(path, f"{where}.grid", entry.grid, "half of an sd of two significant digits")
        elif Fraction(_exact(entry.mean)) % Fraction(_exact(entry.grid)):
            yield _too_fine(path, f"{where}.mean", entry.mean, f"a multiple of its grid, {entry.grid}")
        if _decimals(entry.bits) > 2:
            yield _too_fine(path, f"{where}.bits", entry.bits, "at most 2 decimals")
    different = {value for row in posterior.correlation for value in row}
    if any(Fraction(_exact(value)) % CORRELATION_STEP for value in different):
        yield _too_fine(path, "correlation", "other numbers", f"multiples of {float(CORRELATION_STEP)}")
    for part, value, most in _remarks(posterior):
        if _decimals(value) > most:
            yield _too_fine(path, part, value, f"at most {most} decimals")


def _remarks(posterior: PosteriorFile) -> Iterator[tuple[str, float, int]]:
    """The numbers beside the parameters, each with the decimals that it may have."""
    yield "log_evidence", posterior.log_evidence, 2
    sections: tuple[tuple[str, BaseModel | None, int], ...] = (
        ("diagnostics", posterior.diagnostics, 4),
        ("scores", posterior.scores, 3),
    )
    for section, found, most in sections:
        for name, value in (found.model_dump() if found is not None else {}).items():
            if value is not None:
                yield f"{section}.{name}", value, most
    for name, value in posterior.checks.items():
        yield f"checks.{name}", value, 2


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _decimals(value: float) -> int:
    return max(0, -int(_exact(value).normalize().as_tuple().exponent))


def _too_fine(path: str, part: str, found: object, wanted: str) -> Problem:
    return _problem(
        path, part, f"{found}", wanted, "round it as `glassworld propose` does; finer digits are not reviewed"
    )
