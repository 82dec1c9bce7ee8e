"""Credit for merged requests: known answers, exact zeros, shares that add up."""

import json
import math
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from reviewer.behaviour.worth import Setting, disagreement_of, worth
from reviewer.commands.mr import mr_command
from reviewer.credit import Credit, credit
from reviewer.history import files_before
from reviewer.piecewise import apply, pieces_between
from worldmodel.build import build_world
from worldmodel.errors import InputError
from worldmodel.files import parse_toml

LEAK, POND = "mechanisms/leak.toml", "mechanisms/pond.toml"
SETTING = Setting(draws=40, steps=5, seed=3)
OBJECTIVE = b"""format = 1
horizon = 5
discount = 1
why = "five hours count alike"

[aggregation]
rule = "utilitarian"
weights = { town = 1 }

[risk]
measure = "mean"
"""
UTILITY = b"""format = 1
id = "town"
stakeholder = "the town"
title = "Water"
utility = "level[t] + pond[t]"
why = "water in both"
"""


@pytest.fixture
def wet(team: Any) -> Any:
    """A world of two tanks that do not touch, with an objective that adds them up."""
    own = {
        "variables/pond.toml": team.files["variables/level.toml"].replace(b'"level"', b'"pond"'),
        POND: team.files[LEAK].replace(b"leak", b"pond").replace(b"level", b"pond"),
        "objective.toml": OBJECTIVE,
        "utilities/town.toml": UTILITY.replace(b"level[t] + pond[t]", b"(level[t] + pond[t]) / one").replace(
            b'both"\n', b'both"\n\n[constants.one]\nvalue = 1\nunit = "m"\nwhy = "a measure"\n'
        ),
    }
    team.adopt({**team.files, **own})
    return team


def shared(team: Any, first: int = 1) -> Credit:
    """Credit for all merges after the first ones."""
    merged = team.history.merged[first:]
    return credit(files_before(team.repository, team.history, merged[0].request), merged, SETTING)


def edit(team: Any, path: str, old: bytes, new: bytes, who: str = "ada", **more: Any) -> int:
    files = team.history.files
    assert old in files[path]
    number: int = team.adopt({path: files[path].replace(old, new)}, who, **more)
    return number


def value_of(team: Any, place: int) -> float:
    """The objective of the world after so many merges, in the plainest way."""

    def world(at: int) -> Any:
        merged = team.history.merged
        files = (
            files_before(team.repository, team.history, merged[at].request) if at < len(merged) else team.history.files
        )
        return build_world({path: parse_toml(path, data) for path, data in files.items() if "governance" not in path})

    return worth(world(place), SETTING, disagreement_of(world(1), SETTING)).value


def test_requests_that_do_not_touch_get_what_each_adds(wet: Any) -> None:
    one = edit(wet, LEAK, b"0.9 *", b"0.8 *")
    two = edit(wet, POND, b"0.9 *", b"0.5 *", "robot", provenance=wet.provenance())
    found = shared(wet)
    steps = [value_of(wet, place) for place in (1, 2, 3)]
    assert found.shares[one].value == pytest.approx(steps[1] - steps[0])
    assert found.shares[two].value == pytest.approx(steps[2] - steps[1])
    assert found.shares[two].value < found.shares[one].value < 0
    assert list(found.by_proposer().values()) == [found.shares[one].value, found.shares[two].value]
    assert list(found.by_proposer())[1] == "robot (assistant)"


def test_what_is_spelled_otherwise_gets_exactly_nothing(wet: Any) -> None:
    edit(wet, LEAK, b"0.9 *", b"0.8 *")
    idle = edit(wet, LEAK, b"0.8 * level[t-1]", b"level[t-1] - 0.2 * level[t-1]", "bob")
    found = shared(wet)
    assert found.shares[idle].value == 0.0
    assert [step.idle for step in found.steps] == [False, True]
    assert [value for name, value in found.by_proposer().items() if name.startswith("Bob")] == [0.0]


def test_shares_add_up_to_the_whole_change_and_a_change_upon_a_change_needs_it(wet: Any) -> None:
    one = edit(wet, LEAK, b"0.9 *", b"0.8 *")
    two = edit(wet, LEAK, b"0.8 *", b"0.5 *", "bob")
    three = edit(wet, "utilities/town.toml", b"value = 1\n", b"value = 2\n", "cy")
    found = shared(wet)
    change = value_of(wet, 4) - value_of(wet, 1)
    assert math.fsum(share.value for share in found.shares.values()) == pytest.approx(change)
    assert math.fsum(found.by_proposer().values()) == pytest.approx(found.after - found.before)
    assert found.after - found.before == pytest.approx(change)
    assert all(found.shares[number].value != 0 for number in (one, two, three))
    alone = shared(wet, 2)
    assert alone.shares[two].value < found.shares[two].value < 0  # the one that it built upon has a part in it


def test_requests_that_only_build_together_share_evenly(wet: Any) -> None:
    pond = wet.history.files["variables/pond.toml"]
    unread = {"variables/well.toml": pond.replace(b'"pond"', b'"well"')}
    law = wet.history.files[POND].replace(b'"pond"', b'"well"').replace(b"pond[", b"well[")
    first = wet.adopt({**unread, "mechanisms/well.toml": law})
    second = edit(wet, LEAK, b"0.9 * level[t-1]", b"0.9 * level[t-1] + 0.1 * well[t-1]", "bob")
    found = shared(wet)
    assert found.shares[first].value == found.shares[second].value > 0


def test_before_there_is_a_world_nothing_can_be_shared(wet: Any) -> None:
    with pytest.raises(InputError) as refused:
        shared(wet, 0)
    assert [problem.code for problem in refused.value.problems] == ["no-objective"]


def test_the_command_begins_with_the_first_objective(wet: Any) -> None:
    one = edit(wet, LEAK, b"0.9 *", b"0.8 *")
    edit(wet, LEAK, b"0.8 *", b"0.7 *", "bob")
    options = ["--draws", "40", "--world", str(wet.folder)]
    done = CliRunner().invoke(mr_command, ["credit", *options, "--json"])
    assert done.exit_code == 0, done.output
    assert [row["number"] for row in json.loads(done.stdout)["requests"]] == [one, one + 1]
    told = CliRunner().invoke(mr_command, ["credit", *options, "--from", str(one + 1)])
    assert f"merge request {one} " not in told.stdout
    assert CliRunner().invoke(mr_command, ["credit", *options, "--from", "77"]).exit_code == 2


VALUES = st.dictionaries(
    st.sampled_from(["law", "title", "parameters", "claims"]),
    st.one_of(
        st.integers(0, 3),
        st.dictionaries(st.sampled_from("ab"), st.fixed_dictionaries({"x": st.integers(0, 3)}), max_size=2),
        st.lists(st.fixed_dictionaries({"x": st.integers(0, 3)}), max_size=3),
    ),
    min_size=1,
)
WORLDS = st.dictionaries(st.sampled_from([LEAK, POND]), VALUES, max_size=2)


@given(before=WORLDS, after=WORLDS)
def test_all_pieces_of_a_change_make_it_and_none_fits_twice(before: Any, after: Any) -> None:
    pieces = pieces_between(before, after)
    assert apply(before, pieces) == after
    assert apply(before, ()) == before
    assert pieces_between(after, after) == ()
