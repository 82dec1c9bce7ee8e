"""Plain values as TOML that a person can read and that the reader of component files takes: short lines, no depth.

The standard library reads TOML and does not write it. `tomllib.loads(dump_toml(values)) == values` for everything that
a component file may hold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100
_ON_A_LINE = 8
"""Numbers on one line: more points than `limits.TOML_DEPTH` in a line would look like a deep key."""


def dump_toml(values: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """The text of a TOML file, with comment lines before everything else."""
    lines = [*(f"# {line}".rstrip() for line in comments), *_table(values, ())]
    return "\n".join(lines).strip("\n") + "\n"


def quoted(text: str) -> str:
    """A TOML basic string on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_character(character) for character in escaped) + '"'


def _character(character: str) -> str:
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t"}.get(character, f"\\U{ord(character):08x}")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else quoted(name)


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """A table's own keys first, then the tables in it; what TOML cannot say raises TypeError."""
    for name, value in values.items():
        if not isinstance(value, Mapping) and not _is_tables(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in values.items():
        inner = (*path, name)
        header = ".".join(map(_key, inner))
        if isinstance(value, Mapping):
            if not value or any(not isinstance(entry, Mapping) for entry in value.values()):
                yield from ("", f"[{header}]")
            yield from _table(value, inner)
        elif _is_tables(value):
            for entry in value:
                yield from ("", f"[[{header}]]", *_table(entry, inner))


def _is_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case str():
            return quoted(value)
        case list() | tuple():
            return _array(value, 1)
        case Mapping():
            return "{ " + ", ".join(f"{_key(name)} = {_value(entry)}" for name, entry in value.items()) + " }"
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a component file")


def _array(values: Sequence[Any], level: int) -> str:
    """On one line where it is short; else its arrays one below the other, or some of its numbers on each line."""
    texts = [_array(value, level + 1) if isinstance(value, list | tuple) else _value(value) for value in values]
    if len(texts) <= _ON_A_LINE and sum(map(len, texts)) < _WIDTH and not any("[" in text for text in texts):
        return f"[{', '.join(texts)}]"
    nested = any(isinstance(value, list | tuple) for value in values)
    rows = [[text] for text in texts] if nested else list(_rows(texts))
    indent = "  " * level
    return "[\n" + "".join(f"{indent}{', '.join(row)},\n" for row in rows) + "  " * (level - 1) + "]"


def _rows(texts: Sequence[str]) -> Iterator[list[str]]:
    row: list[str] = []
    for text in texts:
        if row and (len(row) == _ON_A_LINE or sum(map(len, row)) + len(text) > _WIDTH):
            yield row
            row = []
        row.append(text)
    if row:
        yield row
