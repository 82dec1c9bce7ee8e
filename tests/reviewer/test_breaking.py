"""Attempts by people who write git objects and programs of their own: what is shown, signed and merged stays true."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer import computing, requests
from reviewer.commands.inspect import inspect_command
from reviewer.history import find_request
from reviewer.log import log_reference, write_commit
from reviewer.merge import merge_operation
from reviewer.release import seal
from reviewer.requests import sign_entry
from reviewer.signing import sheet, sign_draft
from worldmodel.errors import InputError, RefusedError
from worldmodel.governance.sshsig import public_bytes


def leak(team: Any, factor: str) -> dict[str, bytes]:
    return {"mechanisms/leak.toml": team.files["mechanisms/leak.toml"].replace(b"0.9", factor.encode())}


def page_of(team: Any, kept: Any, who: str) -> Any:
    return sheet(team.repository, kept.draft, public_bytes(team.key(who)))


@pytest.mark.parametrize("kind", ["approve", "mark", "bypass"])
def test_nobody_signs_for_a_request_that_misstates_itself(
    team: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A bundle has no files: that its hunks are all there is, only those who signed have seen."""
    monkeypatch.setattr(requests, "computed", lambda *known: computing.computed(*known) | {"bits": 1})
    number = team.open(team.files)
    every: dict[str, dict[str, Any]] = {
        "approve": {},
        "mark": {"state": "understood", "hunks": sorted(team.request(number).state.hunks)},
        "bypass": {"requirements": ["understood"]},
    }
    with pytest.raises(RefusedError, match="misstated-proposal"):
        team.sign(team.draft(number, kind, "no time", **every[kind]), "bob")
    team.say(number, "object", "bob", text="it hides something")


def test_a_merge_that_was_only_said_is_no_merge(team: Any) -> None:
    """The entry lies in the request's log, and the approved branch knows nothing of it."""
    number = team.open(team.files)
    team.say(number, "object", "cy", text="wait")
    history, request = team.history, team.request(number)
    logged = sign_entry(history, request, merge_operation(history, request), {}, team.key("eve"))
    write_commit(team.repository, logged, [request.tip], log_reference(number))
    with pytest.raises(InputError, match="broken-log"):
        find_request(team.repository, team.history, number)


def test_what_is_signed_is_what_was_read_also_where_the_patchset_or_its_surroundings_changed(team: Any) -> None:
    team.adopt()
    number = team.open(leak(team, "0.8"))
    kept = team.draft(number, "approve")
    page = page_of(team, kept, "bob")
    team.update(number, leak(team, "0.8"), "eve")  # the same files: another author, and another text beside them
    with pytest.raises(RefusedError, match="shown-moved"):
        sign_draft(team.repository, kept, page, team.key("bob"))
    page = page_of(team, kept, "bob")
    assert "patchset 2" in page.text
    team.adopt({"variables/level.toml": team.files["variables/level.toml"].replace(b"height", b"depth")}, "ada")
    with pytest.raises(RefusedError, match="shown-moved"):
        sign_draft(team.repository, kept, page, team.key("bob"))


def test_inspect_names_only_those_whose_approval_counted(team: Any, tmp_path: Path) -> None:
    number = team.open(team.files)
    team.say(number, "approve", "bob", "cy", "dan", "eve")
    team.say(number, "withdraw", "eve")
    team.merge(number)
    bundle = tmp_path / "bundle.json"
    bundle.write_bytes(seal(team.history)[0])
    told = json.loads(CliRunner().invoke(inspect_command, [str(bundle), "--json"]).output)
    assert [name.split()[0] for name in told["requests"][0]["approved_by"]] == ["Bob", "Cy", "Dan"]
