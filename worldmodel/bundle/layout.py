"""The bundle's layout, frozen as format 1: what is in the file, and its one spelling.

It holds the approved components, every version of roster and rules, and the signed log of every merged request. Free
text, evidence and data are not in it: the signed operations bind them by digest, and the digests are all that is
carried.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from worldmodel.canonical import canonical_json
from worldmodel.governance.operations import Digest, Number
from worldmodel.governance.shape import Strict, parse_canonical, validate
from worldmodel.governance.statement import Envelope

KIND = "glassworld-bundle"


class Governance(Strict):
    """Every version of the roster and of the rules, oldest first."""

    rosters: Annotated[list[dict[str, Any]], Field(min_length=1)]
    rules: Annotated[list[dict[str, Any]], Field(min_length=1)]


class SealedRequest(Strict):
    """One merged request: the complete log of its signed envelopes."""

    number: Number
    log: Annotated[list[Envelope], Field(min_length=2)]


class LearnedNumber(Strict):
    """One learned number: where it is, how it was learned, at which precision, and the bits that it carries."""

    component: str
    parameter: str
    method: str
    mean: float
    sd: float
    scale: str
    grid: float
    bits: float


class Bits(Strict):
    """How much learned information passed through review, number by number and in all."""

    numbers: list[LearnedNumber]
    total: float


class BundleFile(Strict):
    """The whole file."""

    format: Literal[1]
    kind: Literal["glassworld-bundle"]
    fingerprint: Digest
    components: dict[str, dict[str, Any]]
    governance: Governance
    requests: list[SealedRequest]
    bits: Bits


def load_bundle(data: bytes) -> BundleFile:
    """The layout of a bundle, not yet verified; raises InputError for a single byte out of place."""
    return validate(BundleFile, parse_canonical(data, "bundle"), "bundle")


def dump_bundle(
    fingerprint: str,
    components: Mapping[str, Any],
    governance: Mapping[str, Any],
    requests: Sequence[Mapping[str, Any]],
    bits: Mapping[str, Any],
) -> bytes:
    """The bytes of a bundle."""
    return canonical_json(
        {
            "format": 1,
            "kind": KIND,
            "fingerprint": fingerprint,
            "components": dict(components),
            "governance": dict(governance),
            "requests": [dict(request) for request in requests],
            "bits": dict(bits),
        }
    )
