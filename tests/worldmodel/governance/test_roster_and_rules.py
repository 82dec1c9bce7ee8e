"""Roster and rules: every key is one member's, every assistant has an operator, and no bar undercuts another."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.errors import InputError
from worldmodel.governance.operations import AREAS
from worldmodel.governance.roster import load_roster
from worldmodel.governance.rules import load_rules


def codes(refusal: pytest.ExceptionInfo[InputError]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def test_keys_resolve_to_their_people(bench: SimpleNamespace) -> None:
    roster = load_roster(bench.roster())
    keys = {name: bench.raw(bench.key_of(name)) for name in ("bob", "bob-second", "robot", "stranger")}
    assert [roster.owner(key) for key in keys.values()] == ["bob", "bob", "robot", None]
    assert [roster.person(key) for key in keys.values()] == ["bob", "bob", None, None]
    assert roster.responsible(keys["robot"]) == "ada"


def test_made_up_people_and_assistants_are_always_called_so(bench: SimpleNamespace) -> None:
    roster = load_roster(bench.roster())
    assert roster.label("ada") == "Ada (made-up)"
    assert roster.label("robot") == "Robot (assistant)"
    assert roster.label(None) == "someone who is not on the roster"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"robot": {"operator": None}}, "operator-unknown"),
        ({"robot": {"operator": "nobody"}}, "operator-unknown"),
        ({"robot": {"operator": "robot"}}, "operator-unknown"),
        ({"ada": {"operator": "bob"}}, "operator-unknown"),
        ({"ada": {"kind": "ghost"}}, "malformed-record"),
        ({"ada": {"rank": 1}}, "unknown-field"),
        ({"ada": {"keys": ["ssh-rsa AAAA"]}}, "malformed-key"),
        ({"ada": {"made_up": "no"}}, "malformed-record"),
    ],
)
def test_a_wrong_roster_is_refused(bench: SimpleNamespace, change: dict[str, Any], code: str) -> None:
    value = bench.roster()
    for identity, fields in change.items():
        value["people"][identity] |= fields
    with pytest.raises(InputError) as refusal:
        load_roster(value)
    assert code in codes(refusal)


def test_one_key_for_two_members_is_refused(bench: SimpleNamespace) -> None:
    value = bench.roster()
    value["people"]["cy"]["keys"] = value["people"]["dan"]["keys"]
    with pytest.raises(InputError) as refusal:
        load_roster(value)
    assert codes(refusal) == {"key-listed-twice"}


def test_three_people_are_asked_for_where_the_rules_say_nothing() -> None:
    rules = load_rules({"format": 1, "version": 1})
    assert {rules.area(area).quorum for area in AREAS} == {3}


@pytest.mark.parametrize(
    ("areas", "code"),
    [
        ({"mechanisms": {"quorum": 4}}, "rules-too-weak"),
        ({"governance": {"quorum": 2}}, "rules-too-weak"),
        ({"mechanisms": {"or_everyone": True}}, "rules-too-weak"),
        ({"mechanisms": {"quorum": 0}}, "malformed-record"),
        ({"feelings": {"quorum": 3}}, "malformed-record"),
        ({"mechanisms": {"quorum": 3, "unless": "friday"}}, "unknown-field"),
    ],
)
def test_wrong_rules_are_refused(areas: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as refusal:
        load_rules({"format": 1, "version": 1, "areas": areas})
    assert code in codes(refusal)
