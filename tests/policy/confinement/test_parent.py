"""What comes back from a confined process, what is left behind, and what is said when it fails."""

import hashlib
import os
import py_compile
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy.confinement import launch, outside
from policy.confinement.bpf import ALLOW, Rule, assemble, refuse
from policy.confinement.parent import run_confined
from policy.confinement.readable import Readable
from policy.confinement.report import SeenFromOutside
from policy.confinement.syscalls import this_machine
from worldmodel.errors import EnvironmentProblem, InputError

HERE = Path(__file__).parent
FOREIGN = ("assistants", "reviewer", "worldmodel.data", "worldmodel.inference", "statsmodels", "pandas")

# A parent of its own: says which process it confined, then waits for it.
PARENT = """
import dataclasses, sys
from policy.confinement.launch import package_root
from policy.confinement.parent import run_confined
from policy.confinement.readable import readable_for_training
usual = readable_for_training(package_root())
here, target = sys.argv[1:]
paths = dataclasses.replace(usual, readable=(*usual.readable, here), import_path=(*usual.import_path, here))
answer = run_confined(target, b"7", on_progress=lambda head: print(head.get("process", ""), flush=True), paths=paths)
print(answer.report.level, answer.report.outside.no_new_privileges, flush=True)
"""


def _parent(target: str, scratch: Path, *before: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*before, sys.executable, "-B", "-c", PARENT, str(HERE), f"confined_targets:{target}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"TMPDIR": str(scratch), "PYTHONPATH": str(launch.package_root())},
    )


def _ends(watched: int) -> bool:
    """Whether a process ends, watched through a descriptor of it that was opened while it lived."""
    return bool(select.select([watched], [], [], 60)[0])


def test_bytes_come_back_and_nothing_else_went_in(
    paths: Readable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GLASSWORLD_SECRET", "not for training")
    request = os.urandom(3_000_001)
    said: list[dict[str, Any]] = []
    folders: list[list[Path]] = []

    def on_progress(head: dict[str, Any]) -> None:
        said.append(head)
        folders.append(list(tmp_path.iterdir()))

    answer = run_confined("confined_targets:echo", request, on_progress=on_progress, paths=paths, timeout=200)
    assert answer.result == {"back": request, "digest": hashlib.sha256(request).digest(), "empty": b""}
    assert [head["length"] for head in said] == [len(request)]
    assert folders == [[]], "a folder was left while the request was worked on"
    # torch adds one of its own
    assert set(said[0]["environment"]) <= {*launch.environment(), "HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"}
    assert said[0]["imported"] == {"file": "EACCES", "folder": "EACCES", "process": "EACCES", "socket": "EPERM"}
    report = answer.report
    assert (report.level, report.tiers[-1]) == ("L3", "second filter")
    assert (report.outside.seccomp_mode, report.outside.no_new_privileges) == (2, 1)
    assert len(report.probes) == 6
    assert all(probe.refused_with == "EPERM" and not probe.reached for probe in report.probes)
    assert report.environment["ATEN_CPU_CAPABILITY"].upper() == report.cpu_capability
    assert {"torch", "numpy", "policy.confinement.child", "worldmodel.errors"} <= set(report.modules)
    assert not [name for name in report.modules if name.startswith(FOREIGN)]


def test_walls_do_not_change_a_bit(paths: Readable) -> None:
    confined, bare = (run_confined("confined_targets:train", b"7", level=level, paths=paths) for level in ("L3", "L0"))
    assert confined.result == bare.result
    assert bare.report.level == "L0"
    assert (bare.report.probes, bare.report.landlock_version, bare.report.outside.seccomp_mode) == ((), None, 0)
    assert confined.report.environment == bare.report.environment
    assert confined.report.cpu_capability == bare.report.cpu_capability


def test_a_forbidden_call_is_told_from_other_deaths(paths: Readable) -> None:
    with pytest.raises(EnvironmentProblem, match=r"confined-killed.*SIGSYS.*forbidden system call"):
        run_confined("confined_targets:trace_somebody", b"", paths=paths)


def test_time_runs_out(paths: Readable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, start: Callable[..., "subprocess.Popen[bytes]"] = launch.start) -> Any:
        started.append(start(*arguments))
        return started[-1]

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(launch, "start", start)
    with pytest.raises(EnvironmentProblem, match="confined-timeout"):
        run_confined("confined_targets:wait_for_ever", b"", paths=paths, timeout=0.5)
    assert [process.returncode for process in started] == [-signal.SIGKILL]
    assert list(tmp_path.iterdir()) == []


def test_walls_that_the_kernel_does_not_confirm_are_none(paths: Readable, monkeypatch: pytest.MonkeyPatch) -> None:
    weak = SeenFromOutside(seccomp_mode=0, seccomp_filters=0, no_new_privileges=1, threads=1)
    monkeypatch.setattr(outside, "look_at", lambda _: weak)
    with pytest.raises(EnvironmentProblem, match="confinement-leaks"):
        run_confined("confined_targets:echo", b"", paths=paths)


@pytest.mark.parametrize(
    "target", ["", "os.system", "policy:main:x", "policy.train_child:Main()", "../x:main", "a:b\n"]
)
def test_a_target_that_is_no_function_of_ours_is_refused(target: str) -> None:
    with pytest.raises(InputError, match="confined-target"):
        run_confined(target, b"")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_nothing_is_left_when_the_parent_goes(sign: signal.Signals, tmp_path: Path) -> None:
    with _parent("wait_for_ever", tmp_path) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watched = os.pidfd_open(child)
        assert not select.select([watched], [], [], 0)[0]
        parent.send_signal(sign)
        parent.communicate()
    assert parent.returncode == -sign
    assert _ends(watched)
    os.close(watched)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root to become somebody else")
def test_an_ordinary_user_can_confine(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    tmp_path.parent.chmod(0o711)
    # the one capability is for reading an interpreter that lies in root's home; it opens nothing behind Landlock
    read = "+dac_read_search"
    ordinary = (
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        f"--inh-caps={read}",
        f"--ambient-caps={read}",
    )
    with _parent("train", tmp_path, *ordinary) as parent:
        told, complaints = parent.communicate()
    assert told.split() == ["L3", "1"], complaints


@pytest.mark.parametrize("missing", ["landlock_create_ruleset", "seccomp"])
def test_a_kernel_without_the_walls_is_told_before_anything_starts(missing: str, tmp_path: Path) -> None:
    """The same parent, under a filter of ours that makes the kernel look like an old one."""
    number = this_machine().number("seccomp")
    program = assemble(this_machine(), [Rule(missing, refuse(38))], ALLOW)
    blind = (
        f"from policy.confinement import kernel as k; k.prctl(38, 1); k.install_seccomp_filter({number}, {program!r})"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"{blind}\n{PARENT}", str(HERE), "confined_targets:train"],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(launch.package_root())},
        check=False,
    )
    code = {"landlock_create_ruleset": "landlock-missing", "seccomp": "seccomp-missing"}[missing]
    assert re.search(rf"EnvironmentProblem: {code}: this machine's kernel: .*--level L0", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_planted_code_does_not_run(paths: Readable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = _plant(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(planted))
    monkeypatch.setenv("PYTHONSTARTUP", str(planted / "usercustomize.py"))
    fooled = subprocess.run(
        [sys.executable, "-c", "import told; print(told.main(b'', print))"], capture_output=True, check=True
    )
    assert b"planted" in fooled.stdout
    assert (tmp_path / "customised").exists()
    (tmp_path / "customised").unlink()
    wider = replace(paths, readable=(*paths.readable, str(planted)), import_path=(*paths.import_path, str(planted)))
    assert run_confined("told:main", b"", paths=wider).result == {"said": b"honest"}
    assert not (tmp_path / "customised").exists()


def _plant(folder: Path) -> Path:
    """A module whose compiled file says something else than its source, and a start-up file that leaves a trace."""
    planted = folder / "planted"
    planted.mkdir()
    source = planted / "told.py"
    text = "def main(request, emit):\n    return {'said': b'%s'}\n"
    source.write_text(text % "planted")
    os.utime(source, (1, 1))
    py_compile.compile(str(source), doraise=True)
    source.write_text(text % "honest" + " ")
    os.utime(source, (1, 1))
    for name in ("usercustomize.py", "sitecustomize.py"):
        (planted / name).write_text(f"open({str(folder / 'customised')!r}, 'w').close()\n")
    return planted
