"""The file of what happened: read as it stands, or refused with everything that is wrong."""

from pathlib import Path

import pytest

from tests.worldmodel.surface_worlds import EPIDEMIC, world_from
from worldmodel.errors import InputError
from worldmodel.questions.factual import read_factual


def read(tmp_path: Path, text: str | bytes) -> object:
    path = tmp_path / "f.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_factual(world_from(EPIDEMIC), path)


def test_cells_are_numbers_names_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("step,weather,infected[north]\n0,dry,5\n1,wet,\n2,,6.5e0\n\n")
    factual = read_factual(world_from(EPIDEMIC), path)
    assert factual.values == {"weather": {0: 0.0, 1: 1.0}, "infected[north]": {0: 5.0, 2: 6.5}}
    assert factual.horizon == 2
    assert factual.at("infected[north]", 1) is None
    assert not factual.whole("weather")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed-factual"),
        ("step\n1\n", "malformed-factual"),
        ("time,weather\n1,dry\n", "malformed-factual"),
        ("step,weather,weather\n1,dry,dry\n", "malformed-factual"),
        ("step,weather\n1,dry\n3,dry\n", "malformed-factual"),
        ("step,weather\n2,dry\n", "malformed-factual"),
        ("step,weather\n0,dry\n", "malformed-factual"),
        ("step,weather\n1\n", "malformed-factual"),
        ("step,weather\none,dry\n", "malformed-factual"),
        ("step,weather\n1,foggy\n", "malformed-factual"),
        ("step,total\n1,nan\n", "malformed-factual"),
        ('step,total\n1,"3\n', "malformed-factual"),
        (b"step,total\n1,\xff\n", "malformed-factual"),
        ("step,snow\n1,3\n", "unknown-name"),
        ("step,infected[north]\n1,-3\n", "data-outside-support"),
    ],
)
def test_anything_else_is_refused(text: str | bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert {problem.code for problem in caught.value.problems} == {code}
