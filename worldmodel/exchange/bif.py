"""The Bayesian Interchange Format: a text of discrete variables and probability tables, to a network and back.

The parser is strict and bounded, and runs nothing. Its grammar, with comments `//` and `/* */` anywhere:

    file        = "network" name "{" property* "}" (variable | probability)*
    variable    = "variable" name "{" property* type property* "}"
    type        = "type" "discrete" "[" count "]" "{" name ("," name)* "}" ";"
    probability = "probability" "(" name ("|" name ("," name)*)? ")" "{" (property | row)* "}"
    row         = ("table" | "default" | "(" name ("," name)* ")") number ("," number)* ";"
    property    = "property" … ";"

A `table` with parents has the child's values outermost and the last parent's innermost; a `default` serves for rows
that are not given. What is inconsistent is reported all at once; after a break of the grammar nothing else is read.
"""

import gzip
import itertools
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from worldmodel.errors import InputError, Problem
from worldmodel.exchange.bif_reader import Block, read_blocks

BIF_BYTES = 16 * 1024 * 1024
ENTRIES = 4_000_000
"""Probabilities of all tables together."""
SUM_TOLERANCE = 1e-3
"""How far a row of rounded probabilities may be from 1; laws take them in proportion to their sum."""


@dataclass(frozen=True)
class ProbabilityTable:
    """A row of probabilities for each combination of the parents' values, the last parent's changing fastest."""

    parents: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Network:
    """A Bayesian network of discrete variables: their values, and a table for each, in the order of the file."""

    name: str
    values: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, ProbabilityTable]

    def combinations(self, variable: str) -> Iterator[tuple[str, ...]]:
        """The parents' values of each row of a variable's table, in the order of the rows."""
        return itertools.product(*(self.values[parent] for parent in self.tables[variable].parents))


def read_bif(path: Path) -> Network:
    """The network of a `.bif` or gzipped `.bif.gz` file; InputError with what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = (gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file).read(BIF_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(_not_bif(path.name, f"no gzip file ({error})")) from error
    return parse_bif(content, path.name)


def parse_bif(content: bytes, where: str = "BIF file") -> Network:
    """The network that a BIF text describes; `where` names it in problems."""
    if len(content) > BIF_BYTES:
        raise InputError(
            Problem(
                code="too-large",
                where=where,
                found=f"more than {BIF_BYTES} bytes",
                wanted=f"at most {BIF_BYTES}",
                mend="split the network",
            )
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_not_bif(where, f"byte {error.start} is not UTF-8")) from error
    name, values, blocks = read_blocks(text, where)
    problems = list(_reference_problems(values, blocks, where)) or list(_circle(blocks, where))
    if problems:
        raise InputError(itertools.islice(problems, 50))
    tables: dict[str, ProbabilityTable] = {}
    for block in blocks:
        cells = math.prod(len(values[entry]) for entry in (block.child, *block.parents))
        if cells > ENTRIES:
            problems.append(_wrong(where, block, f"{cells} probabilities", f"at most {ENTRIES}"))
            continue
        rows = list(_rows(block, values, where, problems))
        tables[block.child] = ProbabilityTable(block.parents, tuple(rows))
    if problems:
        raise InputError(itertools.islice(problems, 50))
    return Network(name, values, {child: tables[child] for child in values})


def render_bif(network: Network) -> str:
    """The text of a network, with a line for each combination of the parents' values; the same network, the same bytes.

    Numbers are the shortest that read back as the same.
    """
    lines = [f"network {_word(network.name)} {{", "}"]
    for name, values in network.values.items():
        listed = ", ".join(map(_word, values))
        lines += [f"variable {_word(name)} {{", f"  type discrete [ {len(values)} ] {{ {listed} }};", "}"]
    for name, table in network.tables.items():
        given = f" | {', '.join(map(_word, table.parents))}" if table.parents else ""
        lines.append(f"probability ( {_word(name)}{given} ) {{")
        for combination, row in zip(network.combinations(name), table.rows, strict=True):
            head = f"({', '.join(map(_word, combination))})" if combination else "table"
            lines.append(f"  {head} {', '.join(map(repr, row))};")
        lines.append("}")
    return "\n".join(lines) + "\n"


def _word(name: str) -> str:
    """A name as it is where it is one word, and in quotation marks otherwise, for which there is no escape."""
    if not name or '"' in name or "\n" in name:
        raise ValueError(f"BIF cannot write the name {name!r}")
    return name if re.fullmatch(r"[^\s{}()\[\];,|\"/]+", name) else f'"{name}"'


def _reference_problems(
    values: Mapping[str, tuple[str, ...]], blocks: tuple[Block, ...], where: str
) -> Iterator[Problem]:
    """Names that nothing declares, tables twice, missing, or that go in a circle."""
    seen: set[str] = set()
    for block in blocks:
        unknown = [name for name in (block.child, *block.parents) if name not in values]
        if unknown:
            yield _wrong(where, block, f"“{unknown[0]}”, which is no variable of the file", "a declared variable")
        if block.child in seen:
            yield _wrong(where, block, "a second table of this variable", "one table for each variable")
        if len({block.child, *block.parents}) != len(block.parents) + 1:
            yield _wrong(where, block, "a variable twice in the head", "each variable once")
        seen.add(block.child)
    for name in values:
        if name not in seen:
            yield Problem(
                code="bif-inconsistent",
                where=where,
                part=f"variable {name}",
                found="no table of probabilities",
                wanted="a probability block for every variable",
                mend="add the block",
            )


def _circle(blocks: tuple[Block, ...], where: str) -> Iterator[Problem]:
    """One problem where some variable depends on itself."""
    sorter = TopologicalSorter({block.child: block.parents for block in blocks})
    try:
        sorter.prepare()
    except CycleError as error:
        yield Problem(
            code="bif-inconsistent",
            where=where,
            found=f"a circle of parents: {' → '.join(error.args[1][:9])}",
            wanted="a network in which no variable depends on itself",
            mend="correct the file",
        )


def _rows(
    block: Block, values: Mapping[str, tuple[str, ...]], where: str, problems: list[Problem]
) -> Iterator[tuple[float, ...]]:
    """A block's rows in order; what is wrong with them is added to `problems`."""
    size = len(values[block.child])
    given = dict(block.rows)
    if block.table is not None:
        combinations = math.prod(len(values[parent]) for parent in block.parents)
        if len(block.table) != size * combinations:
            problems.append(_wrong(where, block, f"{len(block.table)} numbers", f"{size * combinations}"))
            return
        columns = [block.table[place::combinations] for place in range(combinations)]
    else:
        keys = list(itertools.product(*(values[parent] for parent in block.parents)))
        problems += [
            _wrong(where, block, f"a row for ({', '.join(key)})", "values of the parents")
            for key in given.keys() - set(keys)
        ]
        if len(given) < len(block.rows):
            problems.append(_wrong(where, block, "a row twice", "one row for each combination"))
        missing = next((key for key in keys if key not in given and block.default is None), None)
        if missing is not None:
            problems.append(_wrong(where, block, f"no row for ({', '.join(missing)})", "one for each combination"))
            return
        columns = [given.get(key, block.default or ()) for key in keys]
    for row in columns:
        problem = _row_problem(row, size)
        if problem is not None:
            problems.append(_wrong(where, block, *problem))
        yield row


def _row_problem(row: tuple[float, ...], size: int) -> tuple[str, str] | None:
    if len(row) != size:
        return f"a row of {len(row)} numbers", f"{size}, one for each value"
    if not all(0 <= number <= 1 + SUM_TOLERANCE for number in row):
        return "a number that is no probability", "numbers from 0 to 1"
    if abs(math.fsum(row) - 1) > SUM_TOLERANCE:
        return f"a row with sum {math.fsum(row):g}", f"1, within {SUM_TOLERANCE:g}"
    return None


def _wrong(where: str, block: Block, found: str, wanted: str) -> Problem:
    return Problem(
        code="bif-inconsistent",
        where=where,
        part=f"probability of {block.child}, line {block.line}",
        found=found,
        wanted=wanted,
        mend="correct the file",
    )


def _not_bif(where: str, found: str) -> Problem:
    return Problem(
        code="not-bif", where=where, found=found, wanted="the Bayesian Interchange Format", mend="check the file"
    )
