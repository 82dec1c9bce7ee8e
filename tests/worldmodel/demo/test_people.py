"""Made-up people: their keys are private and real, and the roster calls every one of them made-up."""

import stat
import tomllib
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from worldmodel.demo import people
from worldmodel.governance.roster import load_roster


def test_every_person_on_the_roster_is_called_made_up(tmp_path: Path) -> None:
    roster = load_roster(tomllib.loads(people.roster_toml(people.make_people(tmp_path / "keys"))))
    assert all("made-up" in roster.label(identity) for identity in roster.people())
    assert roster.label(people.ASSISTANT) == "Parameters (assistant)"
    assert set(people.REVIEWERS) < set(roster.people())


def test_keys_are_readable_by_their_owner_alone_and_match_the_roster(tmp_path: Path) -> None:
    for person in people.make_people(tmp_path / "keys").values():
        assert stat.S_IMODE(person.key.stat().st_mode) == 0o600
        private = load_ssh_private_key(person.key.read_bytes(), password=None)
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        assert public == person.public


def test_two_demonstrations_share_no_key(tmp_path: Path) -> None:
    first, second = people.make_people(tmp_path / "a"), people.make_people(tmp_path / "b")
    assert not {person.public for person in first.values()} & {person.public for person in second.values()}
