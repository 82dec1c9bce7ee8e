"""Training end to end, confined: whole or nothing, a function of the bundle, replayable, blind to all else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from policy import train_child, training
from policy.commands.train import train_command
from policy.configuration import Configuration
from policy.replay import replay
from policy.request import make_request
from policy.statement import STATEMENT, dump_statement, load_statement
from policy.training import BUNDLE, TrainingRun, require_trainable, train
from worldmodel.canonical import canonical_json
from worldmodel.errors import EnvironmentProblem, InputError, RefusedError

Components = Mapping[str, dict[str, Any]]


def ignore(frame: dict[str, Any]) -> None: ...


@pytest.fixture(scope="module")
def trained(bundle: bytes, quick: Configuration, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One confined run, shared by the tests that only read it."""
    out = tmp_path_factory.mktemp("policy") / "run"
    frames: list[dict[str, Any]] = []
    run = train(bundle, out, quick, fingerprint=None, level="L3", progress=frames.append)
    return SimpleNamespace(out=out, run=run, frames=frames)


def copy_of(folder: Path, target: Path) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def test_the_folder_holds_what_the_statement_says(trained: SimpleNamespace) -> None:
    statement = load_statement((trained.out / STATEMENT).read_bytes(), "x")
    names = {subject.name for subject in statement.subject}
    assert names == {"policy.safetensors", "policy.onnx", "affine.safetensors", "affine.onnx", "training.json", BUNDLE}
    assert {path.name for path in trained.out.iterdir()} == names | {STATEMENT}
    assert statement.predicate.confinement.level == "L3"
    assert statement.predicate.confinement.outside.seccomp_mode == 2
    assert "policy.train_child" in statement.predicate.software.sources
    assert "worldmodel.simulation.simulator" in statement.predicate.software.sources
    assert set(statement.predicate.result.objective) == {"affine", "mlp"}


def test_a_statement_that_names_a_file_twice_or_no_fingerprint_is_refused(trained: SimpleNamespace) -> None:
    value = json.loads((trained.out / STATEMENT).read_bytes())
    twice = value | {"subject": [*value["subject"], value["subject"][0]]}
    value["predicate"]["parameters"]["fingerprint"] = "sha256:x\nthe bundle is good"
    for hostile in (twice, value):
        with pytest.raises(InputError, match="training-statement"):
            load_statement(canonical_json(hostile), "x")


def test_progress_is_told(trained: SimpleNamespace) -> None:
    phases = [frame["phase"] for frame in trained.frames]
    assert list(dict.fromkeys(phases)) == ["preparation", "affine", "mlp"]
    assert trained.frames[-1]["done"] == trained.frames[-1]["total"]


def test_the_child_loads_nothing_that_sees_data(trained: SimpleNamespace) -> None:
    modules = trained.run.statement.predicate.confinement.modules
    for forbidden in ("assistants", "reviewer", "worldmodel.data", "worldmodel.inference", "worldmodel.templates"):
        assert not [name for name in modules if name == forbidden or name.startswith(forbidden + ".")]
    assert not {"pandas", "statsmodels", "sklearn", "requests"} & set(modules)


def test_importing_all_of_policy_loads_nothing_that_sees_data(repository: Path) -> None:
    program = (
        "import sys, policy.train_child, policy.training, policy.replay, policy.evaluating, policy.gymnasium_env\n"
        "bad = ('assistants', 'reviewer', 'worldmodel.data', 'worldmodel.inference')\n"
        "print([name for name in sys.modules if name in bad or name.startswith(tuple(entry + '.' for entry in bad))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=repository)
    assert done.stdout.strip() == "[]"


def test_a_replay_gives_the_same_bytes(trained: SimpleNamespace) -> None:
    result = replay(trained.out, None, ignore)
    assert result.agrees, result.to_json()
    assert result.circumstances == ()


def test_without_walls_the_bytes_are_the_same_and_the_level_says_so(
    trained: SimpleNamespace, bundle: bytes, quick: Configuration, tmp_path: Path
) -> None:
    run = train(bundle, tmp_path / "run", quick, fingerprint=None, level="L0", progress=ignore)
    assert run.statement.predicate.confinement.level == "L0"
    assert run.statement.subject == trained.run.statement.subject


def test_another_bundle_gives_another_seed_and_another_policy(
    bundle: bytes, components: Components, seal: Callable[[Components], bytes], quick: Configuration
) -> None:
    header = {**components["world.toml"], "summary": "the same world in other words"}
    other = seal({**components, "world.toml": header})
    first, again, changed = (train_child.main(make_request(data, quick), ignore) for data in (bundle, bundle, other))
    assert first == again
    assert first["policy.safetensors"] != changed["policy.safetensors"]


def faked(monkeypatch: pytest.MonkeyPatch, run: TrainingRun) -> None:
    """Makes the replay's training give what it gave before, without the wait."""
    monkeypatch.setattr("policy.replay.run_training", lambda *_: run)


def test_a_replay_says_which_byte_was_changed(
    trained: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, trained.run)
    folder = copy_of(trained.out, tmp_path / "copy")
    assert replay(folder, None, ignore).agrees
    data = bytearray((folder / "policy.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "policy.safetensors").write_bytes(data)
    result = replay(folder, None, ignore)
    assert not result.agrees
    (wrong,) = [entry for entry in result.files if not entry.same]
    assert wrong.name == "policy.safetensors"
    assert f"differs from byte {len(data) - 1} on" in wrong.detail
    assert "not what the statement says" in wrong.detail


def test_a_replay_sees_a_missing_file_and_a_claim_that_does_not_hold(
    trained: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, trained.run)
    folder = copy_of(trained.out, tmp_path / "copy")
    (folder / "affine.onnx").unlink()
    statement = json.loads((folder / STATEMENT).read_bytes())
    statement["predicate"]["result"]["objective"]["mlp"] += 1.0
    (folder / STATEMENT).write_bytes(canonical_json(statement))
    wrong = {entry.name: entry.detail for entry in replay(folder, None, ignore).files if not entry.same}
    assert wrong == {"affine.onnx": "is not in the folder", STATEMENT: "claims another seed or result"}


def test_a_replay_says_what_else_is_not_as_it_was(
    trained: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, trained.run)
    folder = copy_of(trained.out, tmp_path / "copy")
    statement = json.loads((folder / STATEMENT).read_bytes())
    statement["predicate"]["confinement"]["cpu_capability"] = "AVX512"
    statement["predicate"]["software"]["versions"]["torch"] = "1.0"
    statement["predicate"]["software"]["sources"]["policy.network"]["sha256"] = "0" * 64
    (folder / STATEMENT).write_bytes(canonical_json(statement))
    told = " ".join(replay(folder, None, ignore).circumstances)
    assert "cpu capability: AVX512 then" in told
    assert "version of torch: 1.0 then" in told
    assert "source file of policy.network: 000000000000 then" in told


def test_a_replay_wants_the_same_bundle(
    trained: SimpleNamespace, us_macro: Components, seal: Callable[[Components], bytes], tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_bytes(seal(us_macro))
    with pytest.raises(RefusedError, match="other-bundle"):
        replay(trained.out, tmp_path / "other.json", ignore)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_tampered_bundle_is_refused_before_anything_else(
    bundle: bytes, quick: Configuration, tmp_path: Path, place: float
) -> None:
    changed = bytearray(bundle)
    changed[int(len(changed) * place)] ^= 1
    with pytest.raises((InputError, RefusedError)):
        train(bytes(changed), tmp_path / "run", quick, fingerprint=None, level="L3", progress=ignore)
    assert list(tmp_path.iterdir()) == []


def test_the_wrong_fingerprint_is_refused(bundle: bytes, quick: Configuration, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="other-fingerprint"):
        train(bundle, tmp_path / "run", quick, fingerprint="sha256:" + "0" * 64, level="L3", progress=ignore)


def test_a_bundle_with_a_bypass_or_without_an_objective_is_refused() -> None:
    bad: Any = SimpleNamespace(bypasses=("merge request 3",), world=lambda: SimpleNamespace(objective=None))
    with pytest.raises(RefusedError) as caught:
        require_trainable(bad)
    assert {problem.code for problem in caught.value.problems} == {"bundle-has-bypass", "no-objective"}


def test_a_folder_in_use_is_never_touched(bundle: bytes, quick: Configuration, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="output-exists"):
        train(bundle, tmp_path / "run", quick, fingerprint=None, level="L3", progress=ignore)
    assert (tmp_path / "run" / "thesis.txt").read_text() == "years of work"


def test_a_full_disk_after_training_leaves_nothing(
    trained: SimpleNamespace, bundle: bytes, quick: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, f"No space left on device, for {descriptor}")

    monkeypatch.setattr(training, "run_training", lambda *_: trained.run)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match=r"output-not-written.*No space left"):
        train(bundle, tmp_path / "run", quick, fingerprint=None, level="L3", progress=ignore)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_all_problems_of_a_configuration_at_once(bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(bundle)
    (tmp_path / "c.toml").write_text('draws = "many"\nseed = 3\n')
    arguments = [
        str(tmp_path / "b.json"),
        "--out",
        str(tmp_path / "run"),
        "--config",
        str(tmp_path / "c.toml"),
        "--json",
    ]
    result = CliRunner().invoke(train_command, arguments)
    assert result.exit_code == 2
    problems = json.loads(result.stdout)["problems"]
    assert {(problem["code"], problem["part"]) for problem in problems} == {
        ("training-configuration", "draws"),
        ("training-configuration", "seed"),
    }


def children_of(process: int) -> list[int]:
    listing = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in listing.read_text().split()] if listing.exists() else []


def locked(process: int) -> bool:
    """Whether both filters are on: from then on the child trains."""
    status = Path(f"/proc/{process}/status")
    return status.exists() and "Seccomp_filters:\t2" in status.read_text()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        os.sched_yield()
    return True


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process_and_no_folder(
    bundle: bytes, tmp_path: Path, repository: Path, how: signal.Signals
) -> None:
    (tmp_path / "b.json").write_bytes(bundle)
    (tmp_path / "c.toml").write_text(
        "iterations = 100000\naffine_iterations = 100000\ndraws = 4\nbatch = 2\npool = 8\n"
    )
    program = "from worldmodel.commands.main import main; main()"
    arguments = [
        "train",
        str(tmp_path / "b.json"),
        "--out",
        str(tmp_path / "run"),
        "--config",
        str(tmp_path / "c.toml"),
    ]
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert wait_for(lambda: any(locked(child) for child in children_of(process.pid)))
        children = children_of(process.pid)
        process.send_signal(how)
        _, errors = process.communicate(timeout=60)
    assert wait_for(lambda: not any(Path(f"/proc/{child}/stat").exists() for child in children))
    assert not (tmp_path / "run").exists()
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
    if how is signal.SIGINT:
        assert process.returncode == 2
        assert b"training-interrupted" in errors


def test_the_statement_refuses_unknown_fields_at_every_depth(trained: SimpleNamespace) -> None:
    value = json.loads((trained.out / STATEMENT).read_bytes())
    places: list[dict[str, Any]] = [
        value,
        value["predicate"],
        value["predicate"]["seed"],
        value["subject"][0]["digest"],
    ]
    for place in places:
        place["further"] = 1
        with pytest.raises(InputError, match="training-statement"):
            load_statement(canonical_json(value), "x")
        del place["further"]
    assert load_statement(canonical_json(value), "x") == trained.run.statement
    with pytest.raises(InputError, match="canonical"):
        load_statement(dump_statement(trained.run.statement) + b"\n", "x")
