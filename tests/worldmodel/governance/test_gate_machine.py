"""Random people vote, object, withdraw and upload; what merges was approved by enough of the right ones.

The oracle keeps its own books in the simplest way: who approved exactly what lies there now, and who objects.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from worldmodel.errors import GlassworldError
from worldmodel.governance.gate import gate
from worldmodel.governance.replay import merge

PEOPLE = st.sampled_from(["ada", "bob", "cy", "dan", "eve"])
SIGNERS = st.sampled_from(["ada", "bob", "bob-second", "cy", "dan", "eve"])
AUTHORS = st.sampled_from(["ada", "eve", "robot"])
LAWS = st.sampled_from(["Normal(0, 1)", "Normal(0, 2)"])


class GateMachine(RuleBasedStateMachine):
    """One request after another on one world, driven at random."""

    bench: Any

    def __init__(self) -> None:
        super().__init__()
        self.standing, self.number, self.log = self.bench.standing, 0, None
        self.barred, self.approved, self.objecting, self.law = set[str](), set[str](), set[str](), ""

    @precondition(lambda self: self.log is None)
    @rule(author=AUTHORS, law=LAWS)
    def open(self, author: str, law: str) -> None:
        self.number += 1
        changes = {"mechanisms/tank.toml": {"law": law, "number": self.number}}
        self.log = self.bench.Log(self.standing, changes, author=author, number=self.number)
        self.barred, self.approved, self.objecting, self.law = set(), set(), set(), law
        self._authored(author)

    @precondition(lambda self: self.log is not None)
    @rule(author=AUTHORS, law=LAWS)
    def upload(self, author: str, law: str) -> None:
        self.log.propose("patchset", {"mechanisms/tank.toml": {"law": law, "number": self.number}}, author)
        if law != self.law:
            self.approved, self.law = set(), law
        self._authored(author)

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS, kind=st.sampled_from(["approve", "approve", "approve", "object", "withdraw"]))
    def vote(self, signer: str, kind: str) -> None:
        self.log.say(kind, signer)
        person = signer.removesuffix("-second")
        self.approved.discard(person)
        self.objecting.discard(person)
        if kind == "approve":
            self.approved.add(person)
        if kind == "object":
            self.objecting.add(person)

    @precondition(lambda self: self.log is not None)
    @rule(signers=st.sets(SIGNERS, min_size=3))
    def several_approve(self, signers: set[str]) -> None:
        for signer in sorted(signers):
            self.vote(signer, "approve")

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS)
    def try_to_merge(self, signer: str) -> None:
        entries = self.log.merge(signer)
        try:
            self.standing = merge(self.standing, entries, {})
        except GlassworldError:
            assert not self._allowed()
            entries.pop()
            return
        assert self._allowed()
        self.log = None

    @invariant()
    def the_gate_agrees_with_the_books(self) -> None:
        if self.log is not None:
            assert gate(self.log.state, self.standing.ground, ()).open == self._allowed()

    def _authored(self, author: str) -> None:
        self.barred.add("ada" if author == "robot" else author)

    def _allowed(self) -> bool:
        return len(self.approved - self.barred) >= 3 and not self.objecting


def test_nothing_unapproved_ever_gets_in(bench: Any) -> None:
    machine = type("Machine", (GateMachine,), {"bench": bench}).TestCase
    machine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None, derandomize=True, database=None)
    machine("runTest").runTest()
