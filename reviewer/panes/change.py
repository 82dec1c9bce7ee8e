"""The first pane: what the change is, typed and in words, with graph and equations before and after.

Everything here is read from the two worlds, nothing is simulated. Where the world after the change cannot be built, the
keys that differ are still shown, and the problems that say why.
"""

from collections.abc import Iterator, Mapping

from reviewer.diff import ABSENT, key_changes
from reviewer.panes.equality import equality_blocks
from reviewer.panes.equations import equation_blocks
from reviewer.panes.graphs import graph_blocks
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.parameters import parameter_blocks
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, newness, problems
from worldmodel.files import GOVERNANCE_PATH
from worldmodel.showing.differences import Difference, differences
from worldmodel.world import World

MOST_ROWS = 200
_ALARMS = ("FLIPPED SIGN", "CHANGED SIGN")
_WORDS = {
    "added": "came",
    "removed": "gone",
    "renamed": "name",
    "text": "law or text",
    "number": "number",
    "reads": "edge",
    "prior": "prior",
    "posterior": "posterior",
    "list": "list",
    "spelling": "spelling",
}
_FIRST = ("reads", "added", "removed", "text", "prior", "posterior", "number", "renamed", "list", "spelling")
_STATED = frozenset({"why", "title", "summary", "meaning", "stakeholder"})
"""Leaves of components that are words for people: the author's own."""


def change_blocks(subject: Subject) -> Iterator[Block]:
    """What changes: in words by type, as graphs, equations and priors before and after."""
    yield Sentence(_headline(subject))
    yield from _governance(subject)
    yield from newness(subject)
    worlds = both_worlds(subject)
    if worlds is None:
        yield from problems(subject)
        yield from _keys(subject)
        return
    yield from _told(*worlds)
    yield from equality_blocks(subject)
    yield from _formatting(subject, *worlds)
    yield from graph_blocks(*worlds)
    yield from equation_blocks(*worlds)
    yield from parameter_blocks(*worlds)


def _headline(subject: Subject) -> str:
    """How many files come, go and change."""
    kinds: dict[str, list[str]] = {"changed": [], "new": [], "removed": []}
    for path, data in sorted(subject.changes.items()):
        kinds["removed" if data is None else "changed" if path in subject.before else "new"].append(path)
    said = [
        f"{len(paths)} {kind} ({', '.join(paths[:6])}{', …' if len(paths) > 6 else ''})"
        for kind, paths in kinds.items()
        if paths
    ]
    return f"Components: {'; '.join(said) or 'none'}."


def _governance(subject: Subject) -> Iterator[Block]:
    """Who approves, and how, is no part of a world; it is shown key by key."""
    own = {path: data for path, data in subject.changes.items() if GOVERNANCE_PATH.match(path)}
    if own:
        yield Sentence("This changes who may approve, or how: read every key of it.", "unsure")
        yield _key_table("Governance, key by key", subject, own)


def _keys(subject: Subject) -> Iterator[Block]:
    own = {path: data for path, data in subject.changes.items() if not GOVERNANCE_PATH.match(path)}
    if own:
        yield _key_table("What the files say, key by key", subject, own)


def _key_table(caption: str, subject: Subject, changes: Mapping[str, bytes | None]) -> Table:
    rows = [
        (path, one.key, ABSENT if one.before is None else one.before, ABSENT if one.after is None else one.after)
        for path, data in sorted(changes.items())
        for one in key_changes(path, subject.before.get(path), data)
    ]
    return cut(Table(caption, ("file", "key", "before", "after"), tuple(rows)))


def _told(old: World, new: World) -> Iterator[Block]:
    """The differences in words, by type; what turns a sign around stands first."""
    found = differences(old, new)
    if not found:
        yield Sentence("The two worlds are the same: nothing that has a meaning changes.", "good")
        return
    yield from (Sentence(one.sentence, "bad") for one in found if _alarming(one) and not _stated(one))
    facts = [one for one in found if not _stated(one) and not _alarming(one)]
    stated = [one for one in found if _stated(one)]
    if facts:
        yield cut(Table("What changes, in words", ("what", "component", "change"), tuple(map(_row, _sorted(facts)))))
    if stated:
        caption = "What the author now says of it (words for people, which the machine does not check)"
        yield cut(Table(caption, ("what", "component", "change"), tuple(map(_row, stated))))


def _alarming(one: Difference) -> bool:
    return any(word in one.sentence for word in _ALARMS)


def _stated(one: Difference) -> bool:
    return one.part.rpartition(".")[2] in _STATED


def _sorted(found: list[Difference]) -> list[Difference]:
    return sorted(found, key=lambda one: (_FIRST.index(one.kind), one.component))


def _row(one: Difference) -> tuple[str, str, str]:
    return _WORDS[one.kind], one.component, one.sentence


def _formatting(subject: Subject, old: World, new: World) -> Iterator[Block]:
    """Files whose bytes differ and whose meaning does not."""
    same = [
        path
        for path, data in sorted(subject.changes.items())
        if data is not None and path in subject.before and data != subject.before[path]
        and path in new.digests and old.digests.get(path) == new.digests[path]
    ]  # fmt: skip
    if same:
        yield Sentence(f"Only comments or formatting differ in {', '.join(same)}.")


def cut(table: Table) -> Table:
    """A table that a person can read to the end; what is left out is said."""
    more = len(table.rows) - MOST_ROWS
    if more <= 0:
        return table
    last = (f"… and {more} rows more, in `glassworld mr diff --text`", *("" for _ in table.headings[1:]))
    return Table(table.caption, table.headings, (*table.rows[:MOST_ROWS], last))
