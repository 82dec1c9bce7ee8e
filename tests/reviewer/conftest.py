"""A world under review: a repository with made-up people, and what they do, one call each."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from reviewer.answering import answer_text, answers_of, asked_now, owed, subject_asked
from reviewer.comprehension.judging import judge
from reviewer.comprehension.key import truths
from reviewer.comprehension.question import Answer, Question, answer_digest
from reviewer.drafts import Kept, load_drafts, new_draft, save_draft
from reviewer.genesis import create_repository, first_rules
from reviewer.history import History, context_of, find_request, load_history
from reviewer.keys import public_bytes
from reviewer.log import Request
from reviewer.merge import Merged, merge_request
from reviewer.people import render_roster
from reviewer.repository import Repository, open_repository
from reviewer.requests import Suggestion, open_request, update_request
from reviewer.signing import sheet, sign_draft
from worldmodel.governance.operations import Provenance

WORLD = b'format = 1\nlanguage = 1\nname = "tank"\nsummary = "A tank with a leak."\nstep = "hour"\n'
LEVEL = b"""format = 1
id = "level"
title = "Level"
meaning = "height of the water"
unit = "m"
role = "state"
initial = ["Normal(1, 0.1)"]

[support]
kind = "real"
"""
LEAK = b"""format = 1
id = "leak"
assigns = "level"
title = "The tank leaks"
law = "Normal(0.9 * level[t-1], spread)"

[parameters.spread]
prior = "HalfNormal(1)"
unit = "m"
why = "waves"
"""
FILES: Mapping[str, bytes] = {"world.toml": WORLD, "variables/level.toml": LEVEL, "mechanisms/leak.toml": LEAK}
PEOPLE = ("ada", "bob", "cy", "dan", "eve")


def key_of(name: str) -> Ed25519PrivateKey:
    """The same key for the same name, always."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def key_line(name: str) -> str:
    """The public key of a name as OpenSSH writes it."""
    return key_of(name).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def roster(version: int = 1, people: tuple[str, ...] = PEOPLE) -> bytes:
    """Made-up people, bob with two keys, and an assistant that ada operates."""
    members: dict[str, dict[str, object]] = {
        name: {"name": name.title(), "kind": "person", "keys": [key_line(name)], "made_up": True} for name in people
    }
    if "bob" in members:
        members["bob"]["keys"] = [key_line("bob"), key_line("bob-second")]
    if "ada" in members:
        members["robot"] = {"name": "Robot", "kind": "assistant", "operator": "ada", "keys": [key_line("robot")]}
    return render_roster(members, version)


class Team:
    """A world's folder and its made-up people; each method does what one command does."""

    files = FILES
    key = staticmethod(key_of)

    def __init__(self, folder: Path, people: tuple[str, ...] = PEOPLE) -> None:
        self.folder = folder
        self.standing = create_repository(folder, roster(people=people), first_rules(), FILES)

    @property
    def repository(self) -> Repository:
        """Opened anew each time, as each command does."""
        return open_repository(self.folder)

    @property
    def history(self) -> History:
        """The approved branch, replayed."""
        return load_history(self.repository)

    def request(self, number: int) -> Request:
        """A request as it stands."""
        return find_request(self.repository, self.history, number)

    def open(self, changes: Mapping[str, bytes | None], who: str = "ada", **more: Any) -> int:
        """Opens a request."""
        return open_request(self.repository, Suggestion(changes, "a change", **more), key_of(who))

    def update(self, number: int, changes: Mapping[str, bytes | None], who: str = "ada") -> int:
        """Uploads a patchset."""
        return update_request(self.repository, number, Suggestion(changes, "a change"), key_of(who))

    def draft(self, number: int, kind: Any, text: str = "", **fields: Any) -> Kept:
        """Writes a draft."""
        path = save_draft(self.repository, new_draft(self.request(number), kind, text, **fields))
        return next(kept for kept in load_drafts(self.repository) if kept.file == path)

    def context(self, number: int) -> str | None:
        """The context of a request as the world stands."""
        return context_of(self.history, self.request(number))

    def sign(self, kept: Kept, who: str) -> bool:
        """Reads the sheet of a draft and signs it."""
        page = sheet(self.repository, kept.draft, public_bytes(key_of(who)))
        return sign_draft(self.repository, kept, page, key_of(who))

    def say(self, number: int, kind: str, *signers: str, text: str = "") -> None:
        """Drafts and signs one thing for each signer."""
        for who in signers:
            if kind == "approve":
                self.understand(number, who)
                self.predict(number, who)
            self.sign(self.draft(number, kind, text), who)

    def approve(self, number: int, *signers: str) -> None:
        """Everything that an approval takes, for each signer."""
        self.say(number, "approve", *signers)

    def understand(self, number: int, *signers: str) -> None:
        """Marks every hunk as understood, where the rules ask for it and the change has any."""
        hunks = sorted(self.request(number).state.hunks)
        for who in signers if hunks else ():
            self.sign(self.draft(number, "mark", state="understood", hunks=hunks), who)

    def asked(self, number: int, who: str) -> tuple[Question, ...]:
        """The questions that are open to a person."""
        request = self.request(number)
        answered = answers_of(self.history, request, who)
        return asked_now(subject_asked(self.repository, self.history, request), request, who, answered)

    def right(self, number: int, question: Question) -> Answer:
        """The answer that the simulator has."""
        subject = subject_asked(self.repository, self.history, self.request(number))
        if question.options:
            return next(option for option in question.options if judge(subject, question, option).right)
        truth = truths(subject, question)[question.outcomes[0]]
        return [float(truth.after[step - 1]) for step in question.steps]

    def answer(self, number: int, who: str, question: Question, answer: Answer, right: bool = True) -> None:
        """Drafts and signs an answer that says of itself whether it is right."""
        fields = {"question": question.digest, "answer": answer_digest(answer), "right": right}
        self.sign(self.draft(number, "answer", answer_text(answer), **fields), who)

    def predict(self, number: int, *signers: str) -> None:
        """Answers what each signer owes, rightly."""
        for who in signers:
            while owed(self.request(number), answers_of(self.history, self.request(number), who)):
                question = self.asked(number, who)[0]
                self.answer(number, who, question, self.right(number, question))

    def merge(self, number: int, who: str = "ada") -> Merged:
        """Merges."""
        return merge_request(self.repository, number, key_of(who))

    def adopt(self, changes: Mapping[str, bytes | None] = FILES, who: str = "ada", **more: Any) -> int:
        """The whole way: open, three approvals, merge."""
        number = self.open(changes, who, **more)
        self.say(number, "approve", *[name for name in ("bob", "cy", "dan", "eve") if name != who][:3])
        self.merge(number)
        return number

    def key_file(self, who: str, folder: Path) -> Path:
        """A private key file in OpenSSH's format."""
        path = folder / f"{who}.key"
        path.write_bytes(key_of(who).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        path.chmod(0o600)
        return path

    @staticmethod
    def provenance(**more: Any) -> Provenance:
        """The provenance of a proposal that the robot made."""
        fields = {"assistant": "robot", "version": "1", "data_digest": None, "alternatives_tried": 3}
        return Provenance.model_validate(fields | more)


@pytest.fixture(autouse=True)
def _a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A fresh world."""
    return Team(tmp_path / "world")


@pytest.fixture
def make_team() -> Callable[..., Team]:
    """Makes worlds with other people or at other places."""
    return Team


@pytest.fixture
def roster_of() -> Callable[..., bytes]:
    """Makes roster files."""
    return roster


@pytest.fixture
def proposal_file(tmp_path: Path) -> Path:
    """What an assistant hands over."""
    path = tmp_path / "proposal.json"
    changes = {"mechanisms/leak.toml": LEAK.decode().replace("0.9", "0.8")}
    provenance = {"assistant": "robot", "version": "1", "data_digest": "sha256:" + "0" * 64, "alternatives_tried": 3}
    fields = {"format": 1, "title": "leaks more", "author": "assistant", "changes": changes, "provenance": provenance}
    path.write_text(json.dumps(fields | {"evidence": {"score": 1.5}, "prose": "I am sure."}))
    return path
