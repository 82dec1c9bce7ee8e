"""Attempts to get a change past its reviewers, or a word of theirs out of the way, with logs that only programs write."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.governance.gate import gate

PATH = "mechanisms/tank.toml"
CHANGE = {PATH: {"law": "Normal(0, 1)", "parameters": {"slope": {"prior": "N"}}}}


def judge(log: Any) -> Any:
    return gate(log.state, log.ground, ())


def codes(log: Any) -> set[str]:
    return {reason.code for reason in judge(log).reasons}


@pytest.mark.parametrize("lift", ["withdraw", "approve"])
@pytest.mark.parametrize("remark", range(4))
def test_joins_that_cross_do_not_hide_that_two_words_were_said_apart(
    bench: SimpleNamespace, lift: str, remark: int
) -> None:
    """An objection is joined first with a remark and then with a word that never knew of it."""
    trunk = bench.Log(bench.strict, CHANGE).approve("bob", "dan", "eve")
    objection, lifting, aside = trunk.fork(), trunk.fork(), trunk.fork()
    objection.say("object", "cy")
    lifting.say(lift, "cy")
    aside.say("comment", "bob", path=PATH, line=1 + remark)  # other digests, so another side is named first
    one, other = objection.fork(), objection.fork()
    one.join(aside, "bob")
    other.join(lifting, "bob")
    one.join(other, "bob")
    assert codes(one) == {"objection-open"}
