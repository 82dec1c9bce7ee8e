"""What a proposal states about itself and anyone with the files can compute: its hunks and its size.

Whoever opens a request computes it; whoever reads one computes it again and refuses a difference, since marks and the
gate rely on it. How many questions it owes takes two built worlds (`reviewer.required`), and is held against the files
where a request is judged, not each time that the history is read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from worldmodel.errors import Problem
from worldmodel.files import parse_toml
from worldmodel.governance.hunks import Hunk, hunks_of
from worldmodel.governance.operations import Open, Patchset
from worldmodel.governance.size import reading_bits

Files = Mapping[str, bytes]
Changes = Mapping[str, bytes | None]


def hunks_between(before: Files, changes: Changes) -> tuple[Hunk, ...]:
    """All hunks of a change, in the order of paths and keys."""
    return tuple(
        hunk
        for path in sorted(changes)
        for hunk in hunks_of(path, _parsed(path, before.get(path)), _parsed(path, changes[path]))
    )


def computed(before: Files, changes: Changes, questions: int = 0) -> dict[str, Any]:
    """The fields of a proposal that follow from its files; `questions` is how many each reviewer is to answer."""
    hunks = hunks_between(before, changes)
    return {
        "hunks": _by_path(hunks),
        "bits": reading_bits(hunks),
        "questions": questions,
    }


def misstated(before: Files, changes: Changes, proposed: Open | Patchset, binding: bool) -> list[Problem]:
    """What a proposal states about itself and is not so; one that is not bound to may have left it all out."""
    if not binding and not proposed.hunks:
        return []
    hunks = hunks_between(before, changes)
    true: dict[str, Any] = {"hunks": _by_path(hunks), "bits": reading_bits(hunks)}
    stated: dict[str, Any] = {"hunks": proposed.hunks, "bits": proposed.bits}
    return [
        Problem(
            code="misstated-proposal",
            where=f"merge request {proposed.request}",
            part=name,
            found=f"{stated[name]}" if name != "hunks" else "hunks that are not those of its files",
            wanted=f"{true[name]}, computed from the files" if name != "hunks" else "the hunks that its files have",
            mend="upload a new patchset with `glassworld mr update`; the program that made this one is wrong",
        )
        for name in stated
        if stated[name] != true[name]
    ]


def _by_path(hunks: Iterable[Hunk]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for hunk in hunks:
        found.setdefault(hunk.path, {})[hunk.key] = hunk.digest
    return found


def _parsed(path: str, data: bytes | None) -> dict[str, Any] | None:
    return None if data is None else parse_toml(path, data)
