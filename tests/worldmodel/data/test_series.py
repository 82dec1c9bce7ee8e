"""A world's data: held against its variables, and split where it says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from worldmodel.build import load_world
from worldmodel.data.series import read_series
from worldmodel.errors import InputError
from worldmodel.templates import template_files, write_data
from worldmodel.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in template_files("us-macro").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    write_data("us-macro", tmp_path)
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Callable[[str, str, str], World]:
    """Replaces a text in one of the world's files, and loads the world again."""

    def replace(file: str, old: str, new: str) -> World:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return load_world(folder)

    return replace


def codes(world: World, folder: Path) -> set[str]:
    with pytest.raises(InputError) as caught:
        read_series(world, folder)
    return {problem.code for problem in caught.value.problems}


def test_the_last_rows_are_held_out(folder: Path) -> None:
    series = read_series(load_world(folder), folder)
    assert series.times[series.split] == "1999Q4"
    assert len(series.times) - series.split == 40
    for name, column in series.values.items():
        assert np.array_equal(np.concatenate([series.fit[name], series.held_out[name]]), column)


def test_only_observed_variables_need_a_column(folder: Path, edit: Callable[[str, str, str], World]) -> None:
    hidden = edit("variables/slack.toml", 'role = "state"', 'role = "state"\nobserved = false')
    edit("data/macro.csv", ",slack,", ",unknown,")
    assert "slack" not in read_series(hidden, folder).values
    seen = edit("variables/slack.toml", "observed = false", "observed = true")
    assert codes(seen, folder) == {"data-missing-column"}


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("data/macro.csv", "1985Q1,", "1985Q5,", "data-bad-time"),
        ("data/macro.csv", "1985Q1,", "1984Q4,", "data-duplicate-time"),
        ("data/macro.csv", "\n1985Q1,", "\n1884Q1,", "data-time-order"),
        ("data/macro.csv", "quarter,", "when,", "data-missing-column"),
        ("world.toml", "holdout = 40", "holdout = 400", "data-too-short"),
        ("world.toml", "data/macro.csv", "../macro.csv", "data-outside-world"),
        ("world.toml", "data/macro.csv", "/etc/passwd", "data-outside-world"),
        ("world.toml", "data/macro.csv", "data/other.csv", "data-no-file"),
        ("world.toml", 'step = "quarter"', 'step = "month"', "data-wrong-step"),
        ("variables/rate.toml", "upper = 20", "upper = 12", "data-outside-support"),
    ],
)
def test_data_that_do_not_fit_the_world(
    folder: Path, edit: Callable[[str, str, str], World], file: str, old: str, new: str, code: str
) -> None:
    assert code in codes(edit(file, old, new), folder)


def test_a_world_without_data_says_so(folder: Path) -> None:
    text = (folder / "world.toml").read_text(encoding="utf-8")
    start, end = text.index("[data]"), text.index("[rivals.unemployment]")
    (folder / "world.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert codes(load_world(folder), folder) == {"data-no-source"}


def test_a_link_out_of_the_world_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "macro.csv"
    (folder / "data/macro.csv").rename(outside)
    (folder / "data/macro.csv").symlink_to(outside)
    assert codes(load_world(folder), folder) == {"data-outside-world"}


def test_every_value_outside_its_support_is_named(folder: Path, edit: Callable[[str, str, str], World]) -> None:
    world = edit("variables/rate.toml", "upper = 20", "upper = 15")
    with pytest.raises(InputError) as caught:
        read_series(world, folder)
    assert [problem.part for problem in caught.value.problems] == ["row 90, column rate"]
