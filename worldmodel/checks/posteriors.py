"""Posterior files agree with the mechanism they speak of: same law, same parameters, a correlation that is one."""

from collections.abc import Iterator

import numpy as np

from worldmodel.checks.draft import Draft
from worldmodel.components.posterior import PosteriorFile, Scale
from worldmodel.errors import Problem
from worldmodel.language.ir import Law
from worldmodel.language.signatures import FAMILIES
from worldmodel.world import Mechanism


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
            yield from _against(path, posterior, draft.mechanisms[name], draft.digests[f"mechanisms/{name}.toml"])
        yield from _matrix(path, posterior)


def _problem(path: str, part: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="bad-posterior", where=path, part=part, found=found, wanted=wanted, mend=mend)


def _against(path: str, posterior: PosteriorFile, mechanism: Mechanism, digest: str) -> Iterator[Problem]:
    refit = "run `glassworld propose` to fit it again"
    if posterior.mechanism_digest != digest:
        yield _problem(path, "mechanism_digest", "another version of the mechanism", digest, refit)
    if set(posterior.parameters) != set(mechanism.priors) or sorted(posterior.order) != sorted(mechanism.priors):
        found = ", ".join(sorted(posterior.parameters)) or "none"
        yield _problem(path, "parameters", found, f"exactly {', '.join(sorted(mechanism.priors)) or 'none'}", refit)
        return
    for name, entry in posterior.parameters.items():
        wanted = scale_of(mechanism.priors[name])
        if entry.scale != wanted:
            yield _problem(
                path, f"parameters.{name}.scale", entry.scale, f"{wanted}, which follows from the prior", refit
            )


def _matrix(path: str, posterior: PosteriorFile) -> Iterator[Problem]:
    size = len(posterior.order)
    rows = posterior.correlation
    if len(rows) != size or any(len(row) != size for row in rows):
        yield _problem(
            path, "correlation", f"{len(rows)} rows", f"a {size} by {size} matrix", "give one row a parameter"
        )
        return
    matrix = np.array(rows, dtype=float)
    proper = (
        np.array_equal(matrix, matrix.T) and np.all(np.diag(matrix) == 1.0) and np.linalg.eigvalsh(matrix)[0] > 1e-9
    )
    if not proper:
        yield _problem(
            path,
            "correlation",
            "not a correlation matrix",
            "symmetric, 1 on the diagonal, positive definite",
            "fit again",
        )
