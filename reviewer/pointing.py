"""Finds the hunk or the entry of a log that somebody points at by the beginning of its digest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.log import Request
from worldmodel.errors import InputError, Problem

SHORT = 12


@dataclass(frozen=True)
class Place:
    """One hunk that a request proposes: its component, its key, its digest."""

    path: str
    key: str
    digest: str

    @property
    def name(self) -> str:
        """What people type to point at it."""
        return short(self.digest)

    def __str__(self) -> str:
        return f"{self.key} of {self.path}"


def short(digest: str) -> str:
    """The beginning of a digest, enough to tell it from others of the same request."""
    return digest.removeprefix("sha256:")[:SHORT]


def places(request: Request) -> tuple[Place, ...]:
    """The hunks of the current patchset, in the order of paths and keys."""
    hunks = request.state.proposed.hunks
    return tuple(Place(path, key, digest) for path in sorted(hunks) for key, digest in sorted(hunks[path].items()))


def find_place(request: Request, text: str) -> Place:
    """The hunk whose digest begins so; raises InputError unless there is exactly one."""
    known = {place.digest: place for place in places(request)}
    return known[_one(text, known, "hunk", f"`glassworld mr hunks {request.state.number}` lists them")]


def find_entry(request: Request, text: str) -> str:
    """The digest of the entry that begins so; raises InputError unless there is exactly one."""
    known = [logged.entry.digest for logged in request.entries]
    return _one(text, known, "entry", f"`glassworld mr show {request.state.number}` shows the log")


def _one(text: str, known: Iterable[str], what: str, where: str) -> str:
    found = list(_beginning(text.removeprefix("sha256:").lower(), known))
    if len(found) == 1:
        return found[0]
    raise InputError(
        Problem(
            code="no-such-part",
            where=f"{what} {text[:80]}",
            found=f"{len(found)} that begin so" if found else f"no {what} that begins so",
            wanted=f"the first {SHORT} letters of the digest of one {what}",
            mend=where,
        )
    )


def _beginning(text: str, known: Iterable[str]) -> Iterator[str]:
    if len(text) >= 4:
        yield from (digest for digest in known if digest.removeprefix("sha256:").startswith(text))
