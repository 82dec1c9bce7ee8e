"""Commands are found where the standard library finds them, by reading less."""

from importlib.metadata import entry_points
from pathlib import Path

from worldmodel.commands.registered import GROUP, commands_on, entries_of


def _installed(folder: Path, distribution: str, text: str) -> Path:
    (folder / distribution).mkdir(parents=True)
    (folder / distribution / "entry_points.txt").write_text(text, encoding="utf-8")
    return folder


def test_what_is_installed_here_is_found_as_the_standard_library_finds_it() -> None:
    assert dict(commands_on()) == {entry.name: entry.value for entry in entry_points(group=GROUP)}


def test_the_first_on_the_path_counts(tmp_path: Path) -> None:
    first = _installed(tmp_path / "a", "one-2.dist-info", f"[{GROUP}]\nsay = a:said\n")
    _installed(tmp_path / "b", "One-1.dist-info", f"[{GROUP}]\nsay = b:said\nold = b:old\n")
    second = _installed(tmp_path / "b", "other-1.egg-info", f"[x]\nno = x:y\n[{GROUP}]\nsay = c:said\nmore = c:d [e]\n")
    path = (str(tmp_path / "absent"), str(first), str(second))
    assert commands_on(path) == {"say": "a:said", "more": "c:d"}


def test_what_is_no_entry_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "bare-1.dist-info").mkdir()
    (tmp_path / "file-1.dist-info").write_text("not a folder")
    (tmp_path / "bytes-1.dist-info").mkdir()
    (tmp_path / "bytes-1.dist-info" / "entry_points.txt").write_bytes(b"\xff")
    assert commands_on((str(tmp_path),)) == {}
    assert list(entries_of(f"# [{GROUP}]\na = b:c\n[{GROUP}]\n; d\n\n# e = f\ng\n", GROUP)) == []
