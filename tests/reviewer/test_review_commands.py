"""The commands that review hunk by hunk, as people type them; every one writes a draft, and `sign` signs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from worldmodel.commands.main import main


@pytest.fixture
def desk(team: Any, tmp_path: Path) -> Any:
    """Types commands in an opened request's world, as one of its people."""
    keys = {who: str(team.key_file(who, tmp_path)) for who in ("ada", "bob", "eve")}

    def type_(*words: str, code: int = 0, sign: str = "") -> Any:
        result = CliRunner().invoke(main, [*words, "--world", str(team.folder), "--json"])
        assert result.exit_code == code, result.output
        if sign:
            type_("sign", "--key", keys[sign], "--yes")
        return json.loads(result.stdout) if result.stdout.startswith("{") else result.output

    type_("mr", "open", "--title", "x", "--as", keys["ada"], "--questions", "1")
    return type_


def test_hunks_are_listed_and_marked_one_by_one(desk: Any) -> None:
    rows = desk("mr", "hunks", "1", "--as", "bob")["hunks"]
    law = next(row for row in rows if row["key"] == "law")
    assert (law["path"], law["before"], law["yours"]) == ("mechanisms/leak.toml", None, False)
    desk("mr", "understand", "1", "--hunk", law["id"], sign="bob")
    marked = [row for row in desk("mr", "hunks", "1", "--as", "bob")["hunks"] if row["yours"]]
    assert [(row["key"], row["understood_by"]) for row in marked] == [("law", ["bob"])]
    shown = desk("mr", "understand", "1", "--all-shown", sign="bob")["hunks"]
    assert len(shown) == len(rows)
    assert all(row["yours"] for row in desk("mr", "hunks", "1", "--as", "bob")["hunks"])


def test_a_question_is_asked_answered_and_settled(desk: Any) -> None:
    hunk = desk("mr", "hunks", "1")["hunks"][0]["id"]
    desk("mr", "question", "1", "--hunk", hunk, "-m", "why?", sign="bob")
    assert "question-open" in {reason["code"] for reason in desk("mr", "check", "1", code=1)["reasons"]}
    entry = desk("mr", "show", "1")["log"][-1]["id"]
    desk("mr", "comment", "1", "--reply-to", entry, "-m", "because", sign="ada")
    [request] = desk("mr", "list")["requests"]
    assert ("bob", "your question was answered: say whether that settles it") in {
        (turn["person"], turn["reason"]) for turn in request["turns"]
    }
    desk("mr", "comment", "1", "--reply-to", entry, "--resolve", "-m", "I see", sign="bob")
    assert "question-open" not in {reason["code"] for reason in desk("mr", "check", "1", code=1)["reasons"]}


def test_attention_and_bypass_are_drafted_and_signed(desk: Any) -> None:
    desk("mr", "attention", "1", "--add", "eve", "-m", "you know tanks", sign="ada")
    desk("mr", "bypass", "1", "--requirement", "answered", "-m", "no questions yet", sign="eve")
    log = desk("mr", "show", "1")["log"]
    assert [entry["kind"] for entry in log[1:]] == ["attention", "bypass"]
    assert log[-1]["requirements"] == ["answered"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("understand",), "name hunks"),
        (("understand", "--hunk", "zzzz"), "no-such-part"),
        (("question", "-m", "x", "--objection"), "name it with --hunk"),
        (("comment", "-m", "x", "--resolve"), "name it with --reply-to"),
        (("comment", "-m", "x", "--reply-to", "0000"), "no-such-part"),
        (("attention", "-m", "x", "--add", "robot"), "no person on the roster"),
        (("attention", "-m", "x"), "name one person"),
        (("bypass", "-m", "x", "--requirement", "friday"), "no requirement friday"),
        (("revert",), "cannot-revert"),
    ],
)
def test_what_makes_no_sense_is_told(desk: Any, words: tuple[str, ...], said: str) -> None:
    command, *rest = words
    code = 1 if command == "revert" else 2
    assert said in json.dumps(desk("mr", command, "1", *rest, code=code))
