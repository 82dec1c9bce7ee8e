"""The demonstration replaces what it made itself and touches nothing else."""

from pathlib import Path

import pytest

from worldmodel.demo.folder import finished, fresh_folder
from worldmodel.errors import InputError


def test_an_earlier_demonstration_is_replaced(tmp_path: Path) -> None:
    folder = fresh_folder(tmp_path / "demo")
    (folder / "bundle.json").write_text("{}")
    finished(folder)
    assert not (fresh_folder(tmp_path / "demo") / "bundle.json").exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_not_a_demonstration_is_left_alone(tmp_path: Path, kind: str) -> None:
    place, precious = tmp_path / "demo", tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.tex").write_text("years of work")
    match kind:
        case "folder":
            precious.rename(place)
            kept = place / "thesis.tex"
        case "file":
            place.write_text("years of work")
            kept = place
        case _:
            place.symlink_to(precious)
            kept = precious / "thesis.tex"
    with pytest.raises(InputError) as error:
        fresh_folder(place)
    assert error.value.problems[0].code == "demo-folder-in-use"
    assert kept.read_text() == "years of work"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    assert fresh_folder(tmp_path / "demo").is_dir()
