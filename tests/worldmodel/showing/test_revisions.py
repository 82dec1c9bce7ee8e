"""A world's files as its repository had them, whichever folder of the repository it is."""

from pathlib import Path

import pygit2
import pytest

from tests.worldmodel.conftest import TANK
from worldmodel.errors import InputError
from worldmodel.files import read_folder
from worldmodel.showing.revisions import read_revision, read_side


def commit(repository: pygit2.Repository, message: str) -> None:
    repository.index.add_all()
    repository.index.write()
    who = pygit2.Signature("Ada", "ada@example.org", 1_700_000_000, 0)
    parents = [] if repository.head_is_unborn else [repository.head.target]
    repository.create_commit("HEAD", who, who, message, repository.index.write_tree(), parents)


@pytest.fixture(params=["", "worlds/tank"], ids=["root", "below"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / request.param
    for path, text in TANK.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    repository = pygit2.init_repository(str(tmp_path))
    commit(repository, "first")
    (folder / "mechanisms/level.toml").write_text(TANK["mechanisms/level.toml"].replace("0.5", "1.5"))
    (folder / "notes.md").write_text("no component")
    commit(repository, "second")
    return folder


def test_a_revision_has_the_files_of_its_commit(world: Path) -> None:
    assert read_revision(world, "HEAD") == read_folder(world)
    assert read_revision(world, "HEAD~1") == {path: text.encode() for path, text in TANK.items()}


def test_a_folder_comes_before_a_revision_of_the_same_name(world: Path) -> None:
    assert read_side(str(world), world) == read_folder(world)


@pytest.mark.parametrize("revision", ["HEAD~7", "nonsense", "", "--all", "HEAD:notes.md"])
def test_what_is_no_revision_is_refused(world: Path, revision: str) -> None:
    with pytest.raises(InputError, match="unknown-revision"):
        read_revision(world, revision)


def test_a_folder_outside_of_git_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no git repository"):
        read_revision(tmp_path, "HEAD")
