"""Scenario files: what each column and cell means, and every fault at once."""

import pytest

from tests.worldmodel.surface_worlds import EPIDEMIC, world_from
from worldmodel.errors import InputError
from worldmodel.exchange.scenarios import read_scenarios
from worldmodel.simulation.intervention import Intervention

WORLD = world_from(EPIDEMIC)


def test_rows_are_steps_and_empty_cells_leave_the_law() -> None:
    found = read_scenarios(b"weather,total\nwet,\n,3\ndry,4.5\n", WORLD, "s.csv")
    assert found == {
        "": (
            Intervention("weather", 1.0, 1, 1),
            Intervention("total", 3.0, 2, 2),
            Intervention("weather", 0.0, 3, 3),
            Intervention("total", 4.5, 3, 3),
        )
    }


def test_scenarios_have_names_and_steps_of_their_own() -> None:
    content = b"scenario,step,infected[north]\nlow,1,2\nhigh,1,50\nlow,7,3\n"
    found = read_scenarios(content, WORLD, "s.csv")
    assert found["low"] == (Intervention("infected[north]", 2.0, 1, 1), Intervention("infected[north]", 3.0, 7, 7))
    assert found["high"] == (Intervention("infected[north]", 50.0, 1, 1),)


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"wether\nwet\n", ["bad-scenario"]),
        (b"weather,total\nwett,x\n", ["bad-scenario", "bad-scenario"]),
        (b"step,total\nzero,1\n-1,2\n", ["bad-scenario", "bad-scenario"]),
        (b"total\n1,2\n", ["bad-scenario"]),
        (b"total\n", ["bad-scenario"]),
        (b"\xff\xfe", ["bad-scenario"]),
        (b"total\ninf\n", ["bad-scenario"]),
        (b"infected[north]\n-3\n", ["intervention-outside-support"]),
    ],
)
def test_every_fault_is_told(content: bytes, codes: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_scenarios(content, WORLD, "s.csv")
    assert [problem.code for problem in caught.value.problems] == codes
