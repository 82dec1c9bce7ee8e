"""The grammar of the Bayesian Interchange Format: its text to declared values and blocks of numbers, nothing resolved.

Words are read one at a time and never all at once, so that a long file that breaks the grammar early costs nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from worldmodel.errors import InputError, Problem

VARIABLES = 4_900
"""A world of a network has two files for each variable and may have ten thousand."""
VALUES = 1_000
PARENTS = 16
NAME_CHARACTERS = 200
NUMBERS_IN_A_BLOCK = 4_000_000

_TOKEN = re.compile(
    r'\s+|//[^\n]*|/\*.*?\*/|"([^"\n]*)"|([{}()\[\];,|])|((?:[^\s{}()\[\];,|"/]+|/(?![/*]))+)|(.)', re.DOTALL
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Block:
    """One probability block: `rows` by the parents' values, `table` as one list, `default` for what is not given."""

    child: str
    parents: tuple[str, ...]
    line: int
    rows: tuple[tuple[tuple[str, ...], tuple[float, ...]], ...]
    table: tuple[float, ...] | None
    default: tuple[float, ...] | None


def read_blocks(text: str, where: str) -> tuple[str, dict[str, tuple[str, ...]], tuple[Block, ...]]:
    """The network's name, each variable's values, and the probability blocks; InputError where the grammar breaks."""
    reader = _Reader(text, where)
    name = _network(reader)
    values: dict[str, tuple[str, ...]] = {}
    blocks: list[Block] = []
    while not reader.ended:
        match reader.take():
            case "variable":
                _variable(reader, values)
            case "probability":
                blocks.append(_probability(reader))
            case other:
                reader.fail(f"“{other[:80]}”", "“variable” or “probability”")
    return name, values, tuple(blocks)


@dataclass
class _Reader:
    """Words with one of look-ahead. Punctuation comes as itself; at the end of the file `ended` holds."""

    text: str
    where: str
    word: str = ""
    place: int = 0
    quoted: bool = False
    ended: bool = False
    _tokens: Iterator[re.Match[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = _TOKEN.finditer(self.text)
        self.take()

    def take(self) -> str:
        """The present word; goes on to the next one."""
        taken = self.word
        self.word, self.quoted, self.place, self.ended = "", False, len(self.text), True
        for match in self._tokens:
            if match.lastindex is not None:
                self.word, self.place, self.quoted = match.group(match.lastindex), match.start(), match.lastindex == 1
                self.ended = False
                if match.lastindex == 4:
                    self.fail(f"the character “{self.word}”", "a word, number or punctuation mark")
                break
        return taken

    def expect(self, wanted: str) -> None:
        """Goes over a word that must stand here."""
        if self.word != wanted or self.quoted:
            self.fail(self._found(), f"“{wanted}”")
        self.take()

    def accept(self, wanted: str) -> bool:
        """Goes over a word if it stands here."""
        here = self.word == wanted and not self.quoted
        if here:
            self.take()
        return here

    def name(self) -> str:
        """A name, which is a word or in quotation marks."""
        if not self.word or (not self.quoted and self.word in "{}()[];,|"):
            self.fail(self._found(), "a name")
        if len(self.word) > NAME_CHARACTERS:
            self.fail(f"a name of {len(self.word)} characters", f"at most {NAME_CHARACTERS}")
        return self.take().strip()

    def number(self) -> float:
        """A plain decimal number."""
        if self.quoted or len(self.word) > 60 or not _NUMBER.fullmatch(self.word):
            self.fail(self._found(), "a number")
        return float(self.take())

    def _found(self) -> str:
        return f"“{self.word[:80]}”" if self.word or self.quoted else "the end of the file"

    def fail(self, found: str, wanted: str) -> NoReturn:
        """Ends the reading here."""
        before = self.text[: self.place]
        raise InputError(
            Problem(
                code="not-bif",
                where=self.where,
                part=f"line {before.count(chr(10)) + 1}",
                column=self.place - before.rfind("\n"),
                found=found,
                wanted=wanted,
                mend="correct the file; the grammar is in docs/how-to/import-and-export.md",
            )
        )

    @property
    def line(self) -> int:
        """The line of the present word, from 1; costs time in proportion to the place, so ask once a block."""
        return self.text.count("\n", 0, self.place) + 1


def _network(reader: _Reader) -> str:
    reader.expect("network")
    name = reader.name()
    reader.expect("{")
    _properties(reader)
    reader.expect("}")
    return name


def _properties(reader: _Reader) -> None:
    """Properties are remarks of other tools: read over, never acted on."""
    while reader.accept("property"):
        while not reader.ended and (reader.quoted or reader.word not in (";", "{", "}")):
            reader.take()
        reader.expect(";")


def _variable(reader: _Reader, values: dict[str, tuple[str, ...]]) -> None:
    name = reader.name()
    if name in values:
        reader.fail(f"“{name}” a second time", "each variable once")
    if len(values) == VARIABLES:
        reader.fail(f"more than {VARIABLES} variables", f"at most {VARIABLES}")
    reader.expect("{")
    _properties(reader)
    for word in ("type", "discrete", "["):
        reader.expect(word)
    count = reader.number()
    for word in ("]", "{"):
        reader.expect(word)
    listed = _names(reader, VALUES)
    reader.expect("}")
    reader.accept(";")
    if len(listed) != count or len(set(listed)) != len(listed):
        reader.fail(f"{len(set(listed))} different values of “{name}”", f"{count:g}, as the type says")
    if len(listed) < 2:
        reader.fail(f"one value of “{name}”", "two or more")
    _properties(reader)
    reader.expect("}")
    values[name] = listed


def _names(reader: _Reader, most: int) -> tuple[str, ...]:
    names = [reader.name()]
    while reader.accept(","):
        if len(names) == most:
            reader.fail(f"more than {most} names", f"at most {most}")
        names.append(reader.name())
    return tuple(names)


def _probability(reader: _Reader) -> Block:
    line = reader.line
    reader.expect("(")
    child = reader.name()
    parents = _names(reader, PARENTS) if reader.accept("|") else ()
    reader.expect(")")
    reader.expect("{")
    rows: list[tuple[tuple[str, ...], tuple[float, ...]]] = []
    whole: dict[str, tuple[float, ...]] = {}
    entries = 0
    while not reader.accept("}"):
        _properties(reader)
        if reader.accept("("):
            key = _names(reader, PARENTS)
            reader.expect(")")
            rows.append((key, _numbers(reader)))
            entries += len(rows[-1][1])
        elif reader.word in ("table", "default") and not reader.quoted and reader.word not in whole:
            word = reader.take()
            whole[word] = _numbers(reader)
        elif reader.word != "}":
            reader.fail(reader._found(), "“table”, “default” or “(”")
        if entries > NUMBERS_IN_A_BLOCK:
            reader.fail("too many numbers", f"at most {NUMBERS_IN_A_BLOCK} in a block")
    if rows and "table" in whole:
        reader.fail("a table and rows of one variable", "either a table or rows")
    return Block(child, parents, line, tuple(rows), whole.get("table"), whole.get("default"))


def _numbers(reader: _Reader) -> tuple[float, ...]:
    numbers = [reader.number()]
    while reader.accept(","):
        numbers.append(reader.number())
    reader.expect(";")
    return tuple(numbers)
