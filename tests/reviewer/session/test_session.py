"""A session without a browser: what it shows and hides, what it refuses, and what is on disk when it answers."""

import json
from typing import Any

import pytest

from reviewer.drafts import load_drafts
from reviewer.session.asking import Asked, Interview, Judged, no_questions
from reviewer.session.heartbeat import SILENCE
from reviewer.session.memory import place_of, read_journal, recall
from reviewer.session.session import Session
from worldmodel.visible import hidden

LEAK = "mechanisms/leak.toml"
HERE, THERE = "a" * 32, "b" * 32


class Bench:
    """A session with one browser, a clock that the test turns, and everything that was sent."""

    def __init__(self, room: Any, viewer: str = "bob", questions: Any = no_questions) -> None:
        self.room, self.moment = room, 0.0
        self.sent: list[dict[str, Any]] = []
        self.session = Session(
            room.folder, viewer, lambda message: self.sent.append(dict(message)), questions, lambda: self.moment
        )
        self.session.receive({"type": "hello", "browser": HERE})

    def act(self, browser: str = HERE, **action: Any) -> str:
        """Asks for an action and gives the kind of what was answered, or the refusal."""
        before = len(self.sent)
        epoch = self.session.pulse.epoch
        self.session.receive({"type": "act", "browser": browser, "epoch": epoch, "number": 7, "action": action})
        answers = [one for one in self.sent[before:] if one["type"] in {"done", "refused"}]
        return answers[0]["type"] if answers[0]["type"] == "done" else answers[0]["problems"][0].partition(":")[0]

    def on(self, number: int, kind: str, **fields: Any) -> str:
        """An action about what the request proposes now."""
        return self.act(kind=kind, number=number, proposal=self.room.request(number).state.proposal, **fields)

    @property
    def view(self) -> dict[str, Any]:
        """The last view that was sent, once everything is computed."""
        assert self.session.background.settle()
        shown: dict[str, Any] = next(one for one in reversed(self.sent) if one["type"] == "view")["view"]
        return shown

    @property
    def opened(self) -> dict[str, Any]:
        """The opened request as it is shown."""
        found: dict[str, Any] = self.view["opened"]
        return found


def proposed(room: Any, rate: str = "0.8", who: str = "ada", **more: Any) -> int:
    number: int = room.open({LEAK: room.files[LEAK].replace(b"0.9", rate.encode())}, who, **more)
    return number


def test_rationale_checks_and_votes_are_not_even_sent_before_a_prediction(room: Any) -> None:
    number = proposed(room, prose="a rationale that persuades")
    room.understand(number, "cy")
    bench = Bench(room)
    assert bench.act(kind="open", number=number) == "done"
    bench.session.receive({"type": "fetch", "browser": HERE, "pane": "prose"})
    bench.session.receive({"type": "fetch", "browser": HERE, "pane": "paths"})
    assert bench.opened["sealed"]
    everything = json.dumps(bench.sent)
    assert "persuades" not in everything
    assert "a change" not in json.dumps([entry for entry in bench.view["queue"] if entry["number"] == number])
    assert (bench.opened["gate"], bench.opened["votes"], bench.opened["remarks"]) == (None, [], [])
    assert bench.opened["checks"] == {"state": "sealed", "problems": []}
    assert [pane["id"] for pane in bench.opened["panes"] if not pane["sealed"]] == ["change", "bits"]
    assert bench.on(number, "vote", vote="approve") == "look-first"
    assert bench.on(number, "predict", words="hm") == "look-empty"
    assert bench.on(number, "predict", words="it leaks faster") == "done"
    assert not bench.opened["sealed"]
    assert bench.opened["gate"]["areas"][0]["approved"] == ["Cy (made-up)"]
    assert bench.opened["checks"] == {"state": "done", "problems": []}
    assert bench.on(number, "predict", words="I knew it all along") == "look-taken"
    bench.session.receive({"type": "fetch", "browser": HERE, "pane": "prose"})
    assert bench.session.background.settle()
    assert any(one["type"] == "pane" and "persuades" in json.dumps(one) for one in bench.sent)


def test_every_action_is_on_disk_before_it_is_answered(room: Any) -> None:
    number = proposed(room)
    bench = Bench(room)
    place = place_of(room.repository, "bob")
    bench.act(kind="open", number=number)
    assert recall(place, "bob").opened == number
    bench.act(kind="compose", field="look/1/words", text="half a thou")
    assert recall(place, "bob").unsent == {"look/1/words": "half a thou"}
    bench.on(number, "predict", words="it leaks faster")
    [hunk] = bench.opened["files"][0]["hunks"]
    assert bench.on(number, "mark", hunks=[hunk["digest"]], state="question") == "mark-without-words"
    bench.on(number, "mark", hunks=[hunk["digest"]], state="question", text="why 0.8?")
    assert [(kept.draft.state, kept.draft.text) for kept in load_drafts(room.repository)] == [("question", "why 0.8?")]
    bench.on(number, "mark", hunks=[hunk["digest"]], state="understood")
    bench.on(number, "comment", text="measured where?", path=LEAK, line=5)
    bench.on(number, "vote", vote="object", text="no")
    bench.on(number, "vote", vote="approve")
    drafts = [(kept.draft.kind, kept.draft.state) for kept in load_drafts(room.repository)]
    assert drafts == [("approve", None), ("comment", None), ("mark", "understood")]
    for kept in load_drafts(room.repository):
        room.sign(kept, "bob")
    bench.session.receive({"type": "beat", "browser": HERE, "number": 3})
    assert bench.opened["files"][0]["hunks"][0]["mark"] == {"state": "understood", "text": "", "signed": True}
    assert [vote["vote"] for vote in bench.opened["votes"]] == ["approve"]
    assert bench.opened["remarks"][0]["line"] == 5
    assert bench.view["drafts"] == []
    assert [line["event"] for line in read_journal(place)] == [
        *("session", "order", "open", "predict", "mark", "mark", "comment", "vote", "vote")
    ]


def test_the_order_is_each_reviewers_own_and_is_written_down(room: Any) -> None:
    for rate in ("0.1", "0.2", "0.3", "0.4", "0.5", "0.6"):
        proposed(room, rate)
    orders = {who: [entry["number"] for entry in Bench(room, who).view["queue"]] for who in ("bob", "cy", "dan", "eve")}
    assert {tuple(sorted(order)) for order in orders.values()} == {(1, 2, 3, 4, 5, 6, 7)}
    assert len({tuple(order) for order in orders.values()}) > 1
    assert all(order[-1] == 1 for order in orders.values())  # what has ended comes last
    assert [entry["number"] for entry in Bench(room, "bob").view["queue"]] == orders["bob"]
    [first, _again] = [line for line in read_journal(place_of(room.repository, "bob")) if line["event"] == "order"]
    assert first["queue"] == orders["bob"]


def test_one_browser_acts_and_a_newer_session_takes_over(room: Any) -> None:
    number = proposed(room)
    bench = Bench(room)
    bench.session.receive({"type": "hello", "browser": THERE})
    assert bench.sent[-2]["acting"] is False
    assert bench.act(THERE, kind="open", number=number) == "not-acting"
    bench.session.receive({"type": "beat", "browser": THERE, "number": 1, "take": True})
    assert bench.act(THERE, kind="open", number=number) == "done"
    assert bench.act(HERE, kind="open", number=number) == "not-acting"
    bench.moment += SILENCE + 1
    bench.session.receive({"type": "beat", "browser": HERE, "number": 1})
    assert bench.act(HERE, kind="open", number=number) == "done"
    newer = Bench(room)
    assert bench.act(HERE, kind="open", number=number) == "not-acting"
    assert newer.act(HERE, kind="open", number=number) == "done"


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "act",
        {"type": "unknown", "browser": HERE},
        {"type": "act", "browser": HERE},
        {"type": "hello", "browser": "../../x"},
        {"type": "hello", "browser": HERE, "more": 1},
    ],
)
def test_a_message_of_no_known_kind_is_refused(room: Any, message: Any) -> None:
    bench = Bench(room)
    bench.session.receive(message)
    assert bench.sent[-1]["type"] == "refused"


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "sign"},
        {"kind": "open", "number": "1"},
        {"kind": "open", "number": 99},
        {"kind": "open", "number": 1, "path": "/etc"},
        {"kind": "discard", "file": "../../../HEAD"},
        {"kind": "compose", "field": "x", "text": "y" * 100_001},
        {"kind": "vote", "number": 1, "proposal": "sha256:" + "0" * 64, "vote": "merge"},
    ],
)
def test_an_action_of_no_known_kind_changes_nothing(room: Any, action: dict[str, Any]) -> None:
    bench = Bench(room)
    before = recall(place_of(room.repository, "bob"), "bob")
    assert bench.act(**action) != "done"
    assert recall(place_of(room.repository, "bob"), "bob") == before
    assert load_drafts(room.repository) == []


def test_words_about_what_is_no_longer_proposed_are_refused(room: Any) -> None:
    number = proposed(room)
    bench = Bench(room)
    old = room.request(number).state.proposal
    room.update(number, {LEAK: room.files[LEAK].replace(b"0.9", b"0.7")})
    assert bench.act(kind="predict", number=number, proposal=old, words="it leaks faster") == "proposal-moved"
    assert bench.act(kind="comment", number=1, proposal=room.request(1).state.proposal, text="late") == "proposal-moved"


def test_the_author_sees_everything_and_does_not_vote(room: Any) -> None:
    number = proposed(room, who="robot", provenance=room.provenance())
    bench = Bench(room, "ada")
    bench.act(kind="open", number=number)
    assert (bench.opened["own"], bench.opened["sealed"]) == (True, False)


def test_a_stranger_has_no_session(room: Any) -> None:
    with pytest.raises(Exception, match="viewer-unknown"):
        Bench(room, "mallory")
    with pytest.raises(Exception, match="viewer-unknown"):
        Bench(room, "robot")


def test_wrong_answers_are_asked_anew_and_each_is_drafted_once(room: Any) -> None:
    from reviewer.comprehension.question import Push, Question

    push = Push(variable="level", value=1.0, first=1, last=1, factor=1.0)
    one, two = (
        Question(kind="direction", text=text, push=push, outcomes=["level"], steps=[1], options=["up", "down"])
        for text in ("one", "two")
    )

    def asked(_subject: Any, _who: str, _proposal: str, answers: Any) -> Interview:
        def told(question: Question) -> Asked:
            given = answers.get(question.digest)
            return Asked(question, given, None if given is None else Judged(given == "down", []))

        first = told(one)
        wrong = first.judged is not None and not first.judged.right
        return Interview((first, told(two)) if wrong else (first,), owed=1)

    number = proposed(room)
    bench = Bench(room, questions=asked)
    bench.act(kind="open", number=number)
    assert [question["text"] for question in bench.opened["look"]["asked"]] == ["one"]
    bench.on(number, "predict", words="", answers={one.digest: "up"})
    assert [(q["text"], q["judged"] and q["judged"]["right"]) for q in bench.opened["look"]["asked"]] == [
        ("one", False),
        ("two", None),
    ]
    assert bench.on(number, "answer", question=one.digest, text="down") == "answer-given"
    bench.on(number, "answer", question=two.digest, text="down")
    assert bench.opened["look"]["right"] == 1
    assert sorted(kept.draft.right for kept in load_drafts(room.repository)) == [False, True]
    for kept in load_drafts(room.repository):
        room.sign(kept, "bob")
    bench.session.show()
    Bench(room, questions=asked).act(kind="open", number=number)
    assert load_drafts(room.repository) == []


def test_no_text_that_reaches_the_browser_can_deceive(room: Any) -> None:
    trick = "\u202eevil\u2066 <img src=x onerror=alert(1)>\u200b"
    number = proposed(room, prose=trick, evidence={"score": trick})
    bench = Bench(room)
    bench.act(kind="open", number=number)
    bench.on(number, "predict", words=trick)
    for pane in ("prose", "provenance", "change", "graph"):
        bench.session.receive({"type": "fetch", "browser": HERE, "pane": pane})
    room.say(number, "comment", "cy", text=trick)
    bench.session.receive({"type": "beat", "browser": HERE, "number": 1})
    assert bench.opened["remarks"]
    told = [one for one in bench.sent if one["type"] in {"view", "pane"}]
    strings = list(texts([{**one, "view": {**one.get("view", {}), "unsent": {}}} for one in told]))
    assert [text for text in strings if any(hidden(letter) and letter not in "\n\t" for letter in text)] == []
    assert any("\\u202eevil" in text for text in strings)


def texts(value: Any) -> Any:
    """Every string in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from (name, *texts(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def test_a_part_that_fails_says_so_and_the_others_go_on(room: Any) -> None:
    def broken(*_: Any) -> Interview:
        raise ZeroDivisionError("oh")

    number = proposed(room)
    bench = Bench(room, questions=broken)
    bench.act(kind="open", number=number)
    assert "part-failed" in bench.opened["look"]["problems"][0]
    assert bench.on(number, "predict", words="it leaks faster") == "done"
    assert bench.opened["checks"]["state"] == "done"


def test_the_view_is_a_function_of_what_is_on_disk(room: Any) -> None:
    number = proposed(room)
    one = Bench(room)
    one.act(kind="open", number=number)
    one.on(number, "predict", words="it leaks faster")
    two = Bench(room)
    assert {**one.view, "epoch": ""} == {**two.view, "epoch": ""}
