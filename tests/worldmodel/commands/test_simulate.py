"""`simulate` as a person and as a machine would call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from worldmodel.commands.simulate import simulate_command


@pytest.fixture
def run(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> Callable[..., Result]:
    for path, content in tank().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(simulate_command, ["--world", str(tmp_path), "--draws", "500", *arguments])

    return invoke


def test_people_get_quantiles_of_every_variable(run: Callable[..., Result]) -> None:
    result = run("--do", "valve=1", "--horizon", "10")
    assert result.exit_code == 0
    assert "m**3/minute" in result.stdout
    assert "50%" in result.stdout
    assert "500 trajectories" in result.stdout
    assert "left a variable's support" in result.stdout
    assert "Drawn from priors, since nothing was fitted to data: inflow, level." in result.stdout


def test_machines_get_the_same_numbers_and_the_same_seed_gives_the_same(run: Callable[..., Result]) -> None:
    arguments = ("--do", "valve=1@1..2", "--do", "valve=0@3..", "--horizon", "5", "--json")
    first, again, other = run(*arguments), run(*arguments), run(*arguments, "--seed", "1")
    answer = json.loads(first.stdout)
    assert first.stdout == again.stdout != other.stdout
    assert answer["quantiles"]["valve"]["values"][2] == [1, 1, 1, 0, 0, 0]
    assert answer["quantiles"]["level"]["unit"] == "m**3"
    assert len(answer["quantiles"]["level"]["values"]) == 5
    assert 0 < answer["failed"] < 1


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_is_drawn_whole_and_the_same_each_time(
    ending: str, run: Callable[..., Result], tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    for file in files:
        assert run("--do", "valve=1", "--horizon", "3", "--plot", str(file)).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(files[0].read_bytes()) > 5000
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--do", "valve"), "malformed-intervention"),
        (("--do", "tap=1"), "unknown-name"),
        (("--do", "valve=-1"), "intervention-outside-support"),
        (("--rule", "level"), "unknown-rule"),
        ((), "no-rule"),
        (("--do", "valve=1", "--do", "level=1@60"), "horizon-too-short"),
        (("--do", "valve=1", "--plot", "fans.jpg"), "unknown-picture-format"),
        (("--do", "valve=1", "--draws", "1000000", "--horizon", "10000"), "too-large"),
    ],
)
def test_bad_requests_have_exit_code_2_and_say_what_to_do(
    arguments: tuple[str, ...], code: str, run: Callable[..., Result]
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(code)
