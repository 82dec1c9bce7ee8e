import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewer.commands.ci import ci_command
from reviewer.panes.pane import Pane, Sentence, Table
from reviewer.report.markdown import escaped, panes_markdown
from worldmodel.commands.output import printable

LEAK = "mechanisms/leak.toml"


def _run(team: Any, out: Path, *words: str) -> Result:
    arguments = ["--world", str(team.folder), "--out", str(out), "--draws", "50", *words]
    return CliRunner().invoke(ci_command, arguments, catch_exceptions=False)


def _edit(team: Any, old: bytes, new: bytes) -> dict[str, bytes]:
    data = team.files[LEAK].replace(old, new)
    (team.folder / LEAK).write_bytes(data)
    return {LEAK: data}


def test_nothing_changed_passes(team: Any, tmp_path: Path) -> None:
    team.adopt()
    result = _run(team, tmp_path / "out", "--approved")
    assert result.exit_code == 0
    assert "Nothing differs" in result.output


def test_a_good_change_is_reported_and_passes_until_approval_is_asked_for(team: Any, tmp_path: Path) -> None:
    team.adopt()
    _edit(team, b"0.9 *", b"0.5 *")
    result = _run(team, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Checks: all pass." in result.output
    report = (tmp_path / "out" / "report.md").read_text()
    assert "mechanisms/leak" in report.replace("\\", "")
    assert (tmp_path / "out" / "report.html").read_text().startswith("<!doctype html>")
    assert _run(team, tmp_path / "out", "--approved").exit_code == 1


def test_the_gate_of_the_request_that_proposes_it_is_in_the_report(team: Any, tmp_path: Path) -> None:
    team.adopt()
    number = team.open(_edit(team, b"0.9 *", b"0.5 *"))
    shut = _run(team, tmp_path / "out", "--approved", "--json")
    value = json.loads(shut.output)
    assert (shut.exit_code, value["request"], value["gate"]["open"]) == (1, number, False)
    team.approve(number, "bob", "cy", "dan")
    assert _run(team, tmp_path / "out", "--approved").exit_code == 0


def test_a_broken_world_fails_and_says_why(team: Any, tmp_path: Path) -> None:
    team.adopt()
    _edit(team, b"0.9 * level[t-1]", b"0.9 * nothing[t-1]")
    result = _run(team, tmp_path / "out")
    assert result.exit_code == 1
    assert "nothing" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize(
    "text", ["<script>", "![a](b)", "# heading", "| cell", "`code`", "[link](http://x)", "a\u202eb", "- item", "1. one"]
)
def test_nothing_in_a_text_is_markup(text: str) -> None:
    pane = Pane("change", text, (Sentence(text), Table(text, (text,), ((text,),))))
    report = panes_markdown(text, [pane], [text])
    tokens = [
        token
        for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(report)
        for token in _flat(block)
    ]
    kinds = {token.type for token in tokens}
    assert kinds <= {"text", "inline", "softbreak", "text_special", *PLAIN}
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
    told = [_told(token) for token in tokens if token.type == "inline"]
    assert told.count(printable(text)) == 7


PLAIN = {
    f"{name}_{way}"
    for name in ("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td")
    for way in ("open", "close")
}


def _flat(token: Token) -> list[Token]:
    return [token, *(token.children or [])]


def _told(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def test_only_what_needs_it_is_escaped() -> None:
    assert escaped("plain words, 3 of them") == "plain words, 3 of them"
