"""Vectors about who decides: rosters and rules, one after another, and the keys on them."""

from collections.abc import Iterator
from typing import Any

from vectors import building as b


def vectors() -> Iterator[dict[str, Any]]:
    """All of them."""
    yield from _first()
    yield from _next()
    yield from _revocation()
    yield from _contents()


Row = tuple[str, str, str, dict[str, Any]]


def _first() -> Iterator[dict[str, Any]]:
    """The first roster and rules."""
    log = b.Story(b.World()).say("approve", "bob")
    for name, about, code, bad in (*_rosters(), *_rules()):
        yield b.vector(name, about, b.refused(code), bad, log.case())
    late = b.World(roster=b.roster(2))
    yield b.vector(
        "roster-first-version-two",
        "a world that begins with version 2",
        b.refused("broken-chain"),
        b.Story(late).say("approve", "bob").case(),
        log.case(),
    )


def _rosters() -> tuple[Row, ...]:
    def with_roster(**members: Any) -> dict[str, Any]:
        value = b.roster()
        for identity, fields in members.items():
            value["people"][identity] |= fields
        story = b.Story(b.World(roster=value)).say("approve", "bob")
        return story.case()

    dan = b.line(b.raw("dan"))
    return (
        ("roster-key-of-two-people", "dan's key is cy's too", "key-listed-twice", with_roster(cy={"keys": [dan]})),
        (
            "roster-key-of-an-assistant",
            "the robot's key is dan's too",
            "key-listed-twice",
            with_roster(dan={"keys": [dan, b.line(b.raw("robot"))]}),
        ),
        (
            "roster-assistant-without-operator",
            "nobody answers for the robot",
            "operator-unknown",
            with_roster(robot={"operator": None}),
        ),
        (
            "roster-assistant-of-an-assistant",
            "the robot answers for itself",
            "operator-unknown",
            with_roster(robot={"operator": "robot"}),
        ),
        ("roster-unknown-field", "a rank", "unknown-field", with_roster(dan={"rank": 1})),
        (
            "roster-unknown-kind",
            "neither a person nor an assistant",
            "malformed-record",
            with_roster(dan={"kind": "oracle"}),
        ),
        ("roster-rsa-key", "an RSA key", "malformed-key", with_roster(dan={"keys": ["ssh-rsa AAAAB3NzaC1yc2E="]})),
        (
            "roster-point-of-small-order",
            "a key for which anyone can sign",
            "malformed-key",
            with_roster(dan={"keys": [b.line((1).to_bytes(32, "little"))]}),
        ),
        (
            "roster-key-with-stray-bits",
            "a stray sign in dan's key",
            "malformed-document",
            with_roster(dan={"keys": [dan[:-1] + "=" + dan[-1:]]}),
        ),
    )


def _rules() -> tuple[Row, ...]:
    def with_rules(**areas: Any) -> dict[str, Any]:
        value = b.rules()
        value["areas"] |= areas
        return b.Story(b.World(rules=value)).say("approve", "bob").case()

    return (
        (
            "rules-below-an-area",
            "governance asks for fewer than an area",
            "rules-too-weak",
            with_rules(mechanisms={"quorum": 2}),
        ),
        (
            "rules-quorum-of-nobody",
            "an area that asks for nobody",
            "malformed-record",
            with_rules(mechanisms={"quorum": 0}),
        ),
        ("rules-unknown-area", "an area that does not exist", "malformed-record", with_rules(feelings={"quorum": 1})),
    )


def _adopting(world: b.World, value: Any, number: int) -> b.Story:
    return b.Story(world, {b.ROSTER: value}, number=number).say("approve", "cy").merge("ada")


def _moving(world: b.World, value: Any, number: int) -> dict[str, Any]:
    """The case in which a request gives the world this roster."""
    return _adopting(world, value, number).case(end="merged") | {"versions": [*world.versions, value]}


def _next() -> Iterator[dict[str, Any]]:
    """The next roster and rules."""
    world = b.World()
    good = _moving(world, b.roster(2), 1)
    version = b.refused("governance-version")
    second = world.after(_adopting(world, b.roster(2), 1))
    again = b.roster(1)
    again["people"]["dan"]["name"] = "Daniel"
    rolled = b.World(roster=b.roster(2), merged=second.merged, versions=second.versions, last_merge=second.last_merge)
    yield b.vector(
        "governance-rolled-back",
        "the first roster comes back",
        version,
        _from_first(_moving(rolled, b.roster(1), 2)),
        good,
    )
    yield b.vector(
        "governance-same-version", "another roster with the same version", version, _moving(world, again, 1), good
    )
    yield b.vector(
        "governance-version-skipped", "version 3 after version 1", version, _moving(world, b.roster(3), 1), good
    )
    yield b.vector(
        "governance-version-missing",
        "the new roster is not there",
        b.refused("broken-chain"),
        _moving(world, b.roster(2), 1) | {"versions": []},
        good,
    )
    merged = b.Story(world).say("approve", "bob").merge("ada")
    after = world.after(merged)
    undo = b.Story(after, {b.TANK: None}, number=2).say("approve", "bob").merge("ada", after=_without_law(world))
    back = after.after(undo)
    once_more = b.Story(world, number=1).say("approve", "bob")
    once_more.world = back
    yield b.vector(
        "approvals-spent",
        "a merged request is merged again when its base came back",
        b.refused("broken-chain"),
        once_more.merge("ada").case(end="merged"),
        b.Story(back, number=3).say("approve", "bob").merge("ada").case(end="merged"),
    )


def _without_law(world: b.World) -> str:
    return b.tree_digest(world.now())


def _from_first(case: dict[str, Any]) -> dict[str, Any]:
    """The same case told from the first roster on."""
    return case | {"roster": b.roster()}


def _revoking(version: int, *keys: str) -> dict[str, Any]:
    value = b.roster(version)
    value["people"]["bob"]["keys"] = [b.line(b.raw("bob"))]
    value["people"]["bob"]["revoked"] = [{"key": b.line(b.raw(key)), "why": "stolen"} for key in keys]
    return value


def _revocation() -> Iterator[dict[str, Any]]:
    world = b.World()
    second = _revoking(2, "bob-second")
    story = _adopting(world, second, 1)
    revoked = b.World(roster=second, merged=(tuple(story.texts),), versions=(second,), last_merge=story.tip)
    good = _from_first(b.Story(revoked, number=2).say("approve", "bob").case())
    spoilt = b.shut("quorum-missing", "voice-of-no-person")
    late = b.Story(revoked, number=2).say("approve", "bob-second")
    yield b.vector("revoked-key-votes", "bob's revoked key approves", spoilt, _from_first(late.case()), good)
    proposes = b.Story(revoked, number=2, author="bob-second").say("approve", "cy")
    yield b.vector(
        "revoked-key-proposes",
        "bob's revoked key opens a request",
        b.shut("author-unknown"),
        _from_first(proposes.case()),
        good,
    )
    merges = b.Story(revoked, number=2).say("approve", "bob").merge("bob-second")
    yield b.vector(
        "revoked-key-merges",
        "bob's revoked key signs the merge",
        b.refused("gate-bypassed"),
        _from_first(merges.case(end="merged")),
        good,
    )
    pending = b.Story(world, number=2).say("approve", "bob-second")
    yield b.vector(
        "vote-before-revocation",
        "a vote on an open request by a key that was revoked since",
        b.shut("governance-moved", "quorum-missing"),
        _from_first(b.case_of(revoked, pending.texts)),
        good,
    )
    yield b.vector(
        "author-rotates-and-approves",
        "bob wrote it with the key that is gone",
        b.shut("quorum-missing"),
        *_rotating_author(world, revoked),
    )
    held = b.Story(world, number=2).say("object", "bob-second").say("withdraw", "bob-second")
    held.world = revoked
    held.propose(b.LAW, "ada").say("approve", "cy")
    lifted = b.Story(world, number=2).say("object", "bob-second")
    lifted.world = revoked
    lifted.propose(b.LAW, "ada").say("withdraw", "bob").say("approve", "cy")
    yield b.vector(
        "objection-lifted-by-revoked-key",
        "who stole the key takes back what bob said",
        b.shut("objection-open"),
        _from_first(held.case()),
        _from_first(lifted.case()),
    )
    yield from _undone(revoked)


def _rotating_author(world: b.World, revoked: b.World) -> tuple[dict[str, Any], dict[str, Any]]:
    cases = []
    for voter in ("bob", "cy"):
        story = b.Story(world, number=2, author="bob-second")
        story.world = revoked
        story.propose(b.LAW, "ada").say("approve", voter)
        cases.append(_from_first(story.case()))
    return cases[0], cases[1]


def _undone(revoked: b.World) -> Iterator[dict[str, Any]]:
    """Rosters that come after a revocation."""
    kept = _revoking(3, "bob-second")
    kept["people"]["dan"]["name"] = "Daniel"
    good = _from_first(_moving(revoked, kept, 2))
    undone = b.refused("revocation-undone")
    forgotten = _revoking(3)
    yield b.vector(
        "revocation-forgotten",
        "the next roster says nothing of it",
        undone,
        _from_first(_moving(revoked, forgotten, 2)),
        good,
    )
    rewritten = _revoking(3, "bob-second")
    rewritten["people"]["bob"]["revoked"][0]["why"] = "never mind"
    yield b.vector(
        "revocation-rewritten",
        "the next roster gives another reason",
        undone,
        _from_first(_moving(revoked, rewritten, 2)),
        good,
    )
    gone = _revoking(3, "bob-second")
    del gone["people"]["bob"]
    yield b.vector(
        "revocation-gone-with-its-member",
        "bob leaves, and the revocation with him",
        undone,
        _from_first(_moving(revoked, gone, 2)),
        good,
    )
    for who in ("bob", "cy"):
        relisted = _revoking(3, "bob-second")
        relisted["people"][who]["keys"].append(b.line(b.raw("bob-second")))
        yield b.vector(
            f"revoked-key-listed-for-{who}",
            f"the revoked key is {who}'s again",
            b.refused("revoked-key"),
            _from_first(_moving(revoked, relisted, 2)),
            good,
        )
    blamed = _revoking(3, "bob-second")
    blamed["people"]["cy"]["revoked"] = [{"key": b.line(b.raw("dan")), "why": "stolen"}]
    blamed["people"]["dan"]["keys"] = []
    yield b.vector(
        "revocation-blames-another",
        "dan's key is revoked as cy's",
        undone,
        _from_first(_moving(revoked, blamed, 2)),
        good,
    )


def _contents() -> Iterator[dict[str, Any]]:
    """What lies beside an entry: free text and files, which the operation binds by digest."""
    world = b.World()
    bound = {"text": b.digest_bytes(b"I read it.")}
    log = b.Story(world, {"mechanisms/tank.toml": {"law": "x"}}).say("comment", "bob", attachments=bound)
    file = 'law="x"\n'
    opening = log.place() | {"parents": []} | log.proposing(log.changes) | {"kind": "open", "patchset": 1}
    opening["changes"][b.TANK]["text"] = b.digest_bytes(file.encode())
    log.texts = [log.envelope(opening, "ada", namespace=b.PROPOSE)]
    log.say("comment", "bob", attachments=bound).say("approve", "bob")

    def beside(files: dict[str, str], text: dict[str, str], last: dict[str, str]) -> dict[str, Any]:
        parts = [("files", files), ("attachments", text), ("attachments", last)]
        return log.case() | {"contents": [{kind: value} for kind, value in parts]}

    good = beside({b.TANK: file}, {"text": "I read it."}, {})
    unbound, unsigned = b.refused("unbound-content"), b.refused("unsigned-change")
    yield b.vector(
        "attachment-changed",
        "another text than the one that was signed",
        unbound,
        beside({b.TANK: file}, {"text": "I never read it."}, {}),
        good,
    )
    yield b.vector("attachment-missing", "the text is gone", unbound, beside({b.TANK: file}, {}, {}), good)
    yield b.vector(
        "attachment-added",
        "a text that nobody signed",
        unbound,
        beside({b.TANK: file}, {"text": "I read it."}, {"text": "Fine."}),
        good,
    )
    yield b.vector(
        "file-changed",
        "another file than the one that was signed",
        unsigned,
        beside({b.TANK: 'law="y"\n'}, {"text": "I read it."}, {}),
        good,
    )
    yield b.vector(
        "file-reformatted",
        "the same meaning in other bytes",
        unsigned,
        beside({b.TANK: 'law = "x"\n'}, {"text": "I read it."}, {}),
        good,
    )
    yield b.vector(
        "file-added",
        "a file that nobody signed",
        unsigned,
        beside({b.TANK: file, "mechanisms/other.toml": file}, {"text": "I read it."}, {}),
        good,
    )
