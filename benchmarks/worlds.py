"""What the benchmarks of the templates share: a template's world in a folder, rules' values, and a file of results."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from policy.task import Parameters, Rule
from policy.world_task import WorldTask
from worldmodel.build import load_world
from worldmodel.readings.objective import discounted
from worldmodel.templates import template_files, write_data
from worldmodel.world import World

RESULTS = Path(__file__).parent / "results"


@contextmanager
def template(name: str) -> Iterator[tuple[Path, World]]:
    """A template's folder with its data, for a while, and the world in it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for path, content in template_files(name).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        write_data(name, folder)
        yield folder, load_world(folder)


def constant_rule(level: float) -> Rule:
    """The rule that always sets the one action to this."""
    return lambda seen: torch.full((*seen.shape[:2], 1), level, dtype=torch.float64)


def value_of(task: WorldTask, rule: Rule | str, parameters: Parameters, seed: int = 7) -> dict[str, float]:
    """Discounted utility a step and the share that keeps each floor, by name."""
    with torch.no_grad():
        outcome = task.run(rule, parameters, seed, 1)
        weight = float(discounted(torch.ones(task.objective.horizon, dtype=torch.float64), task.objective.discount))
        rows = (discounted(outcome.utilities, task.objective.discount).mean(dim=(1, 2)) / weight).tolist()
    kept = outcome.kept.double().mean(dim=(1, 2)).tolist()
    own = {name: round(row, 4) for name, row in zip(task.stakeholders, rows, strict=True)}
    floors = {name: round(share, 4) for name, share in zip(task.objective.floors, kept, strict=True)}
    return {"all": round(sum(rows), 4), **own, **floors, "alive": round(float(outcome.alive.double().mean()), 4)}


def quantiles(values: torch.Tensor, digits: int = 3) -> list[float]:
    """The 5, 50 and 95 percent quantiles."""
    wanted = torch.tensor([0.05, 0.5, 0.95], dtype=values.dtype)
    return [round(value, digits) for value in torch.quantile(values, wanted).tolist()]


def write_results(name: str, answers: Mapping[str, object] | Sequence[object]) -> None:
    """Prints the answers and writes them down."""
    text = json.dumps(answers, indent=1, ensure_ascii=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
