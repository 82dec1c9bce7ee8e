"""Files of an older format to the newest one, by pure steps from plain values to plain values.

Format 1 is the first and the current one, so there are no steps yet. A later format comes with the step that leads to
it. A file is read, changed by every step from its own format on, and written anew only if that changed it; comments are
kept. A file of a newer format than this version knows is refused, never guessed at.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from worldmodel.errors import InputError, Problem
from worldmodel.exchange.toml_text import dump_toml
from worldmodel.exchange.writing import write_whole
from worldmodel.files import parse_toml, read_folder

CURRENT = 1

Step = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""A file's path and its values in format n to its values in format n + 1; the caller sets `format`."""

STEPS: Mapping[int, Step] = {}
"""By the format that a step starts from."""

_FORMAT_LINE = re.compile(r"(?m)^(format[ \t]*=[ \t]*)[0-9]+")
_STRING_OR_COMMENT = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*')


def world_files(folder: Path) -> dict[str, bytes]:
    """Every file of a world that has a format, governance files too, by relative path."""
    governance = sorted((folder / "governance").glob("*.toml"))
    problems = [
        Problem(code="not-a-file", where=str(path), found="a link or folder", wanted="a plain file", mend="replace it")
        for path in governance
        if path.is_symlink() or not path.is_file()
    ]
    if problems:
        raise InputError(problems)
    return read_folder(folder) | {path.relative_to(folder).as_posix(): path.read_bytes() for path in governance}


def upgraded(files: Mapping[str, bytes], steps: Mapping[int, Step] = STEPS, current: int = CURRENT) -> dict[str, bytes]:
    """The files that change, with their new bytes; InputError with every file that cannot be brought to `current`."""
    changed: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path, content in sorted(files.items()):
        try:
            after = _upgraded_file(path, content, steps, current)
        except InputError as error:
            problems.extend(error.problems)
            continue
        if after != content:
            changed[path] = after
    if problems:
        raise InputError(problems)
    return changed


def write_upgraded(folder: Path, changed: Mapping[str, bytes]) -> None:
    """Writes the changed files, each whole or not at all; stopped half-way, the same command finishes the rest."""
    for path, content in sorted(changed.items()):
        write_whole(folder / path, content)


def _upgraded_file(path: str, content: bytes, steps: Mapping[int, Step], current: int) -> bytes:
    values = parse_toml(path, content)
    problems = list(_format_problems(path, values.get("format"), steps, current))
    if problems:
        raise InputError(problems)
    if values["format"] == current:
        return content
    wanted: Mapping[str, Any] = values
    for number in range(values["format"], current):
        wanted = {**steps[number](path, wanted), "format": number + 1}
    return _rewritten(path, content.decode("utf-8"), dict(wanted))


def _format_problems(path: str, found: object, steps: Mapping[int, Step], current: int) -> Iterator[Problem]:
    mend = f"write format = {current} if the file is of that format"
    if found is None:
        wanted = "the number of the file's format"
        yield Problem(code="missing-field", where=path, part="format", found="nothing", wanted=wanted, mend=mend)
    elif type(found) is not int:
        yield Problem(
            code="bad-value", where=path, part="format", found=repr(found)[:80], wanted="a whole number", mend=mend
        )
    elif found > current:
        yield Problem(
            code="newer-format",
            where=path,
            part="format",
            found=f"format {found}",
            wanted=f"format {current}, the newest that this version knows",
            mend="use a version of Glassworld that knows it; nothing was changed",
        )
    elif any(number not in steps for number in range(found, current)):
        yield Problem(
            code="no-upgrade",
            where=path,
            part="format",
            found=f"format {found}",
            wanted=f"a format from {min(steps, default=current)} to {current}",
            mend="correct the number; there never was a format that this version cannot read",
        )


def _rewritten(path: str, text: str, wanted: dict[str, Any]) -> bytes:
    """The old text where only its `format` changed, and else a new one that begins with the old one's comments."""
    edited = _FORMAT_LINE.sub(rf"\g<1>{wanted['format']}", text, count=1).encode("utf-8")
    if parse_toml(path, edited) == wanted:
        return edited
    ordered = {"format": wanted["format"]} | {key: value for key, value in wanted.items() if key != "format"}
    content = dump_toml(ordered, _comments(text)).encode("utf-8")
    if parse_toml(path, content) != wanted:
        raise AssertionError(f"{path}: a step gave values that TOML does not give back")
    return content


def _comments(text: str) -> list[str]:
    found = _STRING_OR_COMMENT.findall(text.replace("\r\n", "\n"))
    return [entry.lstrip("#").strip() for entry in found if entry.startswith("#")]
