"""What runs inside the confined process: bundle bytes in, policy bytes out, and nothing else in either direction.

Everything is imported at the top, since no file can be read once the request has come. The bundle is the only thing
that the child ever hears of the world; no module that reads data or does inference is loaded.
"""

from collections.abc import Callable, Mapping
from typing import Any

from policy.algorithms import pathwise
from policy.bundle_world import world_of
from policy.configuration import Configuration
from policy.interpret import affine_laws
from policy.network import Kind, Policy
from policy.onnx_export import to_onnx
from policy.preparation import Preparation, prepare
from policy.request import make_request, parse_request
from policy.seeds import Stream, root_of, seed_of
from policy.selection import Reading, floors_out_of_reach
from policy.task import Task
from policy.training_log import LOG, Checkpoint, RuleReading, TrainedEntry, TrainingLog
from policy.version import TRAINER
from policy.warm_world import warm_bundle
from policy.weights import dump_policy
from policy.world_task import WorldTask
from worldmodel.canonical import canonical_json, digest_bytes

ALGORITHMS = {"pathwise": pathwise.train}

Emit = Callable[[dict[str, object]], None]


_TOY = Configuration(
    iterations=1, affine_iterations=1, draws=4, batch=2, pool=8, checkpoints=1, validation_draws=4, hidden=(2,)
)


def warm_up() -> None:
    """Trains once on a toy, before the paths are closed."""

    def ignore(frame: dict[str, object]) -> None: ...

    main(make_request(warm_bundle(), _TOY), ignore)


def main(request: bytes, emit: Emit) -> Mapping[str, bytes]:
    """Trains from the request, which holds a configuration and a bundle, and answers with the bytes of every file."""
    configuration, bundle = parse_request(request)
    root = root_of(digest_bytes(bundle), configuration, TRAINER)
    return train_on(WorldTask(world_of(bundle)), configuration, root, emit)


def train_on(task: Task, configuration: Configuration, root: str, emit: Emit) -> Mapping[str, bytes]:
    """Prepares, trains the affine rule and then the network that was asked for, and packs what came out."""
    emit({"phase": "preparation"})
    ground = prepare(task, configuration, root)
    train = ALGORITHMS[configuration.algorithm]
    kinds: tuple[Kind, ...] = ("affine",) if configuration.network == "affine" else ("affine", configuration.network)
    trained = {kind: train(task, kind, ground, configuration, root, emit) for kind in kinds}
    references = _read_references(task, ground, configuration, root)
    files = _policy_files("policy", trained[kinds[-1]].policy, task)
    if len(kinds) > 1:
        files |= _policy_files("affine", trained["affine"].policy, task)
    log = _log(task, ground, trained, references, configuration)
    return files | {LOG: canonical_json(log.model_dump(mode="json"))}


def _policy_files(stem: str, policy: Policy, task: Task) -> dict[str, bytes]:
    return {
        f"{stem}.safetensors": dump_policy(policy),
        f"{stem}.onnx": to_onnx(policy, task.observations, task.actions),
    }


def _read_references(task: Task, ground: Preparation, configuration: Configuration, root: str) -> dict[str, Reading]:
    drawn = task.parameters(seed_of(root, Stream.VALIDATION, "parameters"), configuration.validation_draws)
    return {name: pathwise.read(task, name, drawn, ground, configuration, root) for name in task.references}


def _log(
    task: Task,
    ground: Preparation,
    trained: Mapping[Kind, pathwise.Trained],
    references: Mapping[str, Reading],
    configuration: Configuration,
) -> TrainingLog:
    everyone = [*(reading for entry in trained.values() for reading in entry.readings), *references.values()]
    return TrainingLog(
        observations=task.observations,
        actions=task.actions,
        stakeholders=task.stakeholders,
        floors={floor.name: floor.share for floor in task.requirements},
        floors_out_of_reach=floors_out_of_reach(everyone, task.requirements),
        unstable_share=ground.unstable_share,
        return_scale=ground.return_scale,
        disagreement=dict(zip(task.stakeholders, ground.disagreement.tolist(), strict=True)),
        policy=configuration.network,
        affine_laws=affine_laws(trained["affine"].policy, task.observations, task.actions),
        trained={kind: _entry(entry, task) for kind, entry in trained.items()},
        references={name: RuleReading(**_reading(reading, task)) for name, reading in references.items()},
    )


def _entry(entry: pathwise.Trained, task: Task) -> TrainedEntry:
    checkpoints = (
        Checkpoint(iteration=step, **_reading(reading, task))
        for step, reading in zip(entry.steps, entry.readings, strict=True)
    )
    return TrainedEntry(kept=entry.kept, multipliers=entry.multipliers, checkpoints=tuple(checkpoints))


def _reading(reading: Reading, task: Task) -> dict[str, Any]:
    floors = {floor.name: kept for floor, kept in zip(task.requirements, reading.kept, strict=True)}
    return {"objective": reading.objective, "floors_kept": floors, "alive": reading.alive}
