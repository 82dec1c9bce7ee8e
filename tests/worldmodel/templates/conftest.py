"""Templates as folders with their data, and the shortest training that goes through every part of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy.algorithms.pathwise import Trained, train
from policy.configuration import Configuration
from policy.preparation import prepare
from policy.world_task import WorldTask
from worldmodel.templates import template_files, write_data
from worldmodel.world import World


@pytest.fixture(scope="session")
def template_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes a template and its data into a folder, once in a session."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = root = tmp_path_factory.mktemp(name)
            for path, content in template_files(name).items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            write_data(name, root)
        return made[name]

    return folder


@pytest.fixture(scope="session")
def short_training() -> Callable[..., Trained]:
    """Trains an affine policy for a few iterations, and answers with what came of it."""

    def run(world: World, iterations: int = 4, **settings: object) -> Trained:
        small = {"draws": 8, "batch": 4, "pool": 16, "validation_draws": 32, "checkpoints": 2}
        configuration = Configuration.model_validate({**small, "affine_iterations": iterations, **settings})
        task = WorldTask(world)
        ground = prepare(task, configuration, "0" * 64)
        return train(task, "affine", ground, configuration, "0" * 64, lambda _frame: None)

    return run
