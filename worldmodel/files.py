"""The world's folder on disk: which files are components, and their bytes to plain values within the limits.

The only module of the language that touches the disk. What comes out of `parse_toml` is plain TOML values; what they
mean is decided in `worldmodel.build`. Bundles, statements and policies are read here too, so that none can exhaust
memory.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from worldmodel import limits
from worldmodel.errors import InputError, Problem, bounded
from worldmodel.visible import first_hidden, plain

FOLDERS = ("variables", "mechanisms", "posteriors", "utilities", "properties")
SINGLE_FILES = ("world.toml", "objective.toml")
_IDENTIFIER = "[a-z][a-z0-9_]{0,63}"
COMPONENT_PATH = re.compile(rf"^(?:world\.toml|objective\.toml|(?:{'|'.join(FOLDERS)})/{_IDENTIFIER}\.toml)\Z")
GOVERNANCE_PATH = re.compile(rf"^governance/{_IDENTIFIER}\.toml\Z")

# What a scan for brackets and digits skips. Each alternative also matches where it is not closed, and gives nothing
# back, so that the scan is linear; a string of three quotes may end with up to two more.
_STRINGS = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?(?:"{3,5}|\Z)'
    r"|'''[\s\S]*?(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
)
_BRACKETS = re.compile(r"[\[\]{}]")
_PIECE = re.compile(r"[^\n,={}\[\]]+")  # a number has one point, a dotted key has one less than its depth
# Without these the text has been seen as it is, and no value says another thing than it.
_ESCAPES = re.compile(r"\\|0[xob]")
_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The bytes of every component file of a world, by relative path; InputError where the folder is no world."""
    if not (folder / "world.toml").is_file():
        raise InputError(
            Problem(
                code="no-world",
                where=str(folder),
                found="no world.toml in this folder",
                wanted="a world's folder",
                mend="go to the folder, name it with --world, or make one with `glassworld init`",
            )
        )
    paths = sorted(_component_paths(folder))
    problems = [problem for path in paths for problem in _size_problems(folder, path)]
    if problems:
        raise InputError(problems)
    return {path: (folder / path).read_bytes() for path in paths}


def read_document(path: Path) -> bytes:
    """The bytes of a bundle, statement, policy or proposal file; InputError where no such file can be that large."""
    with path.open("rb") as file:
        data = file.read(limits.DOCUMENT_BYTES + 1)
    if len(data) > limits.DOCUMENT_BYTES:
        raise InputError(
            Problem(
                code="too-large",
                where=str(path),
                found=f"more than {limits.DOCUMENT_BYTES} bytes",
                wanted=f"at most {limits.DOCUMENT_BYTES}",
                mend="name the file that glassworld wrote; fetch it again if this should be it",
            )
        )
    return data


def _component_paths(folder: Path) -> Iterator[str]:
    yield from (name for name in SINGLE_FILES if (folder / name).is_file())
    for name in FOLDERS:
        yield from (path.relative_to(folder).as_posix() for path in (folder / name).glob("*.toml"))


def _size_problems(folder: Path, path: str) -> Iterator[Problem]:
    full = folder / path
    if full.is_symlink() or not full.is_file():
        yield Problem(code="not-a-file", where=path, found="a link or folder", wanted="a plain file", mend="replace it")
    elif full.stat().st_size > limits.FILE_BYTES:
        yield _too_large(path, full.stat().st_size)


def _too_large(path: str, size: int) -> Problem:
    return Problem(
        code="too-large",
        where=path,
        found=f"{size} bytes",
        wanted=f"at most {limits.FILE_BYTES}",
        mend="a component is small enough to be read whole; split it",
    )


def parse_toml(path: str, content: bytes) -> dict[str, Any]:
    """The plain values of a component file; InputError for what is too large, not UTF-8, deceptive or not TOML."""
    if len(content) > limits.FILE_BYTES:
        raise InputError(_too_large(path, len(content)))
    text = _decode(path, content)
    if problems := bounded(chain(_deceptive(path, text), _excessive(path, text)), path):
        raise InputError(problems)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(_toml_problem(path, str(error))) from error
    if _ESCAPES.search(text) and (problems := bounded(_unreadable(path, values, ""), path)):
        raise InputError(problems)
    return values


def _decode(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(
                code="not-utf8",
                where=path,
                found=f"byte {error.start} is not UTF-8",
                wanted="UTF-8 text",
                mend="save the file as UTF-8",
            )
        ) from error


def _deceptive(path: str, text: str) -> Iterator[Problem]:
    """Characters that make a text look other than it is: invisible, bidirectional, private-use, not NFC."""
    if plain(text.replace("\n", " ").replace("\t", " ")) and unicodedata.is_normalized("NFC", text):
        return
    for number, line in enumerate(text.split("\n"), start=1):
        bad = first_hidden(line, "\t")
        if bad is not None:
            yield Problem(
                code="deceptive-text",
                where=path,
                part=f"line {number}",
                column=bad + 1,
                found=f"the character U+{ord(line[bad]):04X}, which is invisible or has no fixed meaning",
                wanted="visible characters",
                mend="remove it",
            )
        elif not unicodedata.is_normalized("NFC", line):
            yield Problem(
                code="deceptive-text",
                where=path,
                part=f"line {number}",
                found="characters that are not in Unicode normal form C",
                wanted="NFC text",
                mend="normalise the file (NFC)",
            )


def _unreadable(path: str, value: Any, part: str) -> Iterator[Problem]:
    """The same characters where a string spells them as escapes, line ends inside keys, hexadecimals without end."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _hiding(path, key, part, "\t")
                yield from _unreadable(path, inner, f"{part}.{key}" if part else key)
        case list():
            for place, inner in enumerate(value):
                yield from _unreadable(path, inner, f"{part}.{place}")
        case str():
            yield from _hiding(path, value, part, "\t\n")
        case int() if abs(value) >= 10**limits.DIGITS:
            yield _too_many_digits(path, part, f"a number of {value.bit_length()} bits")
        case _:
            return


def _hiding(path: str, text: str, part: str, allowed: str) -> Iterator[Problem]:
    bad = first_hidden(text, allowed)
    if bad is not None:
        yield Problem(
            code="deceptive-text",
            where=path,
            part=part,
            found=f"the character U+{ord(text[bad]):04X} as an escape, which is invisible or has no fixed meaning",
            wanted="visible characters",
            mend="remove it",
        )


def _excessive(path: str, text: str) -> Iterator[Problem]:
    """Depth and digits that would exhaust a parser, seen before any parser runs."""
    bare = _STRINGS.sub(" ", text)
    depth = deepest = 0
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    dots = max((piece.count(".") for piece in _PIECE.findall(bare)), default=0)
    if max(deepest, dots) > limits.TOML_DEPTH:
        yield Problem(
            code="too-large",
            where=path,
            found=f"values nested {max(deepest, dots)} deep",
            wanted=f"at most {limits.TOML_DEPTH}",
            mend="components are flat; see the file format",
        )
    longest = max((len(run) for run in re.findall(r"[0-9_]+", bare)), default=0)
    if longest > limits.DIGITS:
        yield _too_many_digits(path, "", f"a number of {longest} digits")


def _too_many_digits(path: str, part: str, found: str) -> Problem:
    return Problem(
        code="too-large",
        where=path,
        part=part,
        found=found,
        wanted=f"at most {limits.DIGITS} digits",
        mend="round it to what is known",
    )


def _toml_problem(path: str, message: str) -> Problem:
    place = _PLACE.search(message)
    line, column = (place.group(1), place.group(2)) if place else (None, None)
    return Problem(
        code="not-toml",
        where=path,
        part=f"line {line}" if line else "",
        column=int(column) if column else None,
        found=_PLACE.sub("", message).strip() or "not TOML",
        wanted="TOML 1.0",
        mend="correct the line; strings need quotes",
    )
