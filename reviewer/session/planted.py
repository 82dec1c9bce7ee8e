"""Planted proposals in the queue: each as the request that it pretends to be, and what is told after the verdict.

The request is made in memory by the functions that make real ones, from the files in quarantine. Nothing of it is
signed and nothing of it is written, so it cannot be merged, and a browser cannot tell it from a real one.
"""

import pygit2

from reviewer import clock
from reviewer.history import History
from reviewer.log import Logged, Request
from reviewer.measuring.quarantine import Quarantined, debrief
from reviewer.naming import who
from reviewer.requests import Suggestion, proposing
from reviewer.session.memory import Place, read_journal
from reviewer.session.order import shuffled
from worldmodel.canonical import digest
from worldmodel.governance.fold import begin
from worldmodel.governance.operations import OPERATION, to_json
from worldmodel.governance.roster import Roster
from worldmodel.governance.shape import validate
from worldmodel.governance.sshsig import parse_public_key
from worldmodel.governance.statement import Entry

LONGEST = 10**7


def planted_request(history: History, found: Quarantined, viewer: str, tip: pygit2.Oid) -> Request | None:
    """The request that a planted proposal pretends to be; None where nobody but the viewer could have written it.

    Raises InputError or RefusedError where its files are not such as can be proposed on the approved world.
    """
    key = _author(history.standing.roster, viewer, found.number)
    if key is None:
        return None
    suggestion = Suggestion(found.changes, found.record.title)
    place = {"kind": "open", "request": found.number, "parents": [], "patchset": 1, "time": found.record.time}
    operation = validate(OPERATION, {"format": 1, **proposing(history, suggestion), **place}, "proposal")
    entry = Entry(b"", digest(to_json(operation)), operation, key)
    files = {path: data for path, data in found.changes.items() if data is not None}
    return Request(begin(entry), (Logged(entry, suggestion.attachments(), files),), tip)


def debrief_of(found: Quarantined, viewer: str, request: Request, roster: Roster) -> str | None:
    """What this reviewer is told of a planted request; None before their verdict."""
    if viewer not in found.verdicts:
        return None
    author = who(roster, request.state.authors[-1])
    return f"{debrief(found, viewer)} It stood under the name of {author}, who had no part in it. It is never merged."


def seconds_open(place: Place, number: int) -> int:
    """Whole seconds since this reviewer opened a request for the first time, as the journal has it."""
    times = [
        line["time"] for line in read_journal(place) if (line.get("event"), line.get("number")) == ("open", number)
    ]
    return min(LONGEST, max(0, clock.seconds(clock.now()) - clock.seconds(times[0]))) if times else 0


def _author(roster: Roster, viewer: str, number: int) -> bytes | None:
    """A key of somebody else on the roster; another person for another number."""
    keys = {person: roster.members[person].keys for person in roster.people() if person != viewer}
    people = shuffled(str(number), (person for person, own in keys.items() if own))
    return parse_public_key(keys[people[0]][0]) if people else None
