"""The parent of a training run.

Verifies the bundle, has a confined child train on it, and writes what came back with a statement.

It never trains itself, and it knows of the world only what the verified bundle says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from policy import statement as statements
from policy.configuration import Configuration
from policy.confinement.parent import ConfinedResult, run_confined
from policy.confinement.report import ConfinementReport
from policy.outputs import require_free, write_folder
from policy.request import make_request
from policy.seeds import root_of
from policy.sources import source_digests
from policy.training_log import LOG, TrainingLog, parse_log
from policy.version import TRAINER
from worldmodel.bundle.verify import Bundle, verify_bundle
from worldmodel.canonical import digest_bytes
from worldmodel.errors import Problem, RefusedError

BUNDLE = "bundle.json"
VERSIONED = ("jaxtyping", "numpy", "onnx", "pydantic", "safetensors", "torch")
_EXPECTED_BYTES = 4 << 20

Level = Literal["L3", "L0"]
Progress = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class TrainingRun:
    """What a training run gave: every file by name, the statement among them."""

    statement: statements.TrainingStatement
    log: TrainingLog
    files: Mapping[str, bytes]


def train(
    bundle: bytes, out: Path, configuration: Configuration, *, fingerprint: str | None, level: Level, progress: Progress
) -> TrainingRun:
    """Trains, and writes the folder `out` whole or not at all."""
    verified = verify_bundle(bundle, fingerprint)
    require_trainable(verified)
    require_free(out, _EXPECTED_BYTES + len(bundle))
    run = run_training(bundle, verified, configuration, level, progress)
    write_folder(out, run.files)
    return run


def run_training(
    bundle: bytes, verified: Bundle, configuration: Configuration, level: Level, progress: Progress
) -> TrainingRun:
    """Trains in a confined child and states what happened; writes nothing."""
    answer = run_confined(
        "policy.train_child:main", make_request(bundle, configuration), on_progress=progress, level=level
    )
    files = dict(answer.result) | {BUNDLE: bundle}
    log = parse_log(files[LOG])
    statement = _statement(bundle, verified, configuration, files, log, answer)
    return TrainingRun(statement, log, files | {statements.STATEMENT: statements.dump_statement(statement)})


def require_trainable(bundle: Bundle) -> None:
    """Refuses a bundle that was merged past its reviewers anywhere, or that has no approved objective."""
    problems = []
    if bundle.bypasses:
        problems.append(
            Problem(
                code="bundle-has-bypass",
                where="bundle",
                found=f"{len(bundle.bypasses)} change(s) that were merged by a bypass",
                wanted="only changes that were approved by the rules",
                mend="have the bypassed changes reviewed and approved, release again, and train on that bundle",
            )
        )
    if bundle.world().objective is None:
        problems.append(
            Problem(
                code="no-objective",
                where="objective.toml",
                found="no objective in the bundle",
                wanted="an approved objective: horizon, discount, aggregation, risk, floors",
                mend="propose objective.toml and have it approved like everything else",
            )
        )
    if problems:
        raise RefusedError(problems)


def _statement(
    bundle: bytes,
    verified: Bundle,
    configuration: Configuration,
    files: Mapping[str, bytes],
    log: TrainingLog,
    answer: ConfinedResult,
) -> statements.TrainingStatement:
    root = root_of(digest_bytes(bundle), configuration, TRAINER)
    return statements.TrainingStatement(
        subject=tuple(statements.Subject(name=name, digest=_digest(data)) for name, data in sorted(files.items())),
        predicate=statements.Predicate(
            parameters=statements.Parameters(
                bundle=_digest(bundle), fingerprint=verified.fingerprint, configuration=configuration
            ),
            seed=statements.Seed(root=root),
            software=software(answer.report),
            confinement=answer.report,
            result=_result(log),
        ),
    )


def software(report: ConfinementReport) -> statements.Software:
    """The code that the child ran and the versions of the packages that decide its arithmetic."""
    sources = {name: statements.Digest(sha256=value) for name, value in source_digests(report.modules).items()}
    versions = {name: version(name) for name in VERSIONED} | {"python": report.python, "torch": report.torch}
    return statements.Software(trainer=TRAINER, sources=sources, versions=versions)


def _result(log: TrainingLog) -> statements.Result:
    kept = {kind: entry.checkpoints[entry.kept] for kind, entry in log.trained.items()}
    return statements.Result(
        unstable_share=log.unstable_share,
        floors_out_of_reach=log.floors_out_of_reach,
        objective={kind: checkpoint.objective for kind, checkpoint in kept.items()},
        floors_kept={kind: checkpoint.floors_kept for kind, checkpoint in kept.items()},
        alive={kind: checkpoint.alive for kind, checkpoint in kept.items()},
    )


def _digest(data: bytes) -> statements.Digest:
    return statements.Digest(sha256=digest_bytes(data).removeprefix("sha256:"))
