"""`glassworld inspect`: verifies a bundle offline and describes what is in it.

Every request is replayed through the gate, from the first roster on. Give the fingerprint that you know with
--fingerprint.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.bundle.bits import in_words
from worldmodel.commands.output import emit, json_option, reports

if TYPE_CHECKING:
    from worldmodel.bundle.verify import Bundle


@click.command("inspect")
@click.argument("bundle", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--fingerprint", help="The fingerprint of the first roster and rules that you trust.")
@json_option
@reports
def inspect_command(bundle: Path, fingerprint: str | None, as_json: bool) -> None:
    """Verify BUNDLE and describe it."""
    from worldmodel.bundle.verify import verify_bundle
    from worldmodel.files import read_document

    verified = verify_bundle(read_document(bundle), fingerprint)
    emit(as_json, {"ok": True, **_value(verified, fingerprint)}, _text(verified, fingerprint))


def _value(bundle: "Bundle", fingerprint: str | None) -> dict[str, Any]:
    roster = bundle.standing.roster
    return {
        "digest": bundle.digest,
        "fingerprint": bundle.fingerprint,
        "fingerprint_given": fingerprint is not None,
        "components": {path: bundle.standing.digests[path] for path in sorted(bundle.components)},
        "requests": [_request(bundle, place) for place in range(len(bundle.standing.merged))],
        "roster": [roster.label(identity) for identity in sorted(roster.members)],
        "made_up": list(bundle.made_up),
        "bypasses": list(bundle.bypasses),
        "bits": bundle.bits,
    }


def _request(bundle: "Bundle", place: int) -> dict[str, Any]:
    from worldmodel.governance.fold import approved_areas
    from worldmodel.governance.gate import excluded, votes_by_person

    state, roster = bundle.standing.merged[place], bundle.standing.roster
    then = roster.at(state.proposed.roster)
    votes = votes_by_person(state, then)
    approved = {person for person, own in votes.items() if approved_areas(own, state)} - excluded(state, then)
    return {
        "number": state.number,
        "components": sorted(state.proposed.changes),
        "author": roster.signer(state.authors[-1]),
        "approved_by": sorted(then.label(person) for person in approved),
    }


def _text(bundle: "Bundle", fingerprint: str | None) -> str:
    value = _value(bundle, fingerprint)
    lines = [
        f"The bundle is good: {len(value['components'])} components, {len(value['requests'])} merged requests.",
        f"digest {value['digest']}",
        f"fingerprint {value['fingerprint']}"
        + ("" if fingerprint else " (taken from the file: compare it with one that you know)"),
    ]
    lines += [
        f"request {request['number']}: {len(request['components'])} components by {request['author']}, "
        f"approved by {', '.join(request['approved_by']) or 'nobody but its author'}"
        for request in value["requests"]
    ]
    lines += [f"BYPASS: {bypass}; training refuses this world" for bypass in value["bypasses"]]
    lines.append(in_words(value["bits"]["total"]))
    if bundle.made_up:
        lines.append(f"Made-up people, for demonstration only: {', '.join(bundle.made_up)}.")
    return "\n".join(lines)
