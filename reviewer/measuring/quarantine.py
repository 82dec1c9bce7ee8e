"""Planted proposals in git, where the gate cannot reach them, and what people made of them.

They lie under `refs/glassworld/quarantine/`, which merging never reads. They carry no signed operation at all, so that
even a copy under the name of a request is refused by every reader. One commit a record: first what was planted, then a
verdict of each person. What is planted can be read by whoever looks into git; the queue does not tell.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import pygit2
from pydantic import Field, StringConstraints

from reviewer import clock
from reviewer.log import quarantined_numbers
from reviewer.measuring.mutations import Mistake
from reviewer.measuring.planting import Planted
from reviewer.repository import Repository, read_tree, signature, transact, write_tree
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.governance.operations import Name, Path, Time
from worldmodel.governance.shape import Strict, parse_json, validate

Verdict = Literal["caught", "missed"]
RECORD = "planted.json"


class Record(Strict):
    """What was planted; `said` is for the debrief."""

    format: Literal[1] = 1
    title: Annotated[str, StringConstraints(max_length=200)]
    mistake: Mistake
    said: Annotated[str, StringConstraints(max_length=2000)]
    path: Path
    removed: list[Path]
    time: Time


class Judged(Strict):
    """One person's verdict: an objection or a question on the spoiled component caught it, an approval missed it."""

    format: Literal[1] = 1
    verdict: Verdict
    seconds: Annotated[int, Field(ge=0, le=10**7)]
    time: Time


@dataclass(frozen=True)
class Quarantined:
    """A planted proposal with its files and the verdicts so far."""

    number: int
    record: Record
    changes: Mapping[str, bytes | None]
    verdicts: Mapping[str, Judged]


def quarantine(repository: Repository, planted: Planted, number: int) -> Quarantined:
    """Keeps a planted proposal under a number that no request has; raises RefusedError if it is taken."""
    record = Record(
        title=planted.title,
        mistake=planted.mistake,
        said=planted.said,
        path=planted.path,
        removed=sorted(path for path, data in planted.changes.items() if data is None),
        time=clock.now(),
    )
    files = {f"files/{path}": data for path, data in planted.changes.items() if data is not None}
    files[RECORD] = _json(record)

    def work() -> None:
        if number in quarantined_numbers(repository) or f"refs/glassworld/mr/{number}/log" in repository.git.references:
            raise RefusedError(_taken(number))
        _commit(repository, number, files, None, record.time)

    transact(repository, work)
    return load_quarantined(repository, number)


def judged(repository: Repository, number: int, person: str, verdict: Verdict, seconds: int) -> Quarantined:
    """Records a person's first verdict; a second one changes nothing, since they have been told by then."""
    name = validate(_Named, {"name": person}, "person").name

    def work() -> None:
        found = load_quarantined(repository, number)
        if name in found.verdicts:
            return
        tip = _tip(repository, number)
        own = Judged(verdict=verdict, seconds=seconds, time=clock.now())
        files = {**read_tree(repository.git, tip.tree), f"verdicts/{name}.json": _json(own)}
        _commit(repository, number, files, tip.id, own.time)

    transact(repository, work)
    return load_quarantined(repository, number)


def load_quarantined(repository: Repository, number: int) -> Quarantined:
    """Reads one planted proposal; raises InputError where there is none or it is malformed."""
    return check_planted(number, read_tree(repository.git, _tip(repository, number).tree))


def check_planted(number: int, contents: Mapping[str, bytes]) -> Quarantined:
    """A planted proposal as its files say; raises InputError where they are malformed."""
    files = dict(contents)
    record = validate(Record, parse_json(files.pop(RECORD, b""), RECORD), RECORD)
    changes: dict[str, bytes | None] = dict.fromkeys(record.removed)
    verdicts = {}
    for path, data in sorted(files.items()):
        if path.startswith("files/"):
            changes[path.removeprefix("files/")] = data
        elif path.startswith("verdicts/"):
            name = path.removeprefix("verdicts/").removesuffix(".json")
            verdicts[name] = validate(Judged, parse_json(data, path), path)
    return Quarantined(number, record, changes, verdicts)


def debrief(found: Quarantined, person: str) -> str:
    """What a person is told at once: whether they saw it, and what was wrong."""
    own = found.verdicts[person]
    seen = "You saw it." if own.verdict == "caught" else "You did not see it."
    return f"Request {found.number} was planted to train reviewers ({found.record.mistake}). {seen} {found.record.said}"


class _Named(Strict):
    name: Name


def _tip(repository: Repository, number: int) -> pygit2.Commit:
    name = f"refs/glassworld/quarantine/{number}"
    if name not in repository.git.references:
        raise InputError(
            Problem(
                code="no-request",
                where=f"planted proposal {number}",
                found="no such proposal here",
                wanted=f"one of {', '.join(map(str, quarantined_numbers(repository))) or 'none so far'}",
                mend="`glassworld measure plant` plants one",
            )
        )
    return repository.git.references[name].peel(pygit2.Commit)


def _commit(
    repository: Repository, number: int, files: Mapping[str, bytes], parent: pygit2.Oid | None, time: str
) -> None:
    author = signature("glassworld", time)
    tree = write_tree(repository.git, files)
    name = f"refs/glassworld/quarantine/{number}"
    parents = [] if parent is None else [parent]
    repository.git.create_commit(name, author, author, f"request {number}\n", tree, parents)


def _json(value: Strict) -> bytes:
    return (json.dumps(value.model_dump(mode="json"), indent=2, sort_keys=True) + "\n").encode("utf-8")


def _taken(number: int) -> Problem:
    return Problem(
        code="number-taken",
        where=f"planted proposal {number}",
        found="a request or planted proposal with this number",
        wanted="a number of its own",
        mend="plant it again",
    )
