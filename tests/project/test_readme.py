"""The README's way to one's own data can be gone as it is printed, by four people with a key each."""

import os
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gates
import pytest

from worldmodel.demo.people import make_people

README = (gates.ROOT / "README.md").read_text(encoding="utf-8")
OWN_DATA = README.partition("## Your own data")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", OWN_DATA, re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.timeout(900)
PEOPLE = ("author", "reviewer-one", "reviewer-two", "reviewer-three")


def lines(block: str) -> Iterator[list[str]]:
    return (shlex.split(line, comments=True) for line in block.splitlines())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with lake.csv, roster.toml, and a home with a key for each of four people."""
    noise = random.Random(1)
    phosphorus, rows = 45.0, ["year,phosphorus,inflow"]
    for year in range(1960, 2010):
        phosphorus = max(5.0, 9 + 0.8 * phosphorus + noise.gauss(0, 3))
        rows.append(f"{year},{phosphorus:.2f},{max(1.0, noise.gauss(10, 1)):.2f}")
    (tmp_path / "lake.csv").write_text("\n".join(rows) + "\n")
    people = make_people(tmp_path / "keys")
    roster = ["format = 1\nversion = 1\n"]
    for name in PEOPLE:
        home = tmp_path / name / ".ssh"
        home.mkdir(parents=True)
        (home / "id_ed25519").write_bytes(people[name].key.read_bytes())
        (home / "id_ed25519.pub").write_text(people[name].public + "\n")
        roster.append(f'[people.{name}]\nname = "{name}"\nkind = "person"\nkeys = ["{people[name].public}"]\n')
    (tmp_path / "roster.toml").write_text("\n".join(roster))
    return tmp_path


def typed(words: list[str], who: str, place: Path, folder: Path) -> str:
    """Types one command as one of the people; the tilde is the shell's work."""
    home = place / who
    arguments = [word.replace("~", str(home)) for word in words[1:]]
    if arguments == ["sign"]:
        arguments.append("--yes")  # nobody sits at the terminal
    done = subprocess.run(
        [sys.executable, "-m", "worldmodel", *arguments],
        cwd=folder,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def test_alone_one_can_look_at_everything(place: Path) -> None:
    for words in lines(BLOCKS[0]):
        typed(words, "author", place, place)
    assert (place / "before.png").stat().st_size > 10_000
    assert list((place / "lake/.glassworld/proposals").glob("*.json"))


def test_together_one_can_decide(place: Path) -> None:
    begin, review, finish = BLOCKS[1:4]
    folder = place
    for words in lines(begin):
        if words[0] == "cd":
            folder = place / words[1]
        else:
            typed(words, "author", place, folder)
    for who in PEOPLE[1:]:
        for words in lines(review):
            typed(words, who, place, folder)
    said = [typed(words, "author", place, folder) for words in lines(finish)]
    assert "The gate is open" in said[0]
    assert "What the data say about 2 mechanisms" in said[-1]


def test_a_model_can_be_asked_what_the_page_says(place: Path) -> None:
    """Every command of the section on questions, typed by somebody with a key."""
    section = README.partition("## What a model can be asked")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    said = [typed(words, "author", place, place) for words in lines(block)]
    assert all(said)
    assert (place / "school.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len((place / "school.csv").read_text(encoding="utf-8").splitlines()) == 1 + 20 * 15
