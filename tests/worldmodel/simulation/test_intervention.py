"""`--do` reads exactly its small grammar and refuses everything else with a reason."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.surface_worlds import EPIDEMIC, world_from
from worldmodel.errors import InputError
from worldmodel.language.parser import parse_law
from worldmodel.simulation.intervention import (
    Change,
    Intervention,
    Replacement,
    changes,
    check_interventions,
    only_set,
    parse_intervention,
    parse_interventions,
)
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inflation+=1@3..5", Intervention("inflation", 1.0, 3, 5, 1.0)),
        ("inflation-=0.5@2", Intervention("inflation", -0.5, 2, 2, 1.0)),
        ("inflation *= 1.1 @..3", None),
        ("inflation*=1.1@3..", Intervention("inflation", 0.0, 3, None, 1.1)),
        ("infected[north]=0@1", Intervention("infected[north]", 0.0, 1, 1)),
        ("infected[north, old]=0@1", Intervention("infected[north,old]", 0.0, 1, 1)),
        ('x~"Normal(2, 1)"@3..', Replacement("x", parse_law("Normal(2, 1)"), 3, None)),
        ("x ~ if y[t-1] > 0 then 1 else 2 @ 4", Replacement("x", parse_law("if y[t-1] > 0 then 1 else 2"), 4, 4)),
        ("x~Normal(2@3", None),
        ("x~", None),
        ("infected[*]=0", None),
        ("weather=rainy", None),
        ("x+=rainy", None),
        ("x[=1", None),
        ("x==1", None),
    ],
)
def test_soft_interventions_read_as_they_look(text: str, expected: Intervention | Replacement | None) -> None:
    if expected is not None:
        assert parse_intervention(text) == expected
        return
    with pytest.raises(InputError):
        parse_intervention(text)


def test_values_go_by_their_names_and_every_problem_is_told(world_of: Callable[..., World]) -> None:
    world = world_of(
        laws={"x": "1", "weather": "Bernoulli(0.5)"},
        supports={"weather": {"kind": "finite", "values": ["dry", "rainy"]}},
        initial={"weather": ["Delta(dry)"]},
    )
    assert parse_interventions(world, ["weather=rainy@1..3", "x+=2"]) == (
        Intervention("weather", 1.0, 1, 3),
        Intervention("x", 2.0, 1, None, 1.0),
    )
    with pytest.raises(InputError) as caught:
        parse_interventions(world, ["weather=foggy", "x=rainy", "q=1", "x=1@0"])
    assert [problem.code for problem in caught.value.problems] == [*["unknown-name"] * 3, "malformed-intervention"]


def test_changes_follow_each_other_as_given() -> None:
    own, shift, scale = Intervention("x", 4.0), Intervention("x", 1.0, factor=1.0), Intervention("x", 0.0, factor=3.0)
    assert changes([own, shift, scale], 1)["x"] == Change(15.0, 0.0)
    assert changes([shift, scale], 1)["x"] == Change(3.0, 3.0)
    assert changes([scale, own], 1)["x"] == Change(4.0, 0.0)
    assert changes([Intervention("x", 1.0, 2)], 1) == {}


@pytest.mark.parametrize("text", ["n+=0.5", "n*=1.5", "weather+=1"])
def test_whole_numbers_stay_whole_and_names_have_no_sums(text: str, world_of: Callable[..., World]) -> None:
    world = world_of(
        laws={"n": "Poisson(1)", "weather": "Bernoulli(0.5)"},
        supports={"n": {"kind": "integer"}, "weather": {"kind": "finite", "values": ["dry", "rainy"]}},
        initial={"weather": ["Delta(dry)"]},
    )
    with pytest.raises(InputError, match="intervention-outside-support"):
        check_interventions(world, [parse_intervention(text)])
    check_interventions(world, [parse_intervention("n+=1"), parse_intervention("n*=2")])


def test_what_knows_only_numbers_refuses_the_rest() -> None:
    plain = [parse_intervention(text) for text in ("x=1", "y=2@3")]
    assert only_set(iter(plain)) == tuple(plain)
    with pytest.raises(InputError) as caught:
        only_set(parse_intervention(text) for text in ("x=1", "x+=1", "y*=2", "z~Normal(0, 1)"))
    assert [problem.code for problem in caught.value.problems] == ["soft-intervention"] * 3


def test_a_family_without_its_elements_is_told_how_to_mean_them_all() -> None:
    with pytest.raises(InputError) as caught:
        parse_interventions(world_from(EPIDEMIC), ["infected=0@1"])
    assert "infected[*]" in caught.value.problems[0].mend
    assert {entry.variable for entry in parse_interventions(world_from(EPIDEMIC), ["infected[*]=0@1"])} == {
        f"infected[{region}]" for region in ("north", "south", "east")
    }
