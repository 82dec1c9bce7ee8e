"""Plain git and ssh-keygen, with no code of ours, accept what we signed, and refuse what they must."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pygit2
import pytest
from click.testing import CliRunner

from reviewer.commands.people import people_command
from reviewer.commands.trace import trace_command
from worldmodel.errors import RefusedError
from worldmodel.governance import sshsig
from worldmodel.governance.operations import Approve
from worldmodel.governance.statement import authenticated, namespace_of, read_entry, sign_operation, signed_parts

LEAK = "mechanisms/leak.toml"


def git(team: Any, *arguments: Any, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", team.folder, *arguments], env=environment, capture_output=True, text=True, check=False, **more
    )


def people(team: Any, *arguments: Any) -> str:
    done = CliRunner().invoke(people_command, ["--world", str(team.folder), *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def verify_commit(team: Any, allowed: Path, revision: str = "approved") -> subprocess.CompletedProcess[str]:
    return git(team, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", revision)


@pytest.fixture
def allowed(team: Any, tmp_path: Path) -> Path:
    """A world with one merge by ada, and its allowed_signers."""
    team.adopt()
    people(team, "--allowed-signers", tmp_path / "allowed")
    return tmp_path / "allowed"


def test_git_accepts_a_merge_as_signed_by_the_person_who_merged(team: Any, allowed: Path) -> None:
    done = verify_commit(team, allowed)
    assert done.returncode == 0, done.stderr
    assert 'Good "git" signature for ada with ED25519 key SHA256:' in done.stderr
    assert git(team, "fsck", "--strict").returncode == 0


def test_git_refuses_it_without_the_signer_on_the_list_or_with_the_key_revoked(
    team: Any, allowed: Path, tmp_path: Path
) -> None:
    [line] = [line for line in allowed.read_text().splitlines() if line.startswith("ada ")]
    (tmp_path / "others").write_text(allowed.read_text().replace(line, ""))
    assert verify_commit(team, tmp_path / "others").returncode != 0
    (tmp_path / "revoked").write_text(line.split('" ')[1] + "\n")
    revoking = ["-c", f"gpg.ssh.allowedSignersFile={allowed}", "-c", f"gpg.ssh.revocationFile={tmp_path / 'revoked'}"]
    assert git(team, *revoking, "verify-commit", "approved").returncode != 0


def test_an_assistants_key_is_good_for_proposing_alone(team: Any, allowed: Path, tmp_path: Path) -> None:
    [line] = [line for line in allowed.read_text().splitlines() if line.startswith("robot ")]
    assert line.startswith('robot namespaces="glassworld-propose@v1" ssh-ed25519 ')
    key = team.key_file("robot", tmp_path)
    (tmp_path / "message").write_bytes(b"message")
    for space, good in (("glassworld-propose@v1", True), ("glassworld-review@v1", False), ("git", False)):
        (tmp_path / "message.sig").unlink(missing_ok=True)
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", space, tmp_path / "message"]
        subprocess.run(sign, check=True, capture_output=True)
        check = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            allowed,
            "-I",
            "robot",
            "-n",
            space,
            "-s",
            tmp_path / "message.sig",
        ]
        assert (subprocess.run(check, input=b"message", capture_output=True, check=False).returncode == 0) == good


def test_a_merge_commit_whose_signature_is_anothers_is_refused(team: Any, tmp_path: Path) -> None:
    team.adopt()
    content = team.repository.approved().gpg_signature[1]
    assert content is not None
    key = team.key_file("bob", tmp_path)
    (tmp_path / "commit").write_bytes(content)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "git", tmp_path / "commit"], check=True)
    other = (tmp_path / "commit.sig").read_text().rstrip("\n")
    for forged in (other, "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"):
        commit = team.repository.git.create_commit_with_signature(content.decode(), forged, "gpgsig")
        team.repository.git.references["refs/heads/approved"].set_target(commit)
        with pytest.raises(RefusedError, match="not that of the person who merged"):
            _ = team.history


def test_a_merge_commit_from_before_they_were_signed_is_still_good(team: Any) -> None:
    team.adopt()
    tip = team.repository.approved()
    bare = team.repository.git.create_commit(None, tip.author, tip.committer, tip.message, tip.tree.id, tip.parent_ids)
    team.repository.git.references["refs/heads/approved"].set_target(bare)
    assert [state.number for state in team.history.standing.merged] == [1]


def test_a_branch_that_moved_meanwhile_is_not_moved_again(team: Any) -> None:
    from reviewer.commits import move_branch

    first = team.repository.approved().id
    team.adopt()
    with pytest.raises(pygit2.GitError, match="old reference value"):
        move_branch(team.repository.git, "refs/heads/approved", first, first)


def test_a_branch_that_moves_at_the_last_moment_is_not_moved_again(team: Any) -> None:
    """What `move_branch` relies on: libgit2 compares with what was read, under its lock."""
    team.adopt()
    read = team.repository.git.references["refs/heads/approved"]
    before, last = team.repository.approved().parent_ids[0], read.target
    team.repository.git.references["refs/heads/approved"].set_target(before)
    with pytest.raises(pygit2.GitError, match="old reference value does not match"):
        read.set_target(last)


def test_an_old_merge_verifies_with_the_roster_of_its_time(team: Any, roster_of: Any, tmp_path: Path) -> None:
    team.adopt()
    first = str(team.repository.approved().id)
    second = roster_of(2)
    old = second.split(b"[people.ada]")[1].split(b"keys = [")[1].split(b"]")[0]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tmp_path / "new"], check=True)
    new = f'"{(tmp_path / "new.pub").read_text().strip()}"'.encode()
    team.adopt({"governance/roster.toml": second.replace(old, new)}, who="bob")
    people(team, "--allowed-signers", tmp_path / "now")
    people(team, "--request", 1, "--allowed-signers", tmp_path / "then")
    assert verify_commit(team, tmp_path / "now", first).returncode != 0
    assert verify_commit(team, tmp_path / "then", first).returncode == 0


def test_exported_proofs_verify_with_ssh_keygen_alone(team: Any, tmp_path: Path) -> None:
    team.adopt(who="robot", provenance=team.provenance())
    folder = tmp_path / "proofs"
    done = CliRunner().invoke(trace_command, [LEAK, "--world", str(team.folder), "--export", str(folder)])
    assert done.exit_code == 0, done.output
    shutil.rmtree(team.folder)
    script = folder / "request-1" / "verify.sh"
    ran = subprocess.run(["sh", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.count("Good ")) == (0, 5), ran.stderr
    (folder / "request-1" / "003-approve.signed").write_bytes(b"something else")
    assert subprocess.run(["sh", script], capture_output=True, check=False).returncode == 1


def test_proofs_of_a_request_that_outlived_a_key_name_the_roster_of_each_entry(
    team: Any, roster_of: Any, tmp_path: Path
) -> None:
    number = team.open(team.files)
    team.say(number, "comment", "eve", text="I look at it.")
    team.adopt({"governance/roster.toml": roster_of(2, ("ada", "bob", "cy", "dan"))}, who="dan")
    team.update(number, team.files)
    team.say(number, "approve", "bob", "cy", "dan")
    team.merge(number)
    folder = tmp_path / "proofs"
    done = CliRunner().invoke(trace_command, [LEAK, "--world", str(team.folder), "--export", str(folder)])
    assert done.exit_code == 0, done.output
    ran = subprocess.run(
        ["sh", folder / f"request-{number}" / "verify.sh"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.count("Good ")) == (0, 7), ran.stderr


def test_we_read_an_operation_that_ssh_keygen_signed(team: Any, tmp_path: Path) -> None:
    """The signature of an entry is replaced by one that ssh-keygen made over the same bytes, and read again."""
    from reviewer.keys import load_key

    number = team.open(team.files)
    state = team.request(number).state
    said = {"request": number, "parents": [state.tip], "time": "2026-01-01T00:00:00Z"}
    about = {"patchset": 1, "proposal": state.proposal, "shown": state.proposal}
    operation = Approve.model_validate({**said, **about, "areas": ["mechanisms"]})
    key = team.key_file("bob", tmp_path)
    entry = sign_operation(operation, load_key(key))
    message, blob = signed_parts(entry)
    assert message.startswith(b"DSSEv1 28 application/vnd.in-toto+json ")
    (tmp_path / "entry").write_bytes(message)
    space = namespace_of(operation)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", space, tmp_path / "entry"], check=True)
    theirs = sshsig.dearmor((tmp_path / "entry.sig").read_text())
    assert sshsig.verify(theirs, message, space) == read_entry(entry.data, "test").key
    assert theirs == blob
    assert authenticated(b"{}") == b"DSSEv1 28 application/vnd.in-toto+json 2 {}"


def test_people_are_listed_with_what_openssh_calls_their_keys(team: Any, tmp_path: Path) -> None:
    listed = subprocess.run(
        ["ssh-keygen", "-lf", team.key_file("bob", tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    text = people(team)
    assert "bob: Bob (made-up)\n    " + listed.split()[1] in text
    assert "robot: Robot (assistant), operated by ada" in text
    assert '"kind": "assistant"' in people(team, "--json")


def test_a_request_that_is_not_merged_has_no_roster(team: Any) -> None:
    done = CliRunner().invoke(people_command, ["--world", str(team.folder), "--request", "4"])
    assert (done.exit_code, "not-merged" in done.output) == (2, True)


def test_revoked_keys_are_listed_and_exported(team: Any, roster_of: Any, tmp_path: Path) -> None:
    second = roster_of(2)
    keys = second.split(b"[people.bob]")[1].split(b"keys = [")[1].split(b"]")[0]
    first, other = keys.split(b", ")
    changed = second.replace(keys, first) + b"\n[[people.bob.revoked]]\nkey = " + other + b'\nwhy = "lost on a train"\n'
    team.adopt({"governance/roster.toml": changed})
    text = people(team, "--revoked-keys", tmp_path / "revoked", "--allowed-signers", tmp_path / "allowed")
    assert "revoked: lost on a train" in text
    line = other.decode().strip('"')
    assert (tmp_path / "revoked").read_text() == line + "\n"
    assert line not in (tmp_path / "allowed").read_text()
