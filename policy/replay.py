"""Runs a training statement again and compares byte by byte: the proof that nothing but the bundle went into a policy.

A replay that agrees settles the matter on this machine, whatever the statement says of confinement. One that does not
says which file and which byte differ, and what about the machine or the code is not what it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy.folder import read_file, require_bundle
from policy.statement import STATEMENT, Software, TrainingStatement, load_statement
from policy.training import BUNDLE, Progress, TrainingRun, require_trainable, run_training
from worldmodel.bundle.verify import verify_bundle
from worldmodel.canonical import digest_bytes
from worldmodel.files import read_document


@dataclass(frozen=True)
class Comparison:
    """How one file of the folder compares with what the replay gave."""

    name: str
    same: bool
    detail: str


@dataclass(frozen=True)
class ReplayResult:
    """What a replay found; `agrees` is the verdict."""

    agrees: bool
    files: tuple[Comparison, ...]
    circumstances: tuple[str, ...]
    level_then: str
    level_now: str

    def to_json(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {
            "agrees": self.agrees,
            "files": [vars(entry) for entry in self.files],
            "circumstances": list(self.circumstances),
            "level_then": self.level_then,
            "level_now": self.level_now,
        }


def replay(folder: Path, bundle_file: Path | None, progress: Progress) -> ReplayResult:
    """Trains again from the folder's statement, confined at L3, and compares with the folder's files."""
    statement = load_statement(read_file(folder / STATEMENT), where=str(folder / STATEMENT))
    bundle = read_file(bundle_file or folder / BUNDLE)
    require_bundle(statement, bundle)
    verified = verify_bundle(bundle, statement.predicate.parameters.fingerprint)
    require_trainable(verified)
    run = run_training(bundle, verified, statement.predicate.parameters.configuration, "L3", progress)
    found = {subject.name: _read_or_none(folder / subject.name) for subject in statement.subject}
    comparisons = (*compare(statement, found, run), _compare_claims(statement, run.statement))
    return ReplayResult(
        agrees=all(entry.same for entry in comparisons),
        files=comparisons,
        circumstances=changed_circumstances(statement, run.statement),
        level_then=statement.predicate.confinement.level,
        level_now=run.statement.predicate.confinement.level,
    )


def compare(
    statement: TrainingStatement, found: Mapping[str, bytes | None], run: TrainingRun
) -> tuple[Comparison, ...]:
    """Each file that the statement names or the replay made, against both."""
    names = sorted(found.keys() | {subject.name for subject in run.statement.subject})
    return tuple(_compare(name, statement.digest_of(name), found.get(name), run.files.get(name)) for name in names)


def _compare(name: str, stated: str | None, found: bytes | None, replayed: bytes | None) -> Comparison:
    if found is None:
        return Comparison(name, False, "is not in the folder")
    if replayed is None:
        return Comparison(name, False, "was not made by the replay")
    if found != replayed:
        place = first_difference(found, replayed)
        changed = (
            "" if digest_bytes(found).removeprefix("sha256:") == stated else "; the file is not what the statement says"
        )
        return Comparison(
            name, False, f"differs from byte {place} on, {len(found)} bytes against {len(replayed)}{changed}"
        )
    if stated is None or digest_bytes(found).removeprefix("sha256:") != stated:
        return Comparison(name, False, "is what the replay gives, and not what the statement says")
    return Comparison(name, True, "the same, byte for byte")


def _compare_claims(then: TrainingStatement, now: TrainingStatement) -> Comparison:
    """What the statement claims of seed and results, against what the replay found."""
    same = (then.predicate.seed, then.predicate.result) == (now.predicate.seed, now.predicate.result)
    return Comparison(STATEMENT, same, "claims the same seed and results" if same else "claims another seed or result")


def first_difference(left: bytes, right: bytes) -> int:
    """The place of the first byte that differs, counted from 0.

    The shorter length where one is the beginning of the other.
    """
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))


def changed_circumstances(then: TrainingStatement, now: TrainingStatement) -> tuple[str, ...]:
    """What is not as it was.

    Seed, trainer, versions, processor, source files. Each of these can explain a difference.
    """
    before, after = then.predicate, now.predicate
    pairs: list[tuple[str, object, object]] = [
        ("seed root", before.seed.root, after.seed.root),
        ("trainer", before.software.trainer, after.software.trainer),
        ("cpu capability", before.confinement.cpu_capability, after.confinement.cpu_capability),
        ("machine", before.confinement.machine, after.confinement.machine),
        ("kernel", before.confinement.kernel, after.confinement.kernel),
        *_pairs("environment variable", before.confinement.environment, after.confinement.environment),
        *_pairs("version of", before.software.versions, after.software.versions),
        *_source_pairs(before.software, after.software),
    ]
    return tuple(f"{name}: {old or 'absent'} then, {new or 'absent'} now" for name, old, new in pairs if old != new)


def _pairs(kind: str, then: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, object, object]]:
    return [(f"{kind} {name}", then.get(name), now.get(name)) for name in sorted(then.keys() | now.keys())]


def _source_pairs(then: Software, now: Software) -> list[tuple[str, object, object]]:
    old = {name: entry.sha256[:12] for name, entry in then.sources.items()}
    return _pairs("source file of", old, {name: entry.sha256[:12] for name, entry in now.sources.items()})


def _read_or_none(path: Path) -> bytes | None:
    return read_document(path) if path.is_file() else None
