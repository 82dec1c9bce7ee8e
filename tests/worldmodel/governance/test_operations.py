"""Operations are closed: what came later is left out where it says nothing, and nothing strange is a record."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from worldmodel.canonical import digest
from worldmodel.governance.operations import LATER, to_json
from worldmodel.governance.statement import read_entry

TEXT = {"attachments": {"text": digest("why")}}
PLACE = {"format", "kind", "request", "parents", "time", "attachments", "reverts"}
ONE, TWO = sorted((digest("a"), digest("b")))


def test_later_fields_are_left_out_until_they_say_something(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change)
    log.say("comment", "bob")
    for entry in log.entries:
        assert not LATER & to_json(entry.operation).keys()
    log.say("comment", "bob", context=ONE, resolved=False)
    assert LATER & to_json(log.entries[-1].operation).keys() == {"context", "resolved"}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("comment", {"reply_to": ONE, "resolved": True}),
        ("mark", {"state": "understood", "hunks": [ONE, TWO]}),
        ("mark", {"state": "question", "hunks": [ONE], **TEXT}),
        ("answer", {"question": ONE, "answer": TWO, "right": False}),
        ("attention", {"who": "ada", "act": "add", **TEXT}),
        ("bypass", {"requirements": ["size", "understood"], **TEXT}),
        ("merge", {"previous": None, "before": ONE, "after": TWO, "bypassed": ["size"]}),
    ],
)
def test_every_kind_is_read_back(bench: SimpleNamespace, kind: str, fields: dict[str, Any]) -> None:
    entry = bench.Log(bench.standing, bench.change).say(kind, "bob", **fields)
    assert read_entry(entry.data, "test") == entry


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("mark", {"state": "understood", "hunks": [TWO, ONE]}),
        ("mark", {"state": "understood", "hunks": [ONE, ONE]}),
        ("mark", {"state": "understood", "hunks": []}),
        ("mark", {"state": "skimmed", "hunks": [ONE]}),
        ("mark", {"state": "question", "hunks": [ONE]}),
        ("mark", {"state": "objection", "hunks": [ONE, TWO], **TEXT}),
        ("answer", {"question": ONE, "answer": TWO, "right": 1}),
        ("attention", {"who": "ada", "act": "add"}),
        ("attention", {"who": "ada", "act": "nag", **TEXT}),
        ("bypass", {"requirements": ["size"]}),
        ("bypass", {"requirements": ["understood", "size"], **TEXT}),
        ("comment", {"resolved": True}),
        ("join", {"parents": [ONE]}),
        ("join", {"parents": [TWO, ONE]}),
        ("join", {"parents": [ONE, ONE]}),
        ("approve", {"parents": [ONE, TWO]}),
        ("approve", {"hunks": [ONE]}),
        ("open", {"hunks": {"mechanisms/other.toml": {"law": ONE}}}),
        ("open", {"hunks": {"mechanisms/tank.toml": {"law": ONE, "title": ONE}}}),
        ("open", {"hunks": {"mechanisms/tank.toml": {"láw": ONE}}}),
        ("open", {"questions": -1}),
        ("patchset", {"reverts": ONE}),
    ],
)
def test_a_strange_record_is_refused(bench: SimpleNamespace, kind: str, fields: dict[str, Any]) -> None:
    log = bench.Log(bench.standing, bench.change)
    said = {"patchset": 1, "proposal": log.state.proposal}
    with pytest.raises(ValidationError):
        log.append(kind, "bob", **{**_usual(log, kind, said), **fields})


def _usual(log: Any, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """The fields of a good record of this kind, for those that share them."""
    if kind in {"open", "patchset"}:
        return {name: value for name, value in log.entries[0].operation.model_dump().items() if name not in PLACE}
    return said if kind == "join" else said | {"shown": ONE}
