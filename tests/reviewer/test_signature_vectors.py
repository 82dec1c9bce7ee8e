"""The negative signature vectors: each is refused, or does not count, for exactly the reason that it states.

Its unmodified twin passes, so nothing else is the reason.
"""

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pygit2
import pytest
from vectors.generate import FOLDER, render, vectors

from reviewer.log import Logged, read_request, write_commit
from reviewer.repository import Repository
from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError
from worldmodel.governance.fold import fold
from worldmodel.governance.gate import gate
from worldmodel.governance.replay import genesis, merge
from worldmodel.governance.sshsig import armor
from worldmodel.governance.statement import REVIEW_NAMESPACE, Entry, authenticated, read_entry

VECTORS = sorted(FOLDER.glob("*.json"))


def read(texts: list[str]) -> list[Entry]:
    return [read_entry(text.encode("utf-8"), "vector") for text in texts]


def judge(case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What becomes of a case: refused with codes, kept shut for reasons, open, or merged."""
    try:
        standing = genesis(case["roster"], case["rules"])
        versions = {digest(value): value for value in case["versions"]}
        for log in case["merged"]:
            standing = merge(standing, read(log), versions)
        entries = read(case["log"])
        if "contents" in case:
            lay_out(entries, case["contents"], folder)
        if case["end"] == "merged":
            merge(standing, entries, versions)
            return {"merged": True}
        ground = replace(standing.ground, context=case.get("context"))
        reasons = gate(fold(entries), ground, ()).reasons
    except GlassworldError as error:
        return {"refused": sorted({problem.code for problem in error.problems})}
    return {"shut": sorted({reason.code for reason in reasons})} if reasons else {"open": True}


def lay_out(entries: list[Entry], contents: list[dict[str, dict[str, str]]], folder: Path) -> None:
    """Writes the log into a repository as anyone could, and reads it as everyone does."""
    repository = Repository(folder, pygit2.init_repository(str(folder)))
    parent = None
    for entry, parts in zip(entries, contents, strict=True):
        beside = {kind: {name: text.encode() for name, text in found.items()} for kind, found in parts.items()}
        parent = write_commit(repository, Logged(entry, **beside), [] if parent is None else [parent], None)
    assert parent is not None
    read_request(repository, repository.git[parent].peel(pygit2.Commit))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_it_is_refused_for_the_reason_it_states(path: Path, tmp_path: Path) -> None:
    vector = json.loads(path.read_text(encoding="ascii"))
    assert judge(vector["bad"], tmp_path) == vector["expected"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_its_unmodified_twin_passes(path: Path, tmp_path: Path) -> None:
    case = json.loads(path.read_text(encoding="ascii"))["good"]
    assert judge(case, tmp_path) == {"merged" if case["end"] == "merged" else "open": True}


@pytest.mark.parametrize("kind", ["key-rsa", "key-ecdsa", "key-sk"])
def test_keys_of_other_kinds_made_good_signatures(kind: str, tmp_path: Path) -> None:
    """So they are refused for their kind: ssh-keygen finds nothing wrong with them."""
    vector = json.loads((FOLDER / f"{kind}.json").read_text(encoding="ascii"))
    envelope = json.loads(vector["bad"]["log"][-1])
    blob = base64.b64decode(envelope["signatures"][0]["sig"])
    message = authenticated(base64.b64decode(envelope["payload"]))
    (tmp_path / "sig").write_text(armor(blob))
    check = ["ssh-keygen", "-Y", "check-novalidate", "-n", REVIEW_NAMESPACE, "-s", tmp_path / "sig"]
    done = subprocess.run(check, input=message, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_files_are_what_the_script_writes() -> None:
    written = {path.name: path.read_text(encoding="ascii") for path in VECTORS}
    assert {f"{vector['name']}.json": render(vector) for vector in vectors()} == written


def test_there_are_at_least_forty_and_no_two_say_the_same() -> None:
    cases = [json.loads(path.read_text(encoding="ascii"))["bad"] for path in VECTORS]
    assert len({digest(case) for case in cases}) == len(VECTORS) >= 40
