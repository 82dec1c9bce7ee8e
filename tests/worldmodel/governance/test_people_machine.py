"""Random people act on the gate under rules of format 2, and an unapproved change never gets in.

Authors, operators, people with two keys, an assistant, a stranger, people and keys that leave the roster in between,
two sides that review apart and join. The judge keeps its own books, as simple as can be: for each person what they last
said, and about which run of the same meaning, in which context.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError
from worldmodel.governance.gate import gate
from worldmodel.governance.replay import merge

PEOPLE = ("ada", "bob", "cy", "dan", "eve")
SIGNERS = st.sampled_from([*PEOPLE, "bob-second"])
AUTHORS = st.sampled_from(["ada", "eve", "robot", "bob-second"])
LAWS = st.sampled_from(["Normal(0, 1)", "Normal(0, 2)"])
PATH = "mechanisms/tank.toml"
TEXT = {"attachments": {"text": digest("why")}}
NEEDED = 3


def person_of(signer: str) -> str:
    return {"bob-second": "bob", "robot": "ada"}.get(signer, signer)


@dataclass
class Books:
    """What the judge writes down about one request. A `turn` is a run of one meaning in one context."""

    law: str
    turn: int = 0
    fresh: bool = True
    spoiled: bool = False
    barred: set[str] = field(default_factory=set)
    votes: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    marked: set[tuple[str, int]] = field(default_factory=set)
    answered: set[tuple[str, int]] = field(default_factory=set)
    asking: set[str] = field(default_factory=set)
    consenting: set[tuple[str, int]] = field(default_factory=set)

    def opens(self, people: set[str], keys: set[str]) -> bool:
        """Whether the request may merge."""
        objecting = {one for one in people if self._last(one, keys)[0] == "object"}
        if not self.fresh or self.spoiled or objecting or self.asking & people:
            return False
        approve = {one for one in people - self.barred if self._last(one, keys) == ("approve", self.turn)}
        informed = {one for one in approve if (one, self.turn) in self.marked}
        knowing = {one for one in informed if (one, self.turn) in self.answered}
        waived = len({one for one in people - self.barred if (one, self.turn) in self.consenting}) >= 2
        return len(informed) >= NEEDED and (len(knowing) >= NEEDED or waived)

    def _last(self, person: str, keys: set[str]) -> tuple[str, int]:
        heard = [vote for vote in self.votes.get(person, []) if vote[0] in keys or vote[1] == "object"]
        return heard[-1][1:] if heard else ("nothing", -1)


class PeopleMachine(RuleBasedStateMachine):
    """One request after another on one world whose roster changes."""

    bench: Any

    def __init__(self) -> None:
        super().__init__()
        self.standing, self.number = self.bench.strict, 0
        self.log: Any = None
        self.books = Books("")
        self.people, self.keys = set(PEOPLE), {*PEOPLE, "bob-second"}
        self.version = 1

    @precondition(lambda self: self.log is None)
    @rule(author=AUTHORS, law=LAWS)
    def open(self, author: str, law: str) -> None:
        if author not in self.keys | {"robot"}:
            return
        self.number += 1
        self.log = self.bench.Log(self.standing, self._changes(law), author=author, number=self.number, questions=1)
        self.books = Books(law, barred={person_of(author)})

    @precondition(lambda self: self.log is not None)
    @rule(author=AUTHORS, law=LAWS)
    def upload(self, author: str, law: str) -> None:
        if author not in self.keys | {"robot"}:
            return
        self.log.propose("patchset", self._changes(law), author, questions=1)
        self.books.barred.add(person_of(author))
        if law != self.books.law or not self.books.fresh:
            self.books.turn += 1
        self.books.law, self.books.fresh = law, True

    @precondition(lambda self: self.log is not None)
    @rule()
    def everyone_reviews(self) -> None:
        self.several_review(set(self.keys), mark=True, answer=True)

    @precondition(lambda self: self.log is not None)
    @rule()
    def the_base_moves_nearby(self) -> None:
        """Everything that was said so far is void, but for doubts."""
        self.log.context = digest(["moved", self.number, self.books.turn])
        self.books.turn += 1

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS, kind=st.sampled_from(["approve", "object", "withdraw"]))
    def vote(self, signer: str, kind: str) -> None:
        if signer in self.keys:
            self._vote(self.log, signer, kind)

    @precondition(lambda self: self.log is not None)
    @rule(signers=st.sets(SIGNERS, min_size=3), mark=st.booleans(), answer=st.booleans())
    def several_review(self, signers: set[str], mark: bool, answer: bool) -> None:
        for signer in sorted(signers & self.keys):
            if mark:
                self.understand(signer)
            if answer:
                self.answer(signer, True)
            self._vote(self.log, signer, "approve")

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS)
    def understand(self, signer: str) -> None:
        if signer in self.keys:
            self.log.understand(signer)
            self.books.marked.add((person_of(signer), self.books.turn))

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS, right=st.booleans())
    def answer(self, signer: str, right: bool) -> None:
        if signer in self.keys:
            question = digest([len(self.log.entries), right])
            self.log.say("answer", signer, question=question, answer=digest("given"), right=right)
            if right:
                self.books.answered.add((person_of(signer), self.books.turn))

    @precondition(lambda self: self.log is not None)
    @rule(signer=st.sampled_from(PEOPLE))
    def ask_and_perhaps_settle(self, signer: str) -> None:
        if signer not in self.keys:
            return
        asked = [entry for entry in self.log.entries if getattr(entry.operation, "resolved", None) is False]
        mine = [entry for entry in asked if entry.key == self.bench.raw(self.bench.key_of(signer))]
        if signer not in self.books.asking:
            self.log.say("comment", signer, resolved=False)
            self.books.asking.add(signer)
        else:
            self.log.say("comment", signer, reply_to=mine[-1].digest, resolved=True)
            self.books.asking.discard(signer)

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS)
    def consent_to_a_bypass(self, signer: str) -> None:
        if signer in self.keys:
            self.log.say("bypass", signer, requirements=["answered"], **TEXT)
            self.books.consenting.add((person_of(signer), self.books.turn))

    @precondition(lambda self: self.log is not None)
    @rule(stranger=st.sampled_from(["robot", "stranger"]))
    def a_stranger_speaks(self, stranger: str) -> None:
        self.log.say("approve", stranger)
        self.books.spoiled = True

    @precondition(lambda self: self.log is not None)
    @rule(left=st.sets(st.sampled_from(["bob", "cy"])), right=st.sets(st.sampled_from(["dan", "eve"])))
    def review_apart_and_join(self, left: set[str], right: set[str]) -> None:
        other = self.log.fork()
        for log, signers in ((self.log, left & self.keys), (other, right & self.keys)):
            for signer in sorted(signers):
                log.understand(signer)
                self.books.marked.add((signer, self.books.turn))
                self._vote(log, signer, "approve")
        if left & self.keys and right & self.keys:
            self.log.join(other, "cy")
        elif right & self.keys:
            self.log.entries = other.entries

    @precondition(lambda self: self.version < 4)
    @rule(leaving=st.sampled_from(["eve", "bob-second"]))
    def the_roster_changes(self, leaving: str) -> None:
        """Somebody, or a second key, leaves; everything that is open has to be made anew."""
        if leaving not in self.keys:
            return
        self.version += 1
        self.keys.discard(leaving)
        self.people.discard(leaving)
        roster = self.bench.roster(self.version, without="" if "eve" in self.people else "eve")
        if "bob-second" not in self.keys:
            del roster["people"]["bob"]["keys"][1]
        change = self.bench.Log(self.standing, {"governance/roster.toml": roster}, number=900 + self.version)
        self.standing = merge(self.standing, change.approve("bob", "cy", "dan").merge("ada"), {digest(roster): roster})
        self.books.fresh = False
        if self.log is not None:
            self.log.standing = self.standing

    @precondition(lambda self: self.log is not None)
    @rule(signer=SIGNERS)
    def try_to_merge(self, signer: str) -> None:
        if signer not in self.keys:
            return
        verdict = gate(self.log.state, self.log.ground, ())
        entries = self.log.merge(signer, bypassed=list(verdict.bypassed))
        try:
            after = merge(self.standing, entries, {})
        except GlassworldError:
            assert not self._allowed()
            entries.pop()
            return
        assert self._allowed()
        assert len(after.bypasses) - len(self.standing.bypasses) == len(verdict.bypassed)
        self.standing, self.log = after, None

    @invariant()
    def the_gate_agrees_with_the_books(self) -> None:
        if self.log is not None:
            ground = replace(self.standing.ground, context=self.log.context)
            assert gate(self.log.state, ground, ()).open == self._allowed()

    def _vote(self, log: Any, signer: str, kind: str) -> None:
        log.say(kind, signer)
        person = person_of(signer)
        self.books.votes.setdefault(person, []).append((signer, kind, self.books.turn))
        if kind in {"object", "withdraw"}:
            self.books.consenting = {one for one in self.books.consenting if one[0] != person}
        if kind == "withdraw":
            self.books.asking.discard(person)

    def _allowed(self) -> bool:
        return self.books.opens(self.people, self.keys)

    def _changes(self, law: str) -> dict[str, Any]:
        return {PATH: {"law": law, "number": self.number}}


def run(bench: Any, examples: int, steps: int) -> None:
    machine = type("Machine", (PeopleMachine,), {"bench": bench}).TestCase
    machine.settings = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None
    )
    machine("runTest").runTest()


def test_nothing_that_was_not_understood_ever_gets_in(bench: Any) -> None:
    run(bench, 20, 30)


@pytest.mark.stress
def test_nothing_that_was_not_understood_ever_gets_in_however_long_they_try(bench: Any) -> None:
    run(bench, 600, 80)
