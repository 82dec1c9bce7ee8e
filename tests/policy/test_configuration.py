"""Settings of a training run: what is unknown or absurd is refused before anything starts, all of it at once."""

import pytest

from policy.configuration import MOST_TRAJECTORIES, parse_configuration
from worldmodel.errors import InputError


def test_the_largest_number_of_trajectories_is_allowed() -> None:
    settings = {"draws": 1000, "batch": MOST_TRAJECTORIES // 1000}
    assert parse_configuration(settings, "test").batch == 1000


@pytest.mark.parametrize(
    "settings",
    [
        {"draws": 100_000, "batch": 100_000},
        {"validation_draws": 2000, "validation_batch": 501},
        {"algorithm": "other"},
        {"seed": 1},
        {"learning_rate": float("nan")},
        {"draws": True},
        [],
    ],
)
def test_what_is_unknown_or_absurd_is_refused(settings: object) -> None:
    with pytest.raises(InputError, match="training-configuration: test"):
        parse_configuration(settings, "test")


def test_every_problem_comes_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_configuration({"algorithm": "other", "draws": 0, "hidden": []}, "test")
    assert {problem.part for problem in caught.value.problems} == {"algorithm", "draws", "hidden"}
