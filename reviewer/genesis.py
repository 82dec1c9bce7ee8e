"""The beginning of a world's repository: a first commit that holds the first roster and rules, and nothing else.

Everything else, a template's files too, lies in the working tree and comes in by the first merge request.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pygit2

from reviewer import clock
from reviewer.durable import sync_folder, write_durably
from reviewer.repository import APPROVED, IGNORE_FILE, Repository, make_durable, open_repository, signature, write_tree
from reviewer.worktree import remember
from worldmodel.errors import InputError, Problem
from worldmodel.files import parse_toml
from worldmodel.governance.operations import AREAS
from worldmodel.governance.replay import Standing, genesis
from worldmodel.governance.requirements import USUAL
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import DEFAULT_QUORUM, RULES_PATH

IGNORED = b"# data stay with the assistants; proposals are hand-over files\n/data/\n/.glassworld/\n"
STAGING = ".glassworld-init"


def create_repository(directory: Path, roster: bytes, rules: bytes, files: Mapping[str, bytes]) -> Standing:
    """Makes a world in a new or empty folder; a half-made one is never left where a world should be."""
    standing = genesis(parse_toml(ROSTER_PATH, roster), parse_toml(RULES_PATH, rules))
    directory.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(directory / STAGING, ignore_errors=True)
    if any(directory.iterdir()):
        raise InputError(
            Problem(
                code="folder-not-empty",
                where=str(directory),
                found="a folder with files in it",
                wanted="a new or empty folder",
                mend="name another folder, or empty this one",
            )
        )
    staging = directory / STAGING
    first = {ROSTER_PATH: roster, RULES_PATH: rules, IGNORE_FILE: IGNORED}
    for path, data in {**files, **first}.items():
        write_durably(staging / path, data)
    _first_commit(staging, first)
    # The repository itself is moved last: until it is there, the folder is not a world.
    for child in sorted(staging.iterdir(), key=lambda path: path.name == ".git"):
        child.replace(directory / child.name)
    staging.rmdir()
    sync_folder(directory)
    sync_folder(directory.absolute().parent)
    return standing


def first_rules() -> bytes:
    """The rules of a new world: three people for everything; a smaller roster can grow with everyone's consent.

    The usual requirements hold without being written down; they are, so that people see what they are asked for.
    """
    lines = ["format = 2", "version = 1", ""]
    for area in AREAS:
        lines += [f"[areas.{area}]", f"quorum = {DEFAULT_QUORUM}"]
        lines += ["or_everyone = true", ""] if area == "governance" else [""]
    for name, table in USUAL.items():
        lines += [f"[requirements.{name}]", f"description = {json.dumps(table.description)}"]
        given = {key: getattr(table, key) for key in ("applicable_if", "submittable_if", "overridable_if")}
        lines += [f"{key} = {json.dumps(text)}" for key, text in given.items() if text not in ("true", "false")]
        lines.append("")
    return "\n".join(lines).encode("utf-8")


def _first_commit(folder: Path, files: Mapping[str, bytes]) -> Repository:
    make_durable()
    git = pygit2.init_repository(str(folder), initial_head="approved")
    _set_options(git)
    author = signature("glassworld", clock.now())
    git.create_commit(APPROVED, author, author, "the first roster and rules\n", write_tree(git, files), [])
    git.index.read_tree(git.references[APPROVED].peel(pygit2.Tree))
    git.index.write()
    repository = open_repository(folder)
    remember(repository)
    return repository


def _set_options(git: pygit2.Repository) -> None:
    """Settings of a world's repository: plain git is as durable as we are, and leaves line ends alone."""
    git.config["core.fsync"] = "all"
    git.config["core.autocrlf"] = "false"
