"""What is not readable counts as not installed, with or without walls."""

from pathlib import Path

import pytest

from policy.confinement.absent import OnlyReadable


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("gw_single.py", "gw_package/__init__.py", "gw_package/inner.py", "gw_spread/inner.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "place"), [("gw_single", "gw_single.py"), ("gw_package", "gw_package"), ("gw_spread", "gw_spread")]
)
def test_only_what_is_named_is_found(name: str, place: str, installed: Path) -> None:
    assert OnlyReadable([str(installed / place)]).find_spec(name, None) is not None
    assert OnlyReadable([str(installed / "else")]).find_spec(name, None) is None
    assert OnlyReadable([]).find_spec(name, None) is None


def test_parts_follow_their_package(installed: Path) -> None:
    assert OnlyReadable([]).find_spec("gw_package.inner", [str(installed / "gw_package")]) is not None


def test_what_is_not_there_is_not_found() -> None:
    assert OnlyReadable(["/"]).find_spec("gw_nowhere", None) is None
