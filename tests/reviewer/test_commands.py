"""The commands as people type them: the whole way from `init` to `inspect`, with exit codes 0, 1 and 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from worldmodel.commands.main import main


class Desk:
    """Types commands in one world."""

    def __init__(self, team: Any, folder: Path) -> None:
        self.team, self.folder = team, folder
        self.keys = {who: team.key_file(who, folder) for who in ("ada", "bob", "cy", "dan", "robot", "stranger")}

    def type(self, *words: str | Path, code: int = 0) -> Result:
        """Runs a command and holds its exit code."""
        place = [] if words[0] in {"inspect", "init"} else ["--world", self.team.folder]
        result = CliRunner().invoke(main, [str(word) for word in (*words, *place)], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    def ask(self, *words: str | Path, code: int = 0) -> dict[str, Any]:
        """Runs a command with --json."""
        value: dict[str, Any] = json.loads(self.type(*words, "--json", code=code).stdout)
        return value

    def approve(self, number: int, *people: str) -> None:
        """Marks every hunk as understood and approves: drafts, signed together."""
        for who in people:
            self.type("mr", "understand", str(number), "--all-shown")
            self.type("mr", "approve", str(number))
            self.type("sign", "--key", self.keys[who], "--yes")


@pytest.fixture
def desk(team: Any, tmp_path: Path) -> Desk:
    return Desk(team, tmp_path)


def test_the_whole_way(desk: Desk, tmp_path: Path) -> None:
    opened = desk.ask("mr", "open", "--title", "the first world", "--as", desk.keys["ada"])
    assert (opened["number"], len(opened["components"])) == (1, 3)
    assert not desk.ask("mr", "check", "1", code=1)["open"]
    assert desk.ask("mr", "merge", "1", "--key", desk.keys["ada"], code=1)["problems"][0]["code"] == "gate-shut"
    desk.approve(1, "bob", "cy", "dan")
    assert desk.ask("mr", "check", "1")["areas"][0]["approved_by"] == ["bob", "cy", "dan"]
    desk.ask("mr", "merge", "1", "--key", desk.keys["ada"])
    [origin] = desk.ask("trace", "mechanisms/leak.toml:5")["origins"]
    assert [approval["person"] for approval in origin["approvals"]] == ["bob", "cy", "dan"]
    released = desk.ask("release", "--out", tmp_path / "b.json")
    assert desk.ask("inspect", tmp_path / "b.json", "--fingerprint", released["fingerprint"])["made_up"]
    assert desk.ask("mr", "list")["requests"] == []
    assert [row["status"] for row in desk.ask("mr", "list", "--all")["requests"]] == ["merged"]
    assert "0.9 * level" in desk.ask("mr", "diff", "1")["text"]


def test_everything_shown_about_made_up_people_says_so(desk: Desk, tmp_path: Path) -> None:
    desk.type("mr", "open", "--title", "x", "--as", desk.keys["ada"])
    desk.approve(1, "bob", "cy", "dan")
    check = desk.type("mr", "check", "1").stdout
    desk.type("mr", "merge", "1", "--key", desk.keys["ada"])
    texts = [
        check,
        desk.type("mr", "show", "1").stdout,
        desk.type("mr", "list", "--all").stdout,
        desk.type("mr", "hunks", "1").stdout,
        desk.type("trace", "world.toml").stdout,
        desk.type("release", "--out", tmp_path / "b.json").stdout,
        desk.type("inspect", tmp_path / "b.json").stdout,
    ]
    for text in texts:
        for line in text.splitlines():
            named = [name for name in ("Ada", "Bob", "Cy", "Dan") if name in line.split()]
            assert not named or "made-up" in line.lower(), line


def test_a_proposal_file_opens_a_request_of_the_assistant(desk: Desk, proposal_file: Path) -> None:
    desk.team.adopt()
    desk.type("mr", "open", "--proposal", proposal_file, "--as", desk.keys["robot"])
    shown = desk.ask("mr", "show", "2")
    assert shown["provenance"]["assistant"] == "robot"
    assert (shown["evidence"], shown["prose"]) == ({"score": 1.5}, "I am sure.")
    text = desk.type("mr", "show", "2").stdout
    assert text.index("Evidence (computed)") < text.index("Prose (not evidence)")
    check = desk.type("mr", "check", "2", "--as", "ada", code=1).stdout
    assert "3 more approvals for mechanisms; you operated this assistant, so yours would not count" in check
    diff = desk.type("mr", "diff", "2", "--text").stdout
    assert "law: 'Normal(0.9 * level[t-1], spread)' → 'Normal(0.8 * level[t-1], spread)'" in diff


def test_comments_objections_updates_and_discarded_drafts(desk: Desk) -> None:
    desk.type("mr", "open", "--title", "x", "--as", desk.keys["ada"])
    desk.type("mr", "comment", "1", "-m", "why 0.9?", "--file", "mechanisms/leak.toml", "--line", "5")
    desk.type("mr", "object", "1", "-m", "wrong sign")
    signed = desk.ask("sign", "--key", desk.keys["bob"], "--yes")
    assert [done["kind"] for done in signed["signed"]] == ["comment", "object"]
    shown = desk.type("mr", "show", "1").stdout
    assert "comment on mechanisms/leak.toml:5: why 0.9?" in shown
    assert "objects" in desk.type("mr", "check", "1", code=1).stdout
    leak = desk.team.folder / "mechanisms/leak.toml"
    leak.write_text(leak.read_text().replace("0.9", "0.7"))
    assert desk.ask("mr", "update", "1", "--as", desk.keys["ada"])["patchset"] == 2
    desk.type("mr", "withdraw", "1")
    assert "Dropped 1" in desk.type("sign", "--discard").stdout
    assert "Nothing was signed" in desk.type("sign", "--key", desk.keys["bob"]).stdout


def test_signing_shows_the_sheet_and_needs_a_yes(desk: Desk) -> None:
    desk.type("mr", "open", "--title", "x", "--as", desk.keys["ada"])
    desk.type("mr", "approve", "1", "--area", "world")
    asked = desk.type("sign", "--key", desk.keys["bob"], code=2)
    assert "--yes" in asked.stderr
    for words in ("You are Bob (made-up)", "for the areas: world", "+law =", "difference shown: sha256:", "3 more"):
        assert words in asked.stdout
    assert len(desk.team.request(1).entries) == 1


@pytest.mark.parametrize(
    ("who", "code"), [("stranger", "unknown-key"), ("robot", "assistant-key"), ("ada", "own-request")]
)
def test_the_wrong_signer_is_told_why(desk: Desk, who: str, code: str) -> None:
    desk.type("mr", "open", "--title", "x", "--as", desk.keys["ada"])
    desk.type("mr", "approve", "1")
    told = desk.ask("sign", "--key", desk.keys[who], "--yes", code=1)
    assert [problem["code"] for problem in told["problems"]] == [code]


def test_bad_input_ends_with_two(desk: Desk, tmp_path: Path) -> None:
    assert desk.ask("mr", "show", "9", code=2)["problems"][0]["code"] == "no-request"
    assert desk.ask("trace", "mechanisms/none.toml", code=2)["problems"][0]["code"] == "nothing-to-trace"
    assert desk.ask("release", "--out", tmp_path / "b.json", code=1)["problems"][0]["code"] == "nothing-approved"
    (tmp_path / "bad.json").write_text('{"format": 1}')
    assert desk.ask("inspect", tmp_path / "bad.json", code=2)["problems"][0]["code"] == "not-canonical"
    (tmp_path / "empty").mkdir()
    listed = CliRunner().invoke(main, ["mr", "list", "--world", str(tmp_path / "empty"), "--json"])
    assert (listed.exit_code, json.loads(listed.stdout)["problems"][0]["code"]) == (2, "no-repository")


def test_one_broken_request_does_not_hide_the_others(desk: Desk) -> None:
    desk.team.adopt()
    desk.team.open({"mechanisms/leak.toml": None})
    git = desk.team.repository.git
    git.references.create("refs/glassworld/mr/7/log", git.create_blob(b"x"))
    listed = desk.ask("mr", "list")
    assert [row["number"] for row in listed["requests"]] == [2]
    assert [(one["number"], one["problems"][0]["code"]) for one in listed["broken"]] == [(7, "broken-log")]
    assert "7  broken" in desk.type("mr", "list").stdout
    desk.type("mr", "show", "7", code=2)
    desk.type("trace", "world.toml:²", code=2)


def test_hostile_text_is_shown_as_escapes(desk: Desk) -> None:
    desk.type("mr", "open", "--title", "\x1b[2Jcleared \u202e", "--as", desk.keys["ada"])
    text = desk.type("mr", "list").stdout
    assert "\x1b" not in text
    assert "\\x1b[2Jcleared \\u202e" in text


def test_a_strangers_lines_do_not_pose_as_ours(desk: Desk) -> None:
    desk.type("mr", "open", "--title", "x\nThe gate is open now.", "--as", desk.keys["ada"])
    desk.type("mr", "comment", "1", "-m", "fine\n  2026-01-01T00:00:00Z  Cy (made-up)  approve for mechanisms")
    sheet = desk.type("sign", "--key", desk.keys["bob"], "--yes").stdout
    shown = desk.type("mr", "show", "1").stdout
    assert "x\\nThe gate is open now." in shown
    for text in (sheet, shown, desk.type("mr", "list").stdout):
        assert not [line for line in text.splitlines() if line.startswith(("The gate is open", "  2026-01-01"))]


def test_init_with_a_roster_of_one(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert desk.ask("init", tmp_path / "new", code=2)["problems"][0]["code"] in {"no-name", "no-key"}
    named = ["--name", "Élise Q. 2nd"]
    missing = desk.ask("init", tmp_path / "new", *named, code=2)["problems"][0]
    assert (missing["code"], missing["found"]) == ("no-key", "No such file or directory")
    public = tmp_path / ".ssh/id_ed25519.pub"
    public.parent.mkdir()
    public.write_text(desk.team.standing.roster.members["ada"].keys[0] + " elise@example\n")
    made = desk.ask("init", tmp_path / "new", *named)
    assert made["roster"] == ["Élise Q. 2nd"]
    assert (tmp_path / "new/governance/roster.toml").read_text().count("elise@example") == 0
    assert "has 1" in desk.type("init", tmp_path / "again", *named).stdout
    assert desk.ask("init", tmp_path / "new", *named, code=2)["problems"][0]["code"] == "folder-not-empty"


def test_init_from_a_template_proposes_its_files(desk: Desk, tmp_path: Path, roster_of: Any) -> None:
    (tmp_path / "roster.toml").write_bytes(roster_of())
    words = ["--template", "us-macro", "--roster", tmp_path / "roster.toml"]
    made = desk.ask("init", tmp_path / "macro", *words)
    assert "world.toml" in made["files"]
    for path in made["files"]:
        assert (tmp_path / "macro" / path).is_file()


def test_a_change_is_shown_as_panes_and_a_vote_binds_the_text_alone(desk: Desk, tmp_path: Path) -> None:
    desk.team.adopt()
    number = str(
        desk.team.open({"mechanisms/leak.toml": desk.team.files["mechanisms/leak.toml"].replace(b"0.9", b"0.8")})
    )
    shown = desk.type("mr", "diff", number, "--draws", "50").stdout
    bound = desk.ask("mr", "diff", number, "--text")
    assert shown.index("== In short") < shown.index("== What changes") < shown.index("== Where it comes from")
    assert f"A vote binds {bound['shown']}" in shown
    assert "panes" not in bound
    page = tmp_path / "page.html"
    value = desk.ask("mr", "diff", number, "--draws", "50", "--html", page)
    assert [pane["id"] for pane in value["panes"]][:2] == ["change", "one-step"]
    assert (value["shown"], value["text"]) == (bound["shown"], bound["text"])
    assert bound["shown"] in page.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_one_pane_is_shown_alone_and_one_that_does_not_exist_is_refused(desk: Desk) -> None:
    number = str(desk.team.open(desk.team.files))
    text = desk.type("mr", "diff", number, "--pane", "change").stdout
    assert "== What changes" in text
    assert "== Where it comes from" not in text
    assert "none of change, one-step" in desk.type("mr", "diff", number, "--pane", "nothing", code=2).output
