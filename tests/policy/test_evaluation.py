"""Evaluation against exact answers, with dependence taken seriously, on seeds that training cannot have had."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from policy.configuration import Configuration
from policy.evaluating import evaluate_folder, setting_of
from policy.evaluation import Setting, evaluate
from policy.evaluation_report import EvaluationReport, words
from policy.evaluation_table import as_text
from policy.fans import fans_of, shown, write_picture
from policy.seeds import Stream, root_of, seed_of
from policy.task import Outcome, Rule
from policy.training import train
from policy.version import TRAINER
from policy.world_task import WorldTask
from worldmodel.build import build_world
from worldmodel.canonical import digest_bytes
from worldmodel.errors import RefusedError
from worldmodel.readings.objective import discounted
from worldmodel.world import World

Components = Mapping[str, dict[str, Any]]
SETTING = Setting(draws=300, batch=3, seed=11, parameter_seed=12)


def quiet(label: str) -> None: ...


def half_of_first(observation: torch.Tensor) -> torch.Tensor:
    return 0.5 * observation[..., -1:]


@pytest.fixture(scope="module")
def report(components: Components) -> EvaluationReport:
    rules: dict[str, Rule | str] = {"policy": half_of_first, "twin": half_of_first, "nothing0": "nothing0"}
    return evaluate(WorldTask(build_world(components)), {}, rules, SETTING, quiet)


def test_equal_rules_differ_by_exactly_nothing(report: EvaluationReport) -> None:
    assert report.rules["policy"] == report.rules["twin"]
    against = dict(report.differences["policy"])
    twin = against.pop("twin")
    assert against == report.differences["twin"]
    assert {(entry.mean, *entry.interval, entry.better_share) for entry in twin.values()} == {(0, 0, 0, 0)}


def test_the_paired_difference_is_the_difference_of_means(report: EvaluationReport) -> None:
    means = {name: reading.stakeholders["everyone"].mean.value for name, reading in report.rules.items()}
    difference = report.differences["policy"]["nothing0"]["everyone"]
    assert difference.mean == pytest.approx(means["policy"] - means["nothing0"])
    assert difference.interval.lower <= difference.mean <= difference.interval.upper


def test_the_exact_bound_counts_one_trajectory_of_each_draw(report: EvaluationReport) -> None:
    floor = report.rules["nothing0"].floors["high_enough"]
    assert floor.trials == SETTING.draws
    assert floor.bounds.lower <= floor.events / floor.trials <= floor.bounds.upper
    assert floor.allowed == pytest.approx(0.2)


def test_intervals_hold_the_exact_return_of_doing_nothing(components: Components, report: EvaluationReport) -> None:
    task = WorldTask(build_world(components))
    with torch.no_grad():
        exact = float(task.run("nothing0", task.parameters(1, 20_000), 2, 1).utilities.sum(-1).mean())
    interval = report.rules["nothing0"].stakeholders["everyone"].mean.interval
    assert interval.lower - 0.3 <= exact <= interval.upper + 0.3


def test_trajectories_of_one_draw_do_not_count_as_independent(components: Components, report: EvaluationReport) -> None:
    task = WorldTask(build_world(components))
    with torch.no_grad():
        parameters = task.parameters(SETTING.parameter_seed, SETTING.draws)
        utilities = task.run("nothing0", parameters, SETTING.seed, SETTING.batch).utilities[0]
    returns = discounted(utilities, task.objective.discount).mean(-1)
    standard_error = float(returns.std(correction=1)) / SETTING.draws**0.5
    reading = report.rules["nothing0"].stakeholders["everyone"].mean
    assert reading.value == pytest.approx(float(returns.mean()))
    assert reading.interval.upper - reading.interval.lower == pytest.approx(2 * 1.96 * standard_error)


def test_words_and_tables_say_what_the_numbers_say(report: EvaluationReport) -> None:
    told, table = "\n".join(words(report)), as_text(report)
    for name in report.rules:
        assert f"{name} broke high_enough" in told
        assert name in table
    assert "300 fresh parameter draws × 3 trajectories of 8 steps" in told
    assert all(len(line) <= 118 for line in table.splitlines())


def test_evaluation_never_uses_a_seed_of_training(bundle: bytes) -> None:
    digest = digest_bytes(bundle)
    root = root_of(digest, Configuration(), TRAINER)
    used = {
        seed_of(root, stream, label, kind, place)
        for stream in (Stream.TRAINING, Stream.VALIDATION, Stream.SCALING)
        for label in ("noise", "choice", "parameters")
        for kind in ("affine", "mlp")
        for place in range(200)
    }
    fresh = {
        value
        for seed in range(100)
        for value in (setting_of(digest, 1, 1, seed).seed, setting_of(digest, 1, 1, seed).parameter_seed)
    }
    assert len(fresh) == 200
    assert not fresh & used
    assert {value >> 50 for value in fresh} == {int(Stream.EVALUATION)}


def test_rivals_are_taken_one_by_one(us_macro: Components) -> None:
    task = WorldTask(build_world(us_macro))
    setting = Setting(draws=30, batch=1, seed=1, parameter_seed=2)
    found = evaluate(task, task.variants(), {"taylor_rule": "taylor_rule"}, setting, quiet)
    one, two = found.rivals.values()
    assert one["taylor_rule"] != two["taylor_rule"]
    assert "highest sum of mean returns" in "\n".join(words(found))
    assert "Returns if one rival" in as_text(found)


def test_a_folder_is_evaluated_drawn_and_refused_where_changed(
    bundle: bytes, us_macro: Components, seal: Callable[[Components], bytes], quick: Configuration, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    train(bundle, folder, quick, fingerprint=None, level="L0", progress=lambda _: None)
    columns: dict[str, Any] = {}

    def look(world: World, name: str, outcome: Outcome) -> None:
        columns[name] = fans_of(outcome, shown(world))

    found = evaluate_folder(bundle, folder, draws=20, batch=2, seed=0, progress=quiet, look=look)
    assert list(found.report.rules) == ["policy", "affine", "nothing0"] == list(columns)
    assert EvaluationReport.model_validate_json(found.report.model_dump_json()) == found.report
    picture = write_picture(found.world, columns, tmp_path / "pictures")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in picture.parent.iterdir()] == ["fans.png"]
    with pytest.raises(RefusedError, match="other-bundle"):
        evaluate_folder(seal(us_macro), folder, draws=20, batch=2, seed=0, progress=quiet)
    data = bytearray((folder / "affine.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "affine.safetensors").write_bytes(data)
    with pytest.raises(RefusedError, match="policy-changed"):
        evaluate_folder(bundle, folder, draws=20, batch=2, seed=0, progress=quiet)
