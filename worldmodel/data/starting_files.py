"""The texts of a starting world's files: facts about a CSV file in, TOML out.

What comes from the file (titles, its name) is untrusted text: it is escaped, shortened, and stripped of what is
invisible.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from worldmodel.data.named_columns import NamedColumn, named_mechanism_file, named_variable_file

_TITLE_CHARACTERS = 120
_TITLES = 40

_WORLD = """\
format = 1
language = 1
name = {name}
summary = {summary}
step = {step}

[data]
file = {file}
time = {time}
holdout = {holdout}
"""

_VARIABLE = """\
format = 1
id = {name}
title = {title}
meaning = {meaning}
{unit_line}
role = "state"
# {why}
support = {support}
# the last value before the held-out part
initial = [{initial}]
"""

_MECHANISM = """\
format = 1
id = {id}
assigns = {name}
title = {title}
law = {law}

[parameters.drift]
prior = "Normal(0, {drift})"
why = {drift_why}

[parameters.pull]
prior = "Beta(1.5, 2)"
why = "the share of the way to the usual value that a step goes: 0 is a random walk, 1 no memory; no data were used"

[parameters.noise]
prior = "LogNormal({noise}, 1.5)"
why = {noise_why}

[constants.usual]
value = {usual}
unit = {unit}
why = "a usual value of the data, rounded to one digit: what the pull is measured from"

[constants.{unit_name}]
value = {unit_value}
unit = {unit}
why = {unit_why}
"""


@dataclass(frozen=True)
class WorldFacts:
    """What world.toml says of a CSV file."""

    file: str
    time: str
    step: str
    holdout: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class ColumnFacts:
    """What is taken from a column.

    `unit` is what people said it is measured in, None where nobody did. `usual` is its median to one digit, `magnitude`
    the power of ten of its usual size, `last` its last value before the held-out part.
    """

    name: str
    title: str
    positive: bool
    usual: float
    magnitude: int
    last: float
    unit: str | None = None


def world_file(facts: WorldFacts) -> str:
    """The text of world.toml."""
    left = ", ".join(map(_visible, facts.left_out[:_TITLES]))
    more = f" and {len(facts.left_out) - _TITLES} more" if len(facts.left_out) > _TITLES else ""
    summary = (
        f"A beginning, made from {_visible(facts.file)}: each variable follows its own last value and nothing else. "
        "Say what each variable means and its unit, give those that can be chosen the role action, and replace "
        "mechanisms by what you know."
    ) + (
        f" Left out, since they hold neither numbers nor names, never change or change evenly: {left}{more}."
        if left
        else ""
    )
    return _WORLD.format(
        name=_string(_short(Path(facts.file).stem)),
        summary=_string(summary[:4000]),
        step=_string(facts.step),
        file=_string(f"data/{facts.file}"),
        time=_string(facts.time),
        holdout=facts.holdout,
    )


def variable_file(column: ColumnFacts | NamedColumn) -> str:
    """The text of a column's variable; its unit is asked for and never guessed, and marked where nobody knew it."""
    if isinstance(column, NamedColumn):
        question = f"The column “{_visible(column.title)}”. What is it, who recorded it, and how?"
        return named_variable_file(column, _string(_visible(column.title)), _string(question))
    constants = f"`usual` and `{'one' if column.positive else 'size'}`"
    meaning = f"The column “{_visible(column.title)}”. What is it, who measured it, and how?"
    if column.unit is None:
        meaning += (
            f" Its unit is not known yet: replace unit = 1 by it, and give {constants} in "
            f"mechanisms/{column.name}_persistence.toml the same."
        )
    fill_in = "# fill in: the unit is not known yet, and 1 only stands for it\n" if column.unit is None else ""
    return _VARIABLE.format(
        name=_string(column.name),
        title=_string(_visible(column.title)),
        meaning=_string(meaning),
        unit_line=f"{fill_in}unit = {_string(column.unit or '1')}",
        why="all values are above zero" if column.positive else "not all values are above zero: no bound is inferred",
        support='{ kind = "real", lower = 0 }' if column.positive else '{ kind = "real" }',
        initial=_string(f"Delta({column.last!r})"),
    )


def mechanism_file(column: ColumnFacts | NamedColumn) -> str:
    """The text of a column's AR(1) law: in logarithms where all values are above zero, so that draws stay there.

    Drift and pull from a fixed point, rather than persistence and a level, so that data without a level (a random walk)
    leave no parameter without hold.
    """
    name = column.name
    if isinstance(column, NamedColumn):
        return named_mechanism_file(column, _string(f"{_visible(column.title)} tends to stay as it is"))
    if column.positive:
        law = f"LogNormal(log({name}[t-1] / one) + drift - pull * log({name}[t-1] / usual), noise)"
        own = {
            "drift": 0.5,
            "drift_why": _string("relative change a step beside the pull, seldom more than half; no data were used"),
            "noise": -2,
            "noise_why": _string("surprises of some 1 to 100 percent of the value in one step; no data were used"),
            "unit_name": "one",
            "unit_value": 1,
            "unit_why": _string("the unit that the logarithm needs"),
        }
    else:
        law = f"Normal({name}[t-1] + drift * size - pull * ({name}[t-1] - usual), noise * size)"
        own = {
            "drift": 1,
            "drift_why": _string("change a step beside the pull, in sizes; no data were used"),
            "noise": -1,
            "noise_why": _string("surprises of some 3 to 300 percent of the size in one step; no data were used"),
            "unit_name": "size",
            "unit_value": _number(10.0**column.magnitude),
            "unit_why": _string("the order of magnitude of the data, and nothing more of them"),
        }
    identity = {"id": _string(f"{name}_persistence"), "name": _string(name), "law": _string(law)}
    title = _string(f"{_visible(column.title)} drifts, and is pulled towards a usual value")
    return _MECHANISM.format(
        **identity, title=title, usual=_number(column.usual), unit=_string(column.unit or "1"), **own
    )


def _number(value: float) -> str:
    """A TOML number; whole ones are written as such."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _short(name: str) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower()).strip("_")[:48].rstrip("_")
    return letters if letters[:1].isalpha() else f"world_{letters}".rstrip("_")


def _visible(text: str) -> str:
    """Text without control, invisible and bidirectional characters, in normal form C, not too long."""
    shown = "".join(c if c.isprintable() else "�" for c in unicodedata.normalize("NFC", text))
    return shown if len(shown) <= _TITLE_CHARACTERS else shown[: _TITLE_CHARACTERS - 1] + "…"


_ESCAPES: Mapping[str, str] = {'"': '\\"', "\\": "\\\\"}


def _string(text: str) -> str:
    """A TOML basic string."""
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'
