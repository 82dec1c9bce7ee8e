"""Results are written whole or not at all."""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.outputs import require_free, write_folder
from worldmodel.errors import EnvironmentProblem, InputError

FILES = {"policy.safetensors": b"w" * 5000, "statement.json": b"{}"}


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond a kilobyte, which is what a full disk feels like."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    require_free(out, 10_000)
    write_folder(out, FILES)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == FILES
    assert [path.name for path in out.parent.iterdir()] == ["run"]


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="output-not-written") as caught:
        write_folder(tmp_path / "run", FILES)
    assert "nothing half-written" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_seen_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="bytes free"):
        require_free(tmp_path / "run", 1 << 62)


def test_an_empty_folder_is_used_and_a_full_one_never_touched(tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    require_free(out, 0)
    write_folder(out, FILES)
    with pytest.raises(InputError, match="output-exists"):
        require_free(out, 0)
    with pytest.raises(EnvironmentProblem, match="output-not-written"):
        write_folder(out, {"other": b""})
    assert {path.name for path in out.iterdir()} == set(FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentProblem, match="output-not-written"):
        write_folder(tmp_path / "run", FILES)
    tmp_path.chmod(0o700)


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="output-exists"):
        require_free(tmp_path / "run", 0)
