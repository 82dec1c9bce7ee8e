"""A claim that the machine refutes keeps a request out, unless it was false before."""

from typing import Any

import pytest

from reviewer.checks import refuted_claims
from worldmodel.errors import RefusedError

LEAK = "mechanisms/leak.toml"
RISES = b'\n[[claims]]\nclaim = "increasing(mean(level[t]), level[t-1])"\n'


def test_a_refuted_claim_does_not_merge(team: Any) -> None:
    team.adopt()
    number = team.open({LEAK: team.files[LEAK].replace(b"0.9 *", b"-0.9 *") + RISES})
    team.say(number, "approve", "bob", "cy", "dan")
    [problem] = refuted_claims(team.history, team.request(number))
    assert problem.code == "claim-refuted"
    with pytest.raises(RefusedError, match="claim-refuted"):
        team.merge(number)


def test_a_claim_that_holds_merges_and_may_not_be_broken_after(team: Any) -> None:
    team.adopt()
    claimed = team.files[LEAK] + RISES
    team.adopt({LEAK: claimed})
    number = team.open({LEAK: claimed.replace(b"0.9 *", b"-0.9 *")})
    team.say(number, "approve", "bob", "cy", "dan")
    with pytest.raises(RefusedError, match="claim-refuted"):
        team.merge(number)
