"""Generated component files as TOML that a person can read: one line a number, no number longer than its precision.

Reading TOML is the standard library's part; writing the two kinds of file that this assistant proposes needs no
library.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence

from worldmodel.components.posterior import PosteriorFile
from worldmodel.errors import InputError, Problem

HEAD = """\
# Generated from data; review it, do not edit it. The parameters are jointly Gaussian, each on its scale, with the
# correlation below. Means stand on a grid of half a standard deviation.
"""


def posterior_text(posterior: PosteriorFile) -> str:
    """The text of `posteriors/ID.toml`."""
    lines = [
        HEAD.rstrip("\n"),
        "format = 1",
        f"id = {quoted(posterior.id)}",
        f"mechanism_digest = {quoted(posterior.mechanism_digest)}",
        f"data_digest = {quoted(posterior.data_digest)}",
        f"method = {quoted(posterior.method)}",
        f"observations = {posterior.observations}",
        f"log_evidence = {number(posterior.log_evidence)}",
        f"order = [{', '.join(map(quoted, posterior.order))}]",
        "correlation = [",
        *(f"  [{', '.join(number(value) for value in row)}]," for row in posterior.correlation),
        "]",
    ]
    for name in posterior.order:
        entry = posterior.parameters[name]
        numbers = {"mean": entry.mean, "sd": entry.sd, "grid": entry.grid, "bits": entry.bits}
        lines += ["", f"[parameters.{_key(name)}]", f"scale = {quoted(entry.scale)}", *_rows(numbers)]
    diagnostics = posterior.diagnostics.model_dump(exclude_none=True)
    lines += ["", "[diagnostics]", *_rows(diagnostics)]
    if posterior.scores is not None:
        note = "# mean log density of a held-out step, one step ahead, in nats"
        lines += ["", note, "[scores]", *_rows(posterior.scores.model_dump())]
    if posterior.checks:
        note = "# share of replicated series whose statistic is at least the observed one"
        lines += ["", note, "[checks]", *_rows(posterior.checks)]
    return "\n".join(lines) + "\n"


def reweighed(text: str, variable: str, weights: Mapping[str, float], note: Sequence[str]) -> str:
    """The text of `world.toml` with one variable's weights changed; comments elsewhere, and all else, are kept.

    The comment directly above the weights gives way to `note`, since what it says was about the old ones.
    """
    before = tomllib.loads(text)
    wanted = {**before, "rivals": {**before.get("rivals", {}), variable: dict(weights)}}
    comment = "".join(f"# {line}\n" for line in note)
    for edit in (_in_table, _inline):
        attempt = edit(text, variable, weights, comment)
        if attempt is not None and _parses_to(attempt, wanted):
            return attempt
    raise InputError(
        Problem(
            code="rivals-not-editable",
            where="world.toml",
            part=f"rivals.{variable}",
            found="weights written in a way that cannot be changed without rewriting the file",
            wanted=f"a table [rivals.{variable}] with one mechanism a line",
            mend="write the weights as such a table and propose again",
        )
    )


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _rows(values: Mapping[str, float]) -> list[str]:
    return [f"{_key(name)} = {number(value)}" for name, value in values.items()]


def _key(name: str) -> str:
    """A name as a key: one with an element needs quotation marks."""
    return quoted(name) if "[" in name else name


def _in_table(text: str, variable: str, weights: Mapping[str, float], comment: str) -> str | None:
    found = re.search(rf"(?m)^(?:#[^\n]*\n)*(\[rivals\.{variable}\][^\n]*\n(?:(?!\[|#)[^\n]*\n?)*)", text)
    if found is None:
        return None
    section = found.group(1)
    for name, weight in weights.items():
        section = re.sub(rf"(?m)^(\s*{name}\s*=\s*)[-+0-9.eE_]+", rf"\g<1>{number(weight)}", section)
    return text[: found.start()] + comment + section + text[found.end() :]


def _inline(text: str, variable: str, weights: Mapping[str, float], comment: str) -> str | None:
    found = re.search(rf"(?m)^(?:#[^\n]*\n)*{variable}\s*=\s*\{{[^}}\n]*\}}", text)
    if found is None:
        return None
    row = f"{variable} = {{ {', '.join(f'{name} = {number(weight)}' for name, weight in weights.items())} }}"
    return text[: found.start()] + comment + row + text[found.end() :]


def _parses_to(text: str, wanted: Mapping[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
