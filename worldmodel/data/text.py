"""A data file's bytes (CSV, Parquet) to rows of text: the first step, and the only one that touches the disk.

Strict: UTF-8, one header, rows of equal length, sizes within limits. What the cells mean is decided in
`worldmodel.data.table`.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from worldmodel.canonical import digest_bytes
from worldmodel.data.parquet import MAGIC, parquet_lines
from worldmodel.errors import InputError, Problem
from worldmodel.language.signatures import FUNCTIONS, RESERVED

FILE_BYTES = 64 * 1024 * 1024
ROWS = 1_000_000
COLUMNS = 2_000
CELL_CHARACTERS = 1_000
REPORTED = 20
"""How many problems of one code are listed one by one; the rest are counted."""


@dataclass(frozen=True)
class Text:
    """A data file as text. `header` holds identifiers, made from the titles; row 2 comes first."""

    where: str
    digest: str
    header: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of one column, from top to bottom."""
        place = self.header.index(name)
        return tuple(row[place] for row in self.rows)


def read_text(path: Path, where: str) -> Text:
    """The cells of a CSV or Parquet file; `where` names it in problems. Raises InputError with all of them."""
    content = _content(path, where)
    if content.startswith(MAGIC):
        lines = _trimmed(parquet_lines(content, where, ROWS, COLUMNS), where)
    else:
        lines = _lines(_decode(content, where), where)
    titles = tuple(title.strip() for title in lines[0])
    header = tuple(map(identifier, titles))
    problems = [*_header_problems(titles, header, where), *_row_problems(lines, where)]
    if problems:
        raise InputError(capped(problems))
    rows = tuple(tuple(cell.strip() for cell in row) for row in lines[1:])
    return Text(where, digest_bytes(content), header, titles, rows)


def identifier(title: str) -> str:
    """The variable that a column's title names: `GDP growth (%)` is gdp_growth. Empty where nothing is left of it."""
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:48].rstrip("_")
    name = f"x{name}" if name[:1].isdigit() else name
    return f"{name}_x" if name in RESERVED or name in FUNCTIONS else name


def capped(problems: Iterable[Problem]) -> list[Problem]:
    """The first problems of each code, and for each code one that counts the rest."""
    kept: list[Problem] = []
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.code] += 1
        if seen[problem.code] <= REPORTED:
            kept.append(problem)
    last = {problem.code: place for place, problem in enumerate(kept)}
    for code, place in last.items():
        if seen[code] > REPORTED:
            found = f"{kept[place].found} (and {seen[code] - REPORTED} more problems of this kind)"
            kept[place] = replace(kept[place], found=found)
    return kept


def _content(path: Path, where: str) -> bytes:
    if not path.is_file():
        raise InputError(
            Problem(
                code="data-no-file",
                where=where,
                found="something that is no file" if path.exists() else "no such file",
                wanted="a CSV or Parquet file",
                mend="put the data there, or correct the file's name",
            )
        )
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise InputError(_too_large(where, f"{size} bytes", f"at most {FILE_BYTES}"))
    with path.open("rb") as handle:
        return handle.read(FILE_BYTES + 1)


def _decode(content: bytes, where: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(
                code="not-utf8",
                where=where,
                found=f"byte {error.start} is not UTF-8",
                wanted="UTF-8 text",
                mend="save the file as CSV in UTF-8",
            )
        ) from error
    return text


def _lines(text: str, where: str) -> list[list[str]]:
    try:
        lines = list(_bounded(csv.reader(io.StringIO(text, newline=""), strict=True), where))
    except csv.Error as error:
        raise InputError(
            Problem(
                code="data-not-csv",
                where=where,
                found=f"text that is no CSV ({error})",
                wanted="values with commas between them, quoted where they hold a comma",
                mend="save the file as CSV in UTF-8",
            )
        ) from error
    return _trimmed(lines, where)


def _trimmed(lines: list[list[str]], where: str) -> list[list[str]]:
    """The lines without empty ones at the end; at least a header and a row."""
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    if len(lines) < 2:
        raise InputError(
            Problem(
                code="data-not-csv",
                where=where,
                found=f"{len(lines)} line(s)",
                wanted="a line of column names, and rows",
                mend="add the rows",
            )
        )
    return lines


def _bounded(lines: Iterable[list[str]], where: str) -> Iterator[list[str]]:
    for number, row in enumerate(lines):
        if number > ROWS:
            raise InputError(_too_large(where, f"more than {ROWS} rows", f"at most {ROWS}"))
        if len(row) > COLUMNS:
            raise InputError(_too_large(where, f"{len(row)} columns in line {number + 1}", f"at most {COLUMNS}"))
        yield row


def _too_large(where: str, found: str, wanted: str) -> Problem:
    return Problem(
        code="data-too-large", where=where, found=found, wanted=wanted, mend="use fewer columns or longer steps"
    )


def _header_problems(titles: tuple[str, ...], header: tuple[str, ...], where: str) -> Iterator[Problem]:
    for place, (title, name) in enumerate(zip(titles, header, strict=True)):
        if not name:
            yield _bad_header(where, place, f"the column name “{title[:80]}”", "a name with a letter or digit of ASCII")
        elif name in header[:place]:
            other = titles[header.index(name)]
            yield _bad_header(
                where, place, f"“{title[:80]}”, which reads as “{name}” like “{other[:80]}”", "different names"
            )


def _bad_header(where: str, place: int, found: str, wanted: str) -> Problem:
    mend = "rename the column; names are read in lower case, with _ for what is no letter or digit"
    return Problem(
        code="data-bad-header", where=where, part=f"line 1, column {place + 1}", found=found, wanted=wanted, mend=mend
    )


def _row_problems(lines: list[list[str]], where: str) -> Iterator[Problem]:
    width = len(lines[0])
    for number, row in enumerate(lines[1:], start=2):
        if len(row) != width:
            yield Problem(
                code="data-not-csv",
                where=where,
                part=f"row {number}",
                found=f"{len(row)} values",
                wanted=f"{width}, one for each column",
                mend="add what is missing or quote values that hold a comma",
            )
        elif max(map(len, row), default=0) > CELL_CHARACTERS:
            yield Problem(
                code="data-too-large",
                where=where,
                part=f"row {number}",
                found="a value of more than a thousand characters",
                wanted=f"at most {CELL_CHARACTERS}",
                mend="shorten it",
            )
