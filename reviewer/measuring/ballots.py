"""What people said in real requests, for agreement and drift: read from the signed logs, planted proposals apart."""

from collections.abc import Iterable

from reviewer.log import Request
from reviewer.measuring.agreement import Ballots
from reviewer.measuring.drift import Reviewed
from worldmodel.governance.operations import Approve, Object, Withdraw
from worldmodel.governance.roster import Roster


def ballots(requests: Iterable[Request], roster: Roster) -> Ballots:
    """Each person's last vote in each request: `approve` or `object`; who withdrew said nothing."""
    return {request.state.number: _votes(request, roster) for request in requests}


def reviewed(requests: Iterable[Request], roster: Roster, person: str) -> list[Reviewed]:
    """The requests in which a person voted, in the order of their numbers."""
    found = []
    for request in sorted(requests, key=lambda one: one.state.number):
        vote = _votes(request, roster).get(person)
        if vote is not None:
            said = [one.entry for one in request.entries if roster.person(one.entry.key) == person]
            remarks = sum(not isinstance(entry.operation, Approve) for entry in said)
            found.append(Reviewed(request.state.number, vote == "approve", remarks))
    return found


def _votes(request: Request, roster: Roster) -> dict[str, str]:
    votes: dict[str, str] = {}
    for logged in request.entries:
        person = roster.person(logged.entry.key)
        if person is None:
            continue
        match logged.entry.operation:
            case Approve():
                votes[person] = "approve"
            case Object():
                votes[person] = "object"
            case Withdraw():
                votes.pop(person, None)
            case _:
                continue
    return votes
