"""`glassworld propose` keeps the proposal, hands it to the review, and says what stands in the way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistants import running
from assistants.commands import propose as module
from assistants.commands.propose import propose_command
from assistants.running import Order
from worldmodel.errors import InputError, Problem
from worldmodel.governance.operations import Provenance
from worldmodel.governance.proposal import ProposalFile, load_proposal

PROVENANCE = Provenance(assistant="parameters", version="1", data_digest=None, alternatives_tried=1)
PROPOSAL = ProposalFile(
    format=1,
    title="A title",
    author="assistant",
    changes={"posteriors/a.toml": "a = 1\n"},
    provenance=PROVENANCE,
)


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Order]:
    """Replaces the assistant's process; gives the order that it would have got."""
    seen: list[Order] = []

    def pretend(order: Order, progress: Callable[[str, int, int], None]) -> list[ProposalFile]:
        progress("a mechanism", 1, 2)
        seen.append(order)
        return [PROPOSAL]

    monkeypatch.setattr(running, "run_assistant", pretend)
    return lambda: seen[-1]


def test_the_proposal_is_kept_under_a_name_of_its_content(tmp_path: Path, order: Callable[[], Order]) -> None:
    words = ["--world", str(tmp_path), "--no-open", "--json", "--mechanism", "a", "--assistant", "parameters"]
    first, again = (CliRunner().invoke(propose_command, words) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output == again.output
    (row,) = json.loads(first.output)["proposals"]
    assert row["number"] is None
    assert load_proposal(Path(row["file"]).read_bytes(), "here") == PROPOSAL
    assert order() == Order("parameters", tmp_path, ("a",), cross_check=False, confined=True)
    assert [path.name for path in (tmp_path / ".glassworld/proposals").iterdir()] == [Path(row["file"]).name]


def test_the_review_gets_the_file_and_the_key(
    tmp_path: Path, order: Callable[[], Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    class Finished:
        returncode, stdout, stderr = 0, json.dumps({"ok": True, "number": 7}), ""

    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: calls.append(command) or Finished())
    words = ["--world", str(tmp_path), "--key", "the-key", "--unconfined"]
    result = CliRunner().invoke(propose_command, words)
    assert "merge request 7" in result.output
    assert calls[0][2:6] == ["worldmodel", "mr", "open", "--proposal"]
    assert calls[0][-2:] == ["--as", "the-key"]
    assert not order().confined


@pytest.mark.usefixtures("order")
def test_what_the_review_refuses_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(code="no-repository", where="here", found="no git").to_json()

    class Finished:
        returncode, stdout, stderr = 2, json.dumps({"ok": False, "problems": [problem]}), ""

    monkeypatch.setattr(module.subprocess, "run", lambda _command, **_: Finished())
    result = CliRunner().invoke(propose_command, ["--world", str(tmp_path), "--json"])
    assert result.exit_code == 2
    assert json.loads(result.output)["problems"] == [problem]


@pytest.mark.usefixtures("order")
def test_a_review_that_dies_leaves_the_proposal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finished:
        returncode, stdout, stderr = 1, "", "something broke"

    monkeypatch.setattr(module.subprocess, "run", lambda _command, **_: Finished())
    result = CliRunner().invoke(propose_command, ["--world", str(tmp_path)])
    assert result.exit_code == 2
    assert "request-not-opened" in result.output
    assert len(list((tmp_path / ".glassworld/proposals").iterdir())) == 1


def test_an_unknown_assistant_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(propose_command, ["--world", str(tmp_path), "--assistant", "oracle", "--json"])
    assert result.exit_code == 2
    (problem,) = json.loads(result.output)["problems"]
    assert problem["code"] == "unknown-assistant"
    assert "parameters" in problem["wanted"]


def test_what_an_assistant_cannot_do_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_order: Order, _progress: object) -> list[ProposalFile]:
        raise InputError(Problem(code="not-measured", where="mechanisms/a.toml", found="a hidden input"))

    monkeypatch.setattr(running, "run_assistant", fail)
    result = CliRunner().invoke(propose_command, ["--world", str(tmp_path)])
    assert result.exit_code == 2
    assert "not-measured: mechanisms/a.toml: a hidden input" in result.output
