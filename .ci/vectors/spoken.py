"""Vectors about what came to be said later: hunks marked, questions answered, bypasses, joins, and contexts.

The rules are of format 2 here, which ask that every hunk is understood, and in the context that the change has.
"""

from collections.abc import Iterator
from typing import Any

from vectors import building as b

HUNK, OTHER_HUNK = b.digest("a hunk"), b.digest("another hunk")
CONTEXT, OTHER_CONTEXT = b.digest("a context"), b.digest("another context")
WHY = {"text": b.digest_bytes(b"why")}
BROKEN, RECORD = b.refused("broken-log"), b.refused("malformed-record")


def vectors() -> Iterator[dict[str, Any]]:
    """All of them."""
    yield from _contexts()
    yield from _hunks()
    yield from _answers()
    yield from _bypasses()
    yield from _joins()
    yield from _shapes()


def _world(quorum: int = 1) -> b.World:
    return b.World(rules=b.rules(quorum) | {"format": 2})


def _opened(quorum: int = 1, **more: Any) -> b.Story:
    return b.Story(_world(quorum), **({"hunks": {b.TANK: {"law": HUNK}}} | more))


def _reviewed(story: b.Story, *people: str, context: str = CONTEXT) -> b.Story:
    """Each of these people understands the hunk and approves."""
    for who in people:
        story.say("mark", who, state="understood", hunks=[HUNK], context=context)
        story.say("approve", who, context=context)
    return story


def _case(story: b.Story, **more: Any) -> dict[str, Any]:
    return story.case(context=CONTEXT, **more)


def _contexts() -> Iterator[dict[str, Any]]:
    good = _case(_reviewed(_opened(), "bob"))
    elsewhere = _reviewed(_opened(), "bob", context=OTHER_CONTEXT)
    everything = b.shut("quorum-missing")
    yield b.vector(
        "context-of-another-base", "the vote was given in another context", everything, _case(elsewhere), good
    )
    bare = _opened().say("mark", "bob", state="understood", hunks=[HUNK], context=CONTEXT).say("approve", "bob")
    yield b.vector("context-left-out", "an approval that names no context", everything, _case(bare), good)
    merged = _reviewed(_opened(), "bob").merge("ada", context=CONTEXT).case(end="merged")
    for name, more in (("other", {"context": OTHER_CONTEXT}), ("no", {})):
        wrong = _reviewed(_opened(), "bob").merge("ada", **more).case(end="merged")
        code = "gate-bypassed" if more else "broken-chain"
        about = f"the merge names {name} context than the votes" if more else "the merge names no context"
        yield b.vector(f"merge-in-{name}-context", about, b.refused(code), wrong, merged)


def _hunks() -> Iterator[dict[str, Any]]:
    good = _case(_reviewed(_opened(), "bob"))
    blind = _opened().say("approve", "bob", context=CONTEXT)
    missing = b.shut("not-understood")
    yield b.vector("approval-without-reading", "bob approves and marks no hunk", missing, _case(blind), good)
    others = _opened().say("mark", "cy", state="understood", hunks=[HUNK], context=CONTEXT)
    others.say("approve", "bob", context=CONTEXT)
    yield b.vector("hunk-marked-by-another", "cy understood, bob approves", missing, _case(others), good)
    foreign = _opened().say("mark", "bob", state="understood", hunks=[OTHER_HUNK], context=CONTEXT)
    yield b.vector("hunk-of-another-change", "a mark of a hunk that is not there", BROKEN, _case(foreign), good)
    hidden = b.Story(_world()).say("approve", "bob", context=CONTEXT)
    yield b.vector("hunks-not-listed", "a patchset that names no hunks", b.shut("hunks-missing"), _case(hidden), good)
    asked = _opened().say("mark", "cy", state="objection", hunks=[HUNK], attachments=WHY, context=CONTEXT)
    yield b.vector(
        "hunk-objected", "cy objects to the hunk", b.shut("objection-open"), _case(_reviewed(asked, "bob")), good
    )
    comment = {"resolved": False, "attachments": WHY, "context": CONTEXT}
    question = _opened().say("comment", "cy", **comment)
    replied = {"resolved": True, "reply_to": question.tip, "attachments": WHY, "context": CONTEXT}
    answered = _opened().say("comment", "cy", **comment).say("comment", "cy", **replied)
    question.say("comment", "dan", **replied)
    yield b.vector(
        "question-resolved-by-another",
        "dan says that cy's question is resolved",
        b.shut("question-open"),
        _case(_reviewed(question, "bob")),
        _case(_reviewed(answered, "bob")),
    )


def _answers() -> Iterator[dict[str, Any]]:
    def answered(*answers: tuple[str, bool]) -> dict[str, Any]:
        story = _opened(questions=2)
        for name, right in answers:
            story.say("answer", "bob", question=b.digest(name), answer=b.SHOWN, right=right, context=CONTEXT)
        return _case(_reviewed(story, "bob"))

    good = answered(("first", True), ("second", True))
    few = b.shut("not-answered")
    yield b.vector(
        "answer-counted-twice", "one question, answered twice", few, answered(("a", True), ("a", True)), good
    )
    yield b.vector("answer-wrong", "the second answer is wrong", few, answered(("a", True), ("c", False)), good)
    guess = answered(("a", True), ("c", False), ("c", True))
    yield b.vector("answer-guessed", "wrong first, right at the second guess", few, guess, good)


def _bypasses() -> Iterator[dict[str, Any]]:
    def consenting(*people: str, author: str = "ada", names: tuple[str, ...] = ("quorum",), **more: Any) -> b.Story:
        story = _reviewed(_opened(4, author=author), "bob")
        for who in people:
            story.say("bypass", who, requirements=sorted(names), attachments=WHY, context=CONTEXT, **more)
        return story

    every = ("answered", "quorum", "understood")
    good = _case(consenting("bob", "cy", names=every))
    shut = b.shut("quorum-missing")
    rows = (
        ("bypass-by-one", "only bob consents", ("bob",)),
        ("bypass-by-two-keys", "bob consents with both his keys", ("bob", "bob-second")),
        ("bypass-by-the-author", "the author is the second who consents", ("bob", "ada")),
    )
    for name, about, people in rows:
        yield b.vector(name, about, shut, _case(consenting(*people, names=every)), good)
    robot = b.shut("quorum-missing", "voice-of-no-person")
    yield b.vector(
        "bypass-by-an-assistant", "the robot is the second", robot, _case(consenting("bob", "robot", names=every)), good
    )
    held = _reviewed(_opened(), "bob").say("object", "dan", context=CONTEXT)
    for who in ("bob", "cy"):
        held.say("bypass", who, requirements=["objections"], attachments=WHY, context=CONTEXT)
    yield b.vector("bypass-of-an-objection", "nobody can bypass it", b.shut("objection-open"), _case(held), good)
    merged = consenting("bob", "cy", names=every).merge("ada", context=CONTEXT, bypassed=list(every))
    silent = consenting("bob", "cy", names=every).merge("ada", context=CONTEXT)
    boast = _reviewed(_opened(), "bob").merge("ada", context=CONTEXT, bypassed=["quorum"])
    chain = b.refused("broken-chain")
    yield b.vector(
        "bypass-not-named", "the merge is silent about it", chain, silent.case(end="merged"), merged.case(end="merged")
    )
    yield b.vector(
        "bypass-of-nobody",
        "the merge names one without consent",
        chain,
        boast.case(end="merged"),
        merged.case(end="merged"),
    )


def _joins() -> Iterator[dict[str, Any]]:
    """Two sides of a log: bob approves on one, and on the other cy says something."""
    world = b.World()

    def sides(kind: str) -> tuple[b.Story, str, list[str]]:
        story = b.Story(world)
        opening = story.tip
        story.say("approve", "bob")
        one = story.tip
        story.append(story.saying(kind) | {"parents": [opening]}, "cy")
        return story, opening, sorted([one, story.tip])

    def joining(story: b.Story, parents: list[str], who: str = "dan", **more: Any) -> dict[str, Any]:
        said = {"kind": "join", "parents": parents, "patchset": story.patchset, "proposal": story.proposal}
        return story.append(story.place() | said | more, who).case()

    story, opening, tips = sides("comment")
    good = joining(story, tips)
    yield b.vector("sides-not-joined", "two ends", BROKEN, sides("comment")[0].case(), good)
    story, _, tips = sides("comment")
    yield b.vector("join-in-wrong-order", "the two parents are not sorted", RECORD, joining(story, tips[::-1]), good)
    story, _, tips = sides("comment")
    yield b.vector("join-of-one", "one side twice", RECORD, joining(story, [tips[0], tips[0]]), good)
    story, _, tips = sides("comment")
    yield b.vector(
        "join-with-the-past", "a side and the opening", BROKEN, joining(story, sorted([tips[0], opening])), good
    )
    story, _, tips = sides("comment")
    yield b.vector("join-of-another-patchset", "it names patchset 2", BROKEN, joining(story, tips, patchset=2), good)
    for who in ("robot", "stranger"):
        story, _, tips = sides("comment")
        yield b.vector(
            f"join-by-{who}", "no person joined them", b.shut("voice-of-no-person"), joining(story, tips, who), good
        )
    story, _, tips = sides("object")
    yield b.vector(
        "join-hides-no-objection",
        "an objection on the other side",
        b.shut("objection-open"),
        joining(story, tips),
        good,
    )


def _shapes() -> Iterator[dict[str, Any]]:
    good = _case(_reviewed(_opened(), "bob"))
    story = _opened()
    spelled = b.refused("malformed-document")
    written = story.saying("comment") | {"context": None}
    yield b.vector(
        "default-written-out",
        "a later field, written although it has its default",
        spelled,
        _case(_opened().append(written, "cy")),
        good,
    )
    rows = (
        ("mark-of-nothing", "no hunk", "mark", {"state": "understood", "hunks": []}),
        ("mark-of-unknown-state", "neither of the three states", "mark", {"state": "fine", "hunks": [HUNK]}),
        (
            "mark-out-of-order",
            "hunks that are not sorted",
            "mark",
            {"state": "understood", "hunks": sorted([HUNK, OTHER_HUNK], reverse=True)},
        ),
        ("question-without-text", "a question that asks nothing", "mark", {"state": "question", "hunks": [HUNK]}),
        ("bypass-without-reason", "a bypass that does not say why", "bypass", {"requirements": ["quorum"]}),
        ("attention-without-reason", "attention without a reason", "attention", {"who": "cy", "act": "add"}),
        ("resolution-of-nothing", "it resolves nothing", "comment", {"resolved": True}),
        ("answer-in-words", "right is a word", "answer", {"question": HUNK, "answer": HUNK, "right": "yes"}),
    )
    for name, about, kind, fields in rows:
        yield b.vector(name, about, RECORD, _case(_opened().say(kind, "cy", **fields)), good)
