"""`--do` reads exactly its small grammar and refuses everything else with a reason."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.simulation.intervention import Intervention, check_interventions, parse_intervention
from worldmodel.world import World


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate=4@1..8", Intervention("rate", 4.0, 1, 8)),
        ("rate=-0.25", Intervention("rate", -0.25, 1, None)),
        ("rate = 1e1 @ 3", Intervention("rate", 10.0, 3, 3)),
        ("rate=.5@3..", Intervention("rate", 0.5, 3, None)),
    ],
)
def test_interventions_read_as_they_look(text: str, expected: Intervention) -> None:
    assert parse_intervention(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "rate", "rate=", "rate=4@0", "rate=4@8..1", "rate=nan", "rate=4@1...8", "Rate=4", "x=1;y=2", "x=1" * 99],
)
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(InputError, match="malformed-intervention"):
        parse_intervention(text)


@given(st.text(max_size=40))
def test_no_text_does_worse_than_an_input_error(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_intervention(text).first >= 1


def test_unknown_variables_and_impossible_values_are_told_together(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "1", "n": "Poisson(1)"}, supports={"n": {"kind": "integer", "lower": 0.0}})
    check_interventions(world, [Intervention("x", -3.5), Intervention("n", 2.0)])
    with pytest.raises(InputError) as caught:
        check_interventions(world, [Intervention("q", 1.0), Intervention("n", 2.5), Intervention("n", -1.0)])
    assert [problem.code for problem in caught.value.problems] == [
        "unknown-name",
        "intervention-outside-support",
        "intervention-outside-support",
    ]
