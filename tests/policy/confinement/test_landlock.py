"""Landlock's versions, kernels without it, and what it leaves to a process."""

import errno
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from policy.confinement import landlock, launch
from worldmodel.errors import EnvironmentProblem

# Run in a process of its own, with the walls that the arguments name.
RESTRICTED = """
import json, os, sys
from policy.confinement import landlock, process
readable, scratch, version, tried = json.loads(sys.argv[1])
process.give_up_privileges()
landlock.restrict(readable, [], scratch, version)
def outcome(path, flags):
    try:
        os.close(os.open(path, flags))
    except OSError as error:
        return error.errno
    return 0
print(json.dumps([outcome(path, flags) for path, flags in tried]))
"""


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EIO])
def test_a_kernel_without_landlock_is_told_from_one_with(number: int) -> None:
    def call(*arguments: object) -> int:  # noqa: ARG001
        raise OSError(number, os.strerror(number))

    with pytest.raises(EnvironmentProblem) as caught:
        landlock.available_version(call)
    (problem,) = caught.value.problems
    assert problem.code == "landlock-missing"
    assert "5.13" in problem.wanted
    assert "L0" in problem.mend


def test_a_version_too_old_is_refused() -> None:
    with pytest.raises(EnvironmentProblem, match="version 0"):
        landlock.available_version(lambda *_: 0)
    assert landlock.available_version(lambda *_: 1) == 1


def test_newer_versions_take_away_more() -> None:
    known = [landlock.handled(version) for version in range(1, 12)]
    for older, newer in pairwise(known):
        assert older.files & newer.files == older.files
        assert older.network <= newer.network
        assert older.scoped <= newer.scoped
        assert older.size <= newer.size
    assert known[-1].files.bit_length() == 16


@pytest.mark.parametrize("version", range(1, 8))
def test_what_is_not_named_cannot_be_opened(version: int, tmp_path: Path) -> None:
    if version > landlock.available_version():
        pytest.skip("a kernel older than this version")
    for name in ("named", "other", "scratch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    (tmp_path / "named" / "link").symlink_to("../other/file")
    (tmp_path / "single").write_text("text")
    wanted: list[tuple[str, int, int]] = [
        ("named/file", os.O_RDONLY, 0),
        ("single", os.O_RDONLY, 0),
        ("single", os.O_WRONLY, errno.EACCES),
        ("named/file", os.O_WRONLY, errno.EACCES),
        ("named/new", os.O_CREAT | os.O_WRONLY, errno.EACCES),
        ("named/link", os.O_RDONLY, errno.EACCES),
        ("other/file", os.O_RDONLY, errno.EACCES),
        ("other", os.O_RDONLY, errno.EACCES),
        ("scratch/new", os.O_CREAT | os.O_WRONLY, 0),
    ]
    setup = (
        [str(tmp_path / "named"), str(tmp_path / "single")],
        str(tmp_path / "scratch"),
        version,
        [(str(tmp_path / path), flags) for path, flags, _ in wanted],
    )
    done = subprocess.run(
        [sys.executable, "-c", RESTRICTED, json.dumps(setup)],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(launch.package_root())},
    )
    assert json.loads(done.stdout) == [outcome for _, _, outcome in wanted]
