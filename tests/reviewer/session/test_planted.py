"""A planted request looks like a real one until the verdict; then its reviewer is told, and it is never merged."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer.commands.mr import mr_command
from reviewer.drafts import load_drafts
from reviewer.measuring.planting import Planted, plant
from reviewer.measuring.quarantine import judged, load_quarantined, quarantine
from reviewer.requests import Suggestion, open_request
from reviewer.session.memory import place_of, recall, remember
from reviewer.session.planted import seconds_open
from tests.reviewer.conftest import key_of
from tests.reviewer.session.conftest import Room
from tests.reviewer.session.test_session import HERE, Bench
from worldmodel.errors import InputError

PANES = ("change", "graph", "bits", "prose", "provenance", "downstream")
NUMBER = 2
TELLING = ("planted", "quarantine", "sign flipped", "was flipped", "caught", "missed")


@pytest.fixture
def planted(room: Any) -> Planted:
    """A mistake in quarantine, under the next number."""
    made = plant(room.history.files, 1, "sign flipped")
    quarantine(room.repository, made, NUMBER)
    return made


def on(bench: Bench, kind: str, **fields: Any) -> str:
    """An action about what stands under the number, as the browser that shows it would ask for it."""
    return bench.act(kind=kind, number=NUMBER, proposal=bench.opened["proposal"], **fields)


def start(room: Any, seed: str = "5" * 32) -> Bench:
    """Bob's session with an order of reading that is the same in every world."""
    place = place_of(room.repository, "bob")
    memory = recall(place, "bob")
    remember(place, memory.model_copy(update={"seed": seed}))
    bench = Bench(room)
    assert bench.act(kind="open", number=NUMBER) == "done"
    return bench


def shown(bench: Bench) -> list[Any]:
    """The whole view and every pane, but for the epoch, the folder's name, and digests in the names of drafts."""
    for pane in PANES:
        bench.session.receive({"type": "fetch", "browser": HERE, "pane": pane})
    view = {**bench.view, "epoch": "", "sign": ""}
    panes = {one["pane"]: one for one in bench.sent if one["type"] == "pane"}
    return [json.loads(re.sub(r"-[0-9a-f]{12}\.json", ".json", json.dumps(one))) for one in (view, panes)]


def review(bench: Bench) -> list[list[Any]]:
    """Everything that bob is shown on the way to a vote: at first, after the look, with marks, remarks and drafts."""
    told = [shown(bench)]
    assert on(bench, "predict", words="it leaks the other way") == "done"
    told.append(shown(bench))
    hunk = bench.opened["files"][0]["hunks"][0]["digest"]
    assert on(bench, "mark", hunks=[hunk], state="understood") == "done"
    assert on(bench, "mark", hunks=[hunk], state="objection", text="why so?") == "done"
    assert on(bench, "comment", text="measured where?", path=bench.opened["files"][0]["path"], line=5) == "done"
    assert on(bench, "vote", vote="withdraw") == "done"
    told.append(shown(bench))
    return told


def test_nothing_tells_it_from_a_real_one_before_the_verdict(room: Any, planted: Planted, tmp_path: Path) -> None:
    bench = start(room)
    told = review(bench)
    author = told[1][0]["opened"]["author"].split()[0].lower()
    other = Room(tmp_path / "other")
    other.adopt()
    assert open_request(other.repository, Suggestion(planted.changes, planted.title), key_of(author)) == NUMBER
    assert told == review(start(other))
    assert told[1][0]["opened"]["gate"]["areas"][0]["approved"] == []
    assert told[0][0]["queue"][0]["stage"] == "unseen"
    assert set(told[1][1]) == set(PANES)
    assert [word for word in TELLING if word in re.sub(r'"debrief": null', "", json.dumps(bench.sent))] == []
    assert load_drafts(room.repository) == []


@pytest.mark.parametrize(("vote", "verdict"), [("approve", "missed"), ("object", "caught")])
def test_a_vote_is_the_verdict_and_the_debrief_comes_at_once(
    room: Any, planted: Planted, vote: str, verdict: str
) -> None:
    bench = start(room)
    assert on(bench, "vote", vote=vote) == "look-first"
    assert load_quarantined(room.repository, NUMBER).verdicts == {}
    on(bench, "predict", words="it leaks the other way")
    on(bench, "comment", text="measured where?")
    assert on(bench, "vote", vote=vote) == "done"
    assert load_quarantined(room.repository, NUMBER).verdicts["bob"].verdict == verdict
    assert load_drafts(room.repository) == []
    opened, view = bench.opened, bench.view
    seen = "You saw it." if verdict == "caught" else "You did not see it."
    assert f"Request 2 was planted to train reviewers (sign flipped). {seen} In {planted.path}" in opened["debrief"]
    assert "who had no part in it. It is never merged." in opened["debrief"]
    assert (opened["status"], opened["gate"], view["drafts"], view["status"]) == (
        "planted",
        None,
        [],
        opened["debrief"],
    )
    assert next((entry["number"], entry["stage"]) for entry in view["queue"]) == (NUMBER, verdict)
    other = "object" if vote == "approve" else "approve"
    assert on(bench, "vote", vote=other) == "proposal-moved"
    assert load_quarantined(room.repository, NUMBER).verdicts["bob"].verdict == verdict
    assert Bench(room, "cy").view["queue"][0]["stage"] == "unseen"


@pytest.mark.usefixtures("planted")
def test_who_has_judged_it_elsewhere_is_told_at_once(room: Any) -> None:
    judged(room.repository, NUMBER, "bob", "missed", 30)
    bench = start(room)
    assert not bench.opened["sealed"]
    assert "You did not see it." in bench.opened["debrief"]
    assert on(bench, "predict", words="I knew it all along") == "proposal-moved"


@pytest.mark.usefixtures("planted")
def test_it_is_never_merged(room: Any, tmp_path: Path) -> None:
    bench = start(room)
    on(bench, "predict", words="it leaks the other way")
    on(bench, "vote", vote="approve")
    words = ["merge", str(NUMBER), "--key", str(room.key_file("ada", tmp_path)), "--world", str(room.folder)]
    found = CliRunner().invoke(mr_command, words)
    assert found.exit_code != 0
    assert "no-request" in found.output
    with pytest.raises(InputError, match="no-request"):
        room.merge(NUMBER)


@pytest.mark.usefixtures("planted")
def test_one_that_cannot_pass_for_a_request_is_left_out(room: Any) -> None:
    spoiled = Planted("Refine", {"mechanisms/leak.toml": b"law = ["}, "sign flipped", "", "mechanisms/leak.toml")
    quarantine(room.repository, spoiled, 3)
    view = Bench(room).view
    assert sorted(entry["number"] for entry in view["queue"]) == [1, NUMBER]
    assert view["broken"] == []


@pytest.mark.usefixtures("planted")
def test_the_time_is_counted_from_the_first_opening(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = start(room)
    on(bench, "predict", words="it leaks the other way")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000042")
    bench.act(kind="open", number=NUMBER)
    on(bench, "vote", vote="object")
    assert load_quarantined(room.repository, NUMBER).verdicts["bob"].seconds == 42
    assert seconds_open(place_of(room.repository, "bob"), 77) == 0
