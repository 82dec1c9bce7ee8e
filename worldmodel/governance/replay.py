"""Replays a world's governance from its first roster on: every merge goes through the same gate again.

Reads the first roster and rules, and the complete logs of all merged requests in order; returns the `Standing` of the
world, or raises RefusedError at the first merge that the gate would not have let through. The repository and the bundle
are both verified with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from worldmodel.canonical import digest, tree_digest
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.fold import RequestState, advance, fold
from worldmodel.governance.gate import Ground, gate
from worldmodel.governance.operations import Merge
from worldmodel.governance.revocation import check_revocations
from worldmodel.governance.roster import ROSTER_PATH, Roster, load_roster
from worldmodel.governance.rules import RULES_PATH, Rules, load_rules
from worldmodel.governance.statement import Entry

LABEL = "governance"


@dataclass(frozen=True)
class Standing:
    """Where a world stands: who decides now, and the digest of every approved component.

    `made_up` labels every made-up person of any roster so far: a later roster does not make real what they approved.
    `bypasses` says of every merge past a requirement which it was and who consented; nothing takes one off the list.
    """

    fingerprint: str
    roster: Roster
    rules: Rules
    digests: Mapping[str, str]
    last_merge: str | None = None
    merged: tuple[RequestState, ...] = ()
    made_up: frozenset[str] = frozenset()
    bypasses: tuple[str, ...] = ()

    @property
    def ground(self) -> Ground:
        """What open requests are judged on."""
        return Ground(self.roster, self.rules, self.digests)


def genesis(roster: Any, rules: Any) -> Standing:
    """The standing of a world that has only its first roster and rules."""
    people = load_roster(roster)
    first = Standing(
        fingerprint=digest({"roster": digest(roster), "rules": digest(rules)}),
        roster=people,
        rules=load_rules(rules),
        digests={ROSTER_PATH: digest(roster), RULES_PATH: digest(rules)},
        made_up=people.made_up(),
    )
    if (first.roster.file.version, first.rules.file.version) != (1, 1):
        raise _broken(LABEL, "a first roster or first rules whose version is not 1")
    return first


def merge(standing: Standing, entries: Sequence[Entry], versions: Mapping[str, Any]) -> Standing:
    """The standing after one merged request; `versions` holds parsed rosters and rules by digest."""
    before = fold(entries[:-1])
    state, operation, where = advance(before, entries[-1]), entries[-1].operation, f"merge request {before.number}"
    if not isinstance(operation, Merge):
        raise _broken(where, "a request that does not end with its merge")
    # Its approvals are bound to a base that may come back: without this, one person could undo a later merge with them.
    if any(state.number == earlier.number for earlier in standing.merged):
        raise _broken(where, "a request with a number that was merged before")
    if not takes_back(state, standing):
        raise _broken(where, "a request that says that it takes back a merge, and does something else")
    bypasses = _check_gate(before, standing, operation, where)
    if standing.roster.person(entries[-1].key) is None:
        raise RefusedError(_bypassed(where, "its merge was signed by nobody on the roster"))
    after = merged_digests(standing.digests, before)
    if (operation.previous, operation.before, operation.after) != (
        standing.last_merge,
        tree_digest(standing.digests),
        tree_digest(after),
    ):
        raise _broken(where, "a merge that does not follow the merge before it")
    moved = replace(standing, digests=after, last_merge=entries[-1].digest, merged=(*standing.merged, state))
    moved = replace(moved, bypasses=(*standing.bypasses, *bypasses))
    return _govern(standing, moved, versions, where)


def takes_back(state: RequestState, standing: Standing) -> bool:
    """Whether a request does what it says of itself: it takes a merge back by all of its changes the other way round.

    One that says nothing does. Rules may ask less of a request that takes a merge back, so nothing else may be in it.
    """
    if state.reverts is None:
        return True
    taken = [one.proposed.changes for one in standing.merged if one.end is not None and one.end.digest == state.reverts]
    back = {path: (change.after, change.before) for path, change in taken[0].items()} if taken else {}
    return back == {path: (change.before, change.after) for path, change in state.proposed.changes.items()}


def merged_digests(current: Mapping[str, str], state: RequestState) -> dict[str, str]:
    """The digests of all components once the request's changes are made."""
    after = dict(current)
    for path, change in state.proposed.changes.items():
        after.pop(path, None)
        if change.after is not None:
            after[path] = change.after
    return after


def check_succession(old: Standing, roster: Any | None, rules: Any | None) -> tuple[Roster, Rules]:
    """The next roster and rules; each may stay, or go up by exactly one version."""
    new_roster = old.roster if roster is None else load_roster(roster)
    new_rules = old.rules if rules is None else load_rules(rules)
    for path, before, after, changed in (
        (ROSTER_PATH, old.roster.file.version, new_roster.file.version, roster is not None),
        (RULES_PATH, old.rules.file.version, new_rules.file.version, rules is not None),
    ):
        if after != before + changed:
            raise _wrong_version(path, f"version {after} after version {before}")
    if roster is None:
        return new_roster, new_rules
    check_revocations(old.roster, new_roster)
    return new_roster.after(old.roster), new_rules


def _check_gate(state: RequestState, standing: Standing, operation: Merge, where: str) -> tuple[str, ...]:
    """Raises RefusedError unless the gate was open; the sentence about each requirement that was bypassed.

    What the checks said is not on record: a merge may name a bypass that only they made necessary, if two consented.
    """
    if standing.rules.binds_context and operation.context is None:
        raise _broken(where, "a merge that does not say in which context it was approved")
    verdict = gate(state, replace(standing.ground, context=operation.context), checks=())
    if not verdict.open:
        raise RefusedError(_bypassed(where, f"it was merged although: {reason.text}") for reason in verdict.reasons)
    waived = {one.name: one.consenting for one in verdict.requirements if one.waived}
    if not set(verdict.bypassed) <= set(operation.bypassed) <= waived.keys():
        raise _broken(where, "a merge that does not name the requirements that were bypassed")
    return tuple(
        f"{where}: {name} was bypassed by {', '.join(map(standing.roster.label, waived[name]))}"
        for name in sorted(operation.bypassed)
    )


def _govern(old: Standing, new: Standing, versions: Mapping[str, Any], where: str) -> Standing:
    found = {}
    for path in (ROSTER_PATH, RULES_PATH):
        if old.digests[path] == new.digests.get(path):
            continue
        if new.digests.get(path) not in versions:
            raise _broken(where, f"a new {path} that is not there")
        found[path] = versions[new.digests[path]]
    roster, rules = check_succession(old, found.get(ROSTER_PATH), found.get(RULES_PATH))
    return replace(new, roster=roster, rules=rules, made_up=new.made_up | roster.made_up())


def _bypassed(where: str, found: str) -> Problem:
    return Problem(
        code="gate-bypassed",
        where=where,
        found=found,
        wanted="merges that the gate lets through",
        mend="do not use this world or bundle; ask its people how this came about",
    )


def _broken(where: str, found: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="broken-chain",
            where=where,
            found=found,
            wanted="one unbroken chain of merges from the first roster on",
            mend="fetch the world or bundle again from a source that you trust",
        )
    )


def _wrong_version(where: str, found: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="governance-version",
            where=where,
            found=found,
            wanted="the next version, one higher than the one in force, and never an older one",
            mend="set `version` to the number in force plus one",
        )
    )
