"""A merge request at a glance: who proposes what, what was said, with computed facts apart from prose."""

import json
from collections.abc import Mapping
from typing import Any

from reviewer.history import History
from reviewer.log import Logged, Request
from reviewer.pointing import short
from worldmodel.commands.output import quoted
from worldmodel.governance.operations import (
    Answer,
    Approve,
    Attention,
    Bypass,
    Comment,
    Mark,
    Open,
    Operation,
    Patchset,
)
from worldmodel.governance.roster import Roster
from worldmodel.governance.shape import parse_json
from worldmodel.governance.sshsig import fingerprint


def overview(history: History, request: Request) -> dict[str, Any]:
    """Everything about a request as a JSON value."""
    state, roster, proposal = request.state, history.standing.roster, request.proposal
    provenance = state.proposed.provenance
    return {
        "number": state.number,
        "title": request.title,
        "status": state.status,
        "patchset": state.proposed.patchset,
        "proposal": state.proposal,
        "components": {path: change.model_dump() for path, change in sorted(state.proposed.changes.items())},
        "provenance": None if provenance is None else provenance.model_dump(),
        "evidence": parse_json(proposal.attachments.get("evidence") or b"{}", "evidence"),
        "log": [_entry(roster, logged, _hunk_names(request)) for logged in request.entries],
        "prose": proposal.attachments.get("prose", b"").decode("utf-8", "replace"),
    }


def overview_text(value: Mapping[str, Any]) -> str:
    """The same for people; prose comes last and says that it is no evidence."""
    lines = [f"Merge request {value['number']} ({value['status']}, patchset {value['patchset']}): {value['title']}"]
    lines += [f"Proposal {value['proposal']}", "Components:", *(f"  {path}" for path in value["components"])]
    if value["provenance"]:
        lines += ["Provenance:", *(f"  {name}: {found}" for name, found in value["provenance"].items())]
    if value["evidence"]:
        lines += ["Evidence (computed):", json.dumps(value["evidence"], indent=2, ensure_ascii=False)]
    lines += ["Log:", *(_line(entry) for entry in value["log"])]
    if value["prose"]:
        lines += ["Prose (not evidence):", quoted(value["prose"])]
    return "\n".join(lines)


def _entry(roster: Roster, logged: Logged, hunks: Mapping[str, str]) -> dict[str, Any]:
    operation, key = logged.entry.operation, logged.entry.key
    entry: dict[str, Any] = {
        "id": short(logged.entry.digest),
        "kind": operation.kind,
        "by": roster.signer(key),
        "key": fingerprint(key),
        "time": operation.time,
        "text": logged.attachments.get("text", b"").decode("utf-8", "replace"),
    }
    if isinstance(operation, Approve):
        entry["areas"] = operation.areas
    if isinstance(operation, Comment) and operation.path:
        entry["place"] = f"{operation.path}:{operation.line}" if operation.line else operation.path
    return entry | _own(operation, hunks)


def _own(operation: Operation, hunks: Mapping[str, str]) -> dict[str, Any]:
    """What an entry says besides its text, for the kinds that say more than a vote."""
    match operation:
        case Mark():
            return {"state": operation.state, "hunks": [hunks.get(one, short(one)) for one in operation.hunks]}
        case Comment():
            reply = {} if operation.reply_to is None else {"reply_to": short(operation.reply_to)}
            return reply if operation.resolved is None else reply | {"resolved": operation.resolved}
        case Answer():
            return {"question": short(operation.question), "right": operation.right}
        case Attention():
            return {"who": operation.who, "act": operation.act}
        case Bypass():
            return {"requirements": operation.requirements}
        case _:
            return {}


def _line(entry: Mapping[str, Any]) -> str:
    areas = f" for {', '.join(entry['areas'])}" if entry.get("areas") else ""
    place = f" on {entry['place']}" if entry.get("place") else ""
    text = f":\n{quoted(entry['text'])}" if "\n" in entry["text"] else f": {entry['text']}" if entry["text"] else ""
    return f"  {entry['id']}  {entry['time']}  {entry['by']}  {entry['kind']}{areas}{place}{_more(entry)}{text}"


def _more(entry: Mapping[str, Any]) -> str:
    """In words: what was marked, answered, bypassed, or asked of whom."""
    match entry["kind"]:
        case "mark":
            named = ", ".join(entry["hunks"][:3])
            more = len(entry["hunks"]) - 3
            return f" {entry['state']}: {named}" + (f" and {more} more" if more > 0 else "")
        case "comment":
            reply = f" in answer to {entry['reply_to']}" if "reply_to" in entry else ""
            settled = {True: " (settled)", False: " (a question)", None: ""}[entry.get("resolved")]
            return reply + settled
        case "answer":
            return f" to question {entry['question']}: {'right' if entry['right'] else 'wrong'}"
        case "attention":
            return f" {entry['act']} {entry['who']}"
        case "bypass":
            return f" of {', '.join(entry['requirements'])}"
        case _:
            return ""


def _hunk_names(request: Request) -> dict[str, str]:
    """Every hunk of every patchset by digest, in words."""
    return {
        digest: f"{key} of {path}"
        for logged in request.entries
        if isinstance(logged.entry.operation, Open | Patchset)
        for path, hunks in logged.entry.operation.hunks.items()
        for key, digest in hunks.items()
    }
