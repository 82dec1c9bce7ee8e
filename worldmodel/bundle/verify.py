"""Verifies a bundle offline, from the fingerprint of its first roster and rules alone.

Every merged request is replayed through the gate that guards the repository: signatures, quorum, distinct people, exact
digests. The components must be the ones that the last merge left, and must make a world that passes all checks. Raises
InputError or RefusedError; a bundle that comes back is good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.layout import BundleFile, SealedRequest, load_bundle
from worldmodel.canonical import canonical_json, digest, digest_bytes
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.governance.replay import Standing, genesis, merge
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.statement import Entry, read_entry

if TYPE_CHECKING:
    from worldmodel.world import World


@dataclass(frozen=True)
class Bundle:
    """A verified bundle."""

    digest: str
    fingerprint: str
    components: Mapping[str, Mapping[str, Any]]
    standing: Standing
    bits: Mapping[str, Any]

    def world(self) -> "World":
        """The checked world that the components make; raises InputError if they make none."""
        from worldmodel.build import build_world  # noqa: PLC0415 - units and graphs are heavy, and not all readers need them

        return build_world(self.components)

    @property
    def bypasses(self) -> tuple[str, ...]:
        """A sentence for every requirement that two people bypassed; training refuses a bundle with one."""
        return self.standing.bypasses

    @property
    def made_up(self) -> tuple[str, ...]:
        """The labels of all made-up people of any roster; empty for a real world."""
        return tuple(sorted(self.standing.made_up))


def verify_bundle(data: bytes, fingerprint: str | None = None) -> Bundle:
    """The verified bundle; without a fingerprint, the first roster in the file is taken on trust."""
    file = load_bundle(data)
    first = genesis(file.governance.rosters[0], file.governance.rules[0])
    if first.fingerprint != file.fingerprint or fingerprint not in (None, first.fingerprint):
        raise RefusedError(
            Problem(
                code="other-fingerprint",
                where="bundle",
                found=f"a first roster and rules with fingerprint {first.fingerprint}",
                wanted=fingerprint or file.fingerprint,
                mend="get the bundle, or the fingerprint, from the people whose world it is",
            )
        )
    standing = _replay(file, first)
    _check_components(file, standing)
    bundle = Bundle(digest_bytes(data), first.fingerprint, file.components, standing, file.bits.model_dump())
    world = bundle.world() if file.components else None  # bits are counted in components of a known shape only
    if bundle.bits != learned_bits(file.components):
        raise _tampered("bits", "a count of bits that is not that of the components")
    if world is not None:
        _check_bits(world)
    return bundle


def _replay(file: BundleFile, standing: Standing) -> Standing:
    versions = {digest(value): value for value in (*file.governance.rosters, *file.governance.rules)}
    for request in file.requests:
        entries = _entries(request)
        if entries[0].operation.request != request.number:
            raise _tampered(f"merge request {request.number}", "the log of another request")
        standing = merge(standing, entries, versions)
    return standing


def _entries(request: SealedRequest) -> list[Entry]:
    where = f"merge request {request.number}"
    return [
        read_entry(canonical_json(envelope.model_dump(by_alias=True)), f"{where}, entry {place}")
        for place, envelope in enumerate(request.log, start=1)
    ]


def _check_components(file: BundleFile, standing: Standing) -> None:
    """The components and the last governance files are exactly the approved ones, and no version is idle."""
    governance = file.governance
    found = {path: digest(value) for path, value in file.components.items()}
    found |= {ROSTER_PATH: digest(governance.rosters[-1]), RULES_PATH: digest(governance.rules[-1])}
    for path in sorted(found.keys() | standing.digests.keys()):
        if found.get(path) != standing.digests.get(path):
            raise _tampered(path, "a component that is not the approved one")
    versions = (len(governance.rosters), len(governance.rules))
    if versions != (standing.roster.file.version, standing.rules.file.version):
        raise _tampered("governance", "a version of roster or rules that nobody approved")


def _check_bits(world: "World") -> None:
    """The stated bits must be the ones that priors and grids give; the count needs torch, so only where it is due."""
    if world.posteriors:
        from worldmodel.bundle.recount import recount  # noqa: PLC0415 - torch is heavy

        if problems := recount(world):
            raise InputError(problems)


def _tampered(where: str, found: str) -> InputError:
    return InputError(
        Problem(
            code="tampered-bundle",
            where=where,
            found=found,
            wanted="exactly what the signed merges approve",
            mend="get the bundle again from a source that you trust; do not use this one",
        )
    )
