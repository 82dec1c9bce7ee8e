"""An assistant's process: it answers with proposals or problems, and can neither write to the world nor read a key."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistants import confinement
from assistants.running import Order, run_assistant
from worldmodel.errors import EnvironmentProblem, InputError

WriteLake = Callable[..., Path]
HERE = str(Path(__file__).resolve().parents[2])
needs_landlock = pytest.mark.skipif(not confinement.supported(), reason="this kernel has no Landlock")

ATTEMPTS = """
import json, os, socket, sys
from assistants import confinement
import worldmodel
readable, scratch, targets = json.loads(sys.argv[1])
confinement.confine([*confinement.programs(), *readable], scratch)

def tried(act):
    try:
        act()
    except OSError:
        return "refused"
    return "done"

def connect():
    socket.create_connection(("127.0.0.1", 9), timeout=1)

print(json.dumps({
    "read component": tried(lambda: open(targets["component"]).read()),
    "write scratch": tried(lambda: open(os.path.join(scratch, "x"), "w").write("x")),
    "write component": tried(lambda: open(targets["component"], "a")),
    "write beside": tried(lambda: open(targets["component"] + ".new", "w")),
    "remove component": tried(lambda: os.unlink(targets["component"])),
    "truncate component": tried(lambda: os.truncate(targets["component"], 0)),
    "read key": tried(lambda: open(targets["key"]).read()),
    "list home": tried(lambda: os.listdir(os.path.dirname(targets["key"]))),
    "read through a link": tried(lambda: (os.symlink(targets["key"], os.path.join(scratch, "l")),
                                          open(os.path.join(scratch, "l")).read())),
    "connect": tried(connect),
}))
"""


def told(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@needs_landlock
def test_a_proposal_comes_back_and_the_world_is_as_it_was(write_lake: WriteLake) -> None:
    folder, steps = write_lake(), []
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (proposal,) = run_assistant(Order("parameters", folder, ("keeper",)), lambda *what: steps.append(what))
    assert set(proposal.changes) == {"posteriors/keeper.toml"}
    assert ("keeper", 0, 1) in steps
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@needs_landlock
def test_its_problems_come_back_as_problems(write_lake: WriteLake) -> None:
    with pytest.raises(InputError) as caught:
        run_assistant(Order("parameters", write_lake(), ("kepeer",)), told)
    assert [problem.code for problem in caught.value.problems] == ["unknown-mechanism"]


@needs_landlock
def test_a_confined_process_reads_components_and_nothing_private(tmp_path: Path) -> None:
    world, home, scratch = tmp_path / "world", tmp_path / "home", tmp_path / "scratch"
    for folder in (world, home, scratch):
        folder.mkdir()
    (world / "world.toml").write_text("a = 1")
    (home / "id_ed25519").write_text("secret")
    targets = {"component": str(world / "world.toml"), "key": str(home / "id_ed25519")}
    request = json.dumps([[str(world)], str(scratch), targets])
    environment = {**os.environ, "PYTHONPATH": HERE}
    finished = subprocess.run(
        [sys.executable, "-c", ATTEMPTS, request], capture_output=True, text=True, check=True, env=environment
    )
    outcome = json.loads(finished.stdout)
    assert {name for name, result in outcome.items() if result == "done"} == {"read component", "write scratch"}
    assert (world / "world.toml").read_text() == "a = 1"


def test_without_landlock_nothing_runs(write_lake: WriteLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "supported", lambda: False)
    with pytest.raises(EnvironmentProblem, match="assistant-not-confined"):
        run_assistant(Order("parameters", write_lake()), told)


def test_an_assistant_that_dies_is_reported_with_its_last_words(write_lake: WriteLake) -> None:
    with pytest.raises(EnvironmentProblem, match=r"assistant-failed.*no_such"):
        run_assistant(Order("no_such", write_lake(), confined=False), told)
