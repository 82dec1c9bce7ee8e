"""Vectors about a log: entries that were signed for another place, and votes that must not count."""

from collections.abc import Iterator
from typing import Any

from vectors import building as b

BROKEN = b.refused("broken-log")
ORIGIN = {"assistant": "robot", "version": "1", "data_digest": None, "alternatives_tried": 1}


def vectors() -> Iterator[dict[str, Any]]:
    """All of them."""
    yield from _places()
    yield from _patchsets()
    yield from _ends()
    yield from _merges()
    yield from _voters()
    yield from _authors()
    yield from _grounds()


def _places() -> Iterator[dict[str, Any]]:
    """Entries that belong to another place in a log."""
    world = b.World()
    log = b.Story(world).say("approve", "bob")
    other = b.Story(world, number=2)
    good = log.case()
    opening, approval = log.texts
    yield b.vector(
        "replay-on-another-request",
        "an approval of request 1 in the log of request 2",
        BROKEN,
        log.case(*other.texts, approval),
        good,
    )
    elsewhere = other.saying("approve") | {"request": 1, "parents": [other.tip]}
    yield b.vector(
        "parent-of-another-log",
        "an approval that names the tip of another log",
        BROKEN,
        log.case(opening, b.Story(world).envelope(elsewhere, "bob")),
        good,
    )
    first = b.Story(world)
    twice = first.saying("approve") | {"parents": []}
    yield b.vector(
        "entry-without-parent",
        "an approval that names no entry before it",
        BROKEN,
        log.case(opening, first.envelope(twice, "bob")),
        good,
    )
    yield b.vector("entry-twice", "the same approval twice", BROKEN, log.case(opening, approval, approval), good)
    longer = b.Story(world).say("comment", "cy").say("approve", "bob")
    start, middle, last = longer.texts
    yield b.vector(
        "entries-swapped",
        "a comment and an approval in the wrong order",
        BROKEN,
        longer.case(start, last, middle),
        longer.case(),
    )
    yield b.vector(
        "first-entry-missing", "a log whose opening is gone", BROKEN, longer.case(middle, last), longer.case()
    )
    yield b.vector("log-empty", "no entry at all", BROKEN, b.case_of(world, []), good)
    second = first.place() | first.proposing(b.LAW) | {"kind": "open", "patchset": 1}
    again = b.Story(world)
    again.append(second | {"parents": [again.tip]}, "cy", namespace=b.PROPOSE)
    yield b.vector("second-opening", "the request is opened again", BROKEN, again.case(), good)
    orphan = b.Story(world, parents=[log.tip])
    yield b.vector("opening-with-parent", "an opening that names an entry before it", BROKEN, orphan.case(), good)
    late = b.Story(world, patchset=2)
    yield b.vector("opening-of-second-patchset", "an opening that calls itself patchset 2", BROKEN, late.case(), good)
    about = b.Story(world)
    about.proposal, kept = b.SHOWN, about.proposal
    about.say("approve", "bob")
    about.proposal = kept
    yield b.vector("stale-digest", "an approval of a proposal that was never made here", BROKEN, about.case(), good)


def _patchsets() -> Iterator[dict[str, Any]]:
    world = b.World()
    good = b.Story(world).propose(b.OTHER_LAW, "ada").say("approve", "bob").case()
    skipped = b.Story(world)
    skipped.patchset = 2
    skipped.propose(b.OTHER_LAW, "ada").say("approve", "bob")
    yield b.vector("patchset-skipped", "patchset 3 after patchset 1", BROKEN, skipped.case(), good)
    repeated = b.Story(world).propose(b.OTHER_LAW, "ada", patchset=1)
    yield b.vector("patchset-repeated", "patchset 1 after patchset 1", BROKEN, repeated.case(), good)
    older = b.Story(world)
    old = older.proposal
    older.propose(b.OTHER_LAW, "ada")
    older.proposal, older.patchset = old, 1
    older.say("approve", "bob")
    yield b.vector("vote-on-older-patchset", "a vote on patchset 1 after patchset 2", BROKEN, older.case(), good)
    void = b.Story(world).say("approve", "bob").propose(b.OTHER_LAW, "ada")
    yield b.vector(
        "vote-before-other-meaning", "patchset 2 means something else", b.shut("quorum-missing"), void.case(), good
    )
    back = b.Story(world).say("approve", "bob").propose(b.OTHER_LAW, "ada").propose(b.LAW, "ada")
    yield b.vector(
        "vote-does-not-come-back", "patchset 3 means what patchset 1 meant", b.shut("quorum-missing"), back.case(), good
    )
    held = b.Story(world).say("object", "cy").propose(b.OTHER_LAW, "ada").say("approve", "bob")
    lifted = b.Story(world).say("object", "cy").say("withdraw", "cy").propose(b.OTHER_LAW, "ada").say("approve", "bob")
    yield b.vector(
        "objection-outlives-patchset",
        "an objection that nobody lifted",
        b.shut("objection-open"),
        held.case(),
        lifted.case(),
    )
    other = b.Story(world).say("object", "cy").say("withdraw", "dan").say("approve", "bob")
    yield b.vector(
        "objection-lifted-by-another",
        "dan takes back what cy said",
        b.shut("objection-open"),
        other.case(),
        b.Story(world).say("object", "cy").say("withdraw", "cy").say("approve", "bob").case(),
    )


def _ends() -> Iterator[dict[str, Any]]:
    world = b.World()
    good = b.Story(world).say("approve", "bob").merge("ada").case(end="merged")
    after = b.Story(world).say("approve", "bob").merge("ada").say("comment", "cy")
    yield b.vector("entry-after-merge", "a comment after the merge", BROKEN, after.case(end="merged"), good)
    kept = b.Story(world).say("approve", "bob").say("object", "cy")
    whole = b.Story(world).say("approve", "bob").say("comment", "cy").merge("ada")
    cut = kept.merge("ada")
    yield b.vector(
        "truncated-log",
        "an objection cut out before the merge",
        BROKEN,
        cut.case(*cut.texts[:2], cut.texts[3], end="merged"),
        whole.case(end="merged"),
    )
    yield b.vector(
        "truncated-end",
        "a merged request without its merge",
        b.refused("broken-chain"),
        whole.case(*whole.texts[:3], end="merged"),
        whole.case(end="merged"),
    )
    ended = b.Story(world).say("approve", "bob").say("abandon", "ada")
    yield b.vector(
        "abandoned",
        "its author ended it",
        b.shut("request-ended"),
        ended.case(),
        b.Story(world).say("approve", "bob").case(),
    )
    for who, expected in (("dan", b.ignored()), ("stranger", b.shut("voice-of-no-person"))):
        foreign = b.Story(world).say("approve", "bob").say("abandon", who)
        yield b.vector(
            f"abandoned-by-{who}",
            "someone who did not write it ends it: it goes on",
            expected,
            foreign.case(),
            b.Story(world).say("approve", "bob").case(),
        )


def _merges() -> Iterator[dict[str, Any]]:
    world = b.World()
    good = b.Story(world).say("approve", "bob").merge("ada").case(end="merged")
    for who in ("robot", "stranger"):
        merge = b.Story(world).say("approve", "bob").merge(who)
        yield b.vector(
            f"merged-by-{who}",
            "a merge that no person signed",
            b.refused("gate-bypassed"),
            merge.case(end="merged"),
            good,
        )
    early = b.Story(world).merge("ada")
    yield b.vector(
        "merged-without-quorum",
        "a merge with nobody's approval",
        b.refused("gate-bypassed"),
        early.case(end="merged"),
        good,
    )
    for field in ("previous", "before", "after"):
        wrong = b.Story(world).say("approve", "bob").merge("ada", **{field: b.SHOWN})
        yield b.vector(
            f"merge-of-wrong-{field}",
            f"a merge whose `{field}` is not the world's",
            b.refused("broken-chain"),
            wrong.case(end="merged"),
            good,
        )


def _voters() -> Iterator[dict[str, Any]]:
    """Two approvals are asked for; the first is bob's."""
    world = b.World(rules=b.rules(2))
    few, voice = b.shut("quorum-missing"), b.shut("quorum-missing", "voice-of-no-person")

    def votes(*who: str, author: str = "ada", **more: Any) -> dict[str, Any]:
        log = b.Story(world, author=author, **more)
        for name in who:
            log.say("approve", name)
        return log.case()

    good = votes("bob", "cy")
    yield b.vector("second-key-of-one-person", "bob approves with both his keys", few, votes("bob", "bob-second"), good)
    yield b.vector("second-vote-of-one-key", "bob approves twice", few, votes("bob", "bob"), good)
    yield b.vector("vote-of-the-author", "ada approves what she wrote", few, votes("bob", "ada"), good)
    yield b.vector(
        "vote-of-an-authors-other-key",
        "bob wrote it, and approves with his other key",
        few,
        votes("cy", "bob-second", author="bob"),
        votes("cy", "dan", author="bob"),
    )
    yield b.vector(
        "vote-of-the-operator",
        "ada operates the robot that wrote it",
        few,
        votes("bob", "ada", author="robot", provenance=ORIGIN),
        votes("bob", "cy", author="robot", provenance=ORIGIN),
    )
    yield b.vector(
        "vote-of-the-operator-behind-a-person",
        "dan hands in what ada's robot made",
        few,
        votes("bob", "ada", author="dan", provenance=ORIGIN),
        votes("bob", "cy", author="dan", provenance=ORIGIN),
    )
    yield b.vector("vote-of-an-assistant", "the robot approves", voice, votes("bob", "robot"), good)
    yield b.vector("vote-of-a-stranger", "a key that is on no roster", voice, votes("bob", "stranger"), good)
    hidden = b.Story(world, author="robot", provenance=ORIGIN).propose(b.LAW, "dan")
    hidden.say("approve", "bob").say("approve", "ada")
    shown = b.Story(world, author="robot", provenance=ORIGIN).propose(b.LAW, "dan")
    shown.say("approve", "bob").say("approve", "cy")
    yield b.vector(
        "origin-left-out-later", "patchset 2 does not say that the robot made it", few, hidden.case(), shown.case()
    )
    taken = b.Story(world).say("approve", "bob").say("approve", "cy").say("withdraw", "bob")
    yield b.vector("vote-taken-back", "bob withdraws", few, taken.case(), good)
    instead = b.Story(world).say("approve", "bob").say("approve", "cy").say("object", "bob-second")
    yield b.vector(
        "vote-replaced-by-other-key",
        "bob objects with his other key",
        b.shut("objection-open", "quorum-missing"),
        instead.case(),
        good,
    )
    narrow = b.Story(world).say("approve", "bob").say("approve", "cy", areas=["parameters"])
    yield b.vector("vote-for-another-area", "cy approves an area that is not touched", few, narrow.case(), good)


def _authors() -> Iterator[dict[str, Any]]:
    world = b.World()
    good = b.Story(world).say("approve", "bob").case()
    unknown = b.Story(world, author="stranger").say("approve", "bob")
    yield b.vector("author-on-no-roster", "a request by a stranger", b.shut("author-unknown"), unknown.case(), good)
    rules = {b.RULES: b.rules(2, version=2)}
    own = b.Story(world, rules).say("approve", "bob").case()
    robot = b.Story(world, rules, author="robot", provenance=ORIGIN).say("approve", "bob")
    yield b.vector(
        "governance-by-assistant", "an assistant proposes rules", b.shut("governance-by-assistant"), robot.case(), own
    )
    mixed = b.Story(world, {**rules, **b.LAW}).say("approve", "bob")
    yield b.vector(
        "governance-mixed", "rules and a mechanism in one request", b.shut("governance-mixed"), mixed.case(), own
    )


def _grounds() -> Iterator[dict[str, Any]]:
    """What a patchset says of the world it starts from."""
    world = b.World()
    good = b.Story(world).say("approve", "bob").case()
    base = world.after(b.Story(world, number=9).say("approve", "bob").merge("ada"))
    fresh = b.Story(base, b.OTHER_LAW).say("approve", "bob")
    old = b.Story(world, b.OTHER_LAW).say("approve", "bob")
    yield b.vector(
        "base-moved", "the component is another by now", b.shut("base-moved"), b.case_of(base, old.texts), fresh.case()
    )
    for field in ("roster", "rules"):
        wrong = b.Story(world, **{field: b.SHOWN}).say("approve", "bob")
        yield b.vector(
            f"other-{field}",
            f"a patchset under {field} that are not in force",
            b.shut("governance-moved"),
            wrong.case(),
            good,
        )
    nothing = b.Story(world)
    empty = nothing.place() | nothing.proposing({}) | {"kind": "open", "patchset": 1, "parents": []}
    yield b.vector(
        "patchset-of-nothing",
        "no change at all",
        b.refused("malformed-record"),
        b.case_of(world, [nothing.envelope(empty, "ada", namespace=b.PROPOSE)]),
        good,
    )
    for path in ("../../etc/passwd", "mechanisms/tank.py", "mechanisms/Tank.toml", "mechanisms/a/b.toml"):
        odd = {path: {"before": None, "after": b.SHOWN, "text": b.SHOWN}}
        outside = (
            nothing.place() | nothing.proposing({}) | {"kind": "open", "patchset": 1, "parents": [], "changes": odd}
        )
        name = "path-" + "".join(letter if letter.isalnum() else "-" for letter in path).strip("-").lower()
        yield b.vector(
            name,
            f"a change of {path}",
            b.refused("malformed-record"),
            b.case_of(world, [nothing.envelope(outside, "ada", namespace=b.PROPOSE)]),
            good,
        )
