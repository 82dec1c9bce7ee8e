"""Object code is kept whole or not at all, and nothing is loaded that another could have written."""

from pathlib import Path

import pytest

from worldmodel.kernel import cache


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "glassworld" / "kernels"


def test_what_is_written_is_read(place: Path) -> None:
    name = cache.key("a", "b")
    assert cache.read(name) is None
    cache.write(name, b"code")
    cache.write(name, b"code")
    assert cache.read(name) == b"code"
    assert [entry.name for entry in place.iterdir()] == [name]
    assert (place / name).stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_as_if_it_were_not_there(place: Path) -> None:
    cache.write("name", b"code")
    for content in (b"", b"short", (place / "name").read_bytes()[:-1], (place / "name").read_bytes() + b"x"):
        (place / "name").write_bytes(content)
        assert cache.read("name") is None


def test_code_under_another_name_is_not_taken(place: Path) -> None:
    cache.write("name", b"code")
    (place / "name").rename(place / "other")
    assert cache.read("other") is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_not_read(place: Path, mode: int) -> None:
    cache.write("name", b"code")
    place.chmod(mode)
    assert cache.read("name") is None
    cache.write("second", b"code")
    place.chmod(0o700)
    assert cache.read("name") == b"code"
    assert cache.read("second") is None


def test_a_file_that_others_may_write_to_is_not_read(place: Path) -> None:
    cache.write("name", b"code")
    (place / "name").chmod(0o622)
    assert cache.read("name") is None


def test_links_are_not_followed(place: Path, tmp_path: Path) -> None:
    cache.write("name", b"code")
    (place / "name").rename(tmp_path / "elsewhere")
    (place / "name").symlink_to(tmp_path / "elsewhere")
    assert cache.read("name") is None
    (place / "name").unlink()
    place.rename(tmp_path / "folder")
    place.symlink_to(tmp_path / "folder")
    cache.write("second", b"code")
    assert cache.read("second") is None


def test_where_nothing_can_be_kept_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache.write("name", b"code")
    assert cache.read("name") is None


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder() is None
    cache.write("name", b"code")
    assert cache.read("name") is None


def test_the_key_tells_everything_apart() -> None:
    assert cache.key("a", "b") != cache.key("a", "c")
    assert len(cache.key("a")) == 64
    assert len(cache.maker()) == 64
