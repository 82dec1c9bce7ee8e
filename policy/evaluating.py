"""Evaluates a policy's folder: verifies the bundle, loads the policies, and runs them against the world's own rules."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policy.evaluation import Progress, Setting, evaluate
from policy.evaluation_report import EvaluationReport
from policy.folder import load_folder
from policy.seeds import Stream, seed_of
from policy.task import Outcome, Rule
from policy.training import require_trainable
from policy.world_task import WorldTask
from worldmodel.bundle.verify import verify_bundle
from worldmodel.canonical import canonical_json
from worldmodel.world import World


@dataclass(frozen=True)
class FolderEvaluation:
    """The findings, and the world that they are about."""

    report: EvaluationReport
    world: World


def evaluate_folder(
    bundle: bytes,
    folder: Path,
    *,
    draws: int,
    batch: int,
    seed: int,
    progress: Progress,
    look: Callable[[World, str, Outcome], None] | None = None,
) -> FolderEvaluation:
    """The network, the affine rule and every rule of the bundle on the same fresh trajectories.

    `look` is shown the trajectories of each rule in turn.
    """
    statement, policies = load_folder(folder, bundle)
    verified = verify_bundle(bundle, statement.predicate.parameters.fingerprint)
    require_trainable(verified)
    world = verified.world()
    task = WorldTask(world)
    rules: dict[str, Rule | str] = {**policies, **{name: name for name in task.references}}
    show = None if look is None else lambda name, outcome: look(world, name, outcome)
    setting = setting_of(verified.digest, draws, batch, seed)
    return FolderEvaluation(evaluate(task, task.variants(), rules, setting, progress, show), world)


def setting_of(bundle_digest: str, draws: int, batch: int, seed: int) -> Setting:
    """The trajectories that `seed` stands for: a stream of its own, which training cannot have used."""
    root = hashlib.sha256(canonical_json([bundle_digest, "evaluation", seed])).hexdigest()
    return Setting(
        draws,
        batch,
        seed=seed_of(root, Stream.EVALUATION, "noise"),
        parameter_seed=seed_of(root, Stream.EVALUATION, "parameters"),
    )
