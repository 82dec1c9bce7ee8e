"""The texts of a starting world's files: facts about a CSV file in, TOML out.

What comes from the file (titles, its name) is untrusted text: it is escaped, shortened, and stripped of what is
invisible.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
unit = "1"
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

[parameters.persistence]
prior = "Beta(2, 1)"
why = "how much of the last step stays: any share, more likely a large one; no data were used"

[parameters.level]
prior = {level}
why = {level_why}

[parameters.noise]
prior = {noise}
why = {noise_why}
"""

_ONE = """
[constants.one]
value = 1
why = "the unit that the logarithm needs"
"""

_ONLY = "only the order of magnitude of the data was used"


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

    `magnitude` is the power of ten of its usual size, `last` its last value before the held-out part.
    """

    name: str
    title: str
    positive: bool
    magnitude: int
    last: float


def world_file(facts: WorldFacts) -> str:
    """The text of world.toml."""
    left = ", ".join(map(_visible, facts.left_out[:_TITLES]))
    more = f" and {len(facts.left_out) - _TITLES} more" if len(facts.left_out) > _TITLES else ""
    summary = (
        f"A beginning, made from {_visible(facts.file)}: each variable follows its own last value and nothing else. "
        "Say what each variable means and its unit, give those that can be chosen the role action, and replace "
        "mechanisms by what you know."
    ) + (f" Left out, since they hold no numbers or never change: {left}{more}." if left else "")
    return _WORLD.format(
        name=_string(_short(Path(facts.file).stem)),
        summary=_string(summary[:4000]),
        step=_string(facts.step),
        file=_string(f"data/{facts.file}"),
        time=_string(facts.time),
        holdout=facts.holdout,
    )


def variable_file(column: ColumnFacts) -> str:
    """The text of a column's variable; its unit is asked for, not guessed."""
    constant = (
        f", and likewise the unit of `one` in mechanisms/{column.name}_persistence.toml" if column.positive else ""
    )
    meaning = (
        f"The column “{_visible(column.title)}”. What is it, who measured it, and how? Its unit is not known yet: "
        f"replace unit = 1 by it{constant}, and give the parameters theirs."
    )
    return _VARIABLE.format(
        name=_string(column.name),
        title=_string(_visible(column.title)),
        meaning=_string(meaning),
        why="all values are above zero" if column.positive else "not all values are above zero: no bound is inferred",
        support='{ kind = "real", lower = 0 }' if column.positive else '{ kind = "real" }',
        initial=_string(f"Delta({column.last!r})"),
    )


def mechanism_file(column: ColumnFacts) -> str:
    """The text of a column's AR(1) law: in logarithms where all values are above zero, so that draws stay there."""
    name, size = column.name, f"about 10^{column.magnitude}"
    logarithm = column.magnitude * math.log(10)
    if column.positive:
        law = f"LogNormal(mix(persistence, log({name}[t-1] / one), level), noise)"
        level = (f"Normal({logarithm:.4g}, 2)", f"the logarithm of the usual value, which is {size}: {_ONLY}")
        noise = ("LogNormal(-2, 1.5)", "surprises of some 1 to 100 percent of the value in one step; no data were used")
    else:
        law = f"Normal(mix(persistence, {name}[t-1], level), noise)"
        level = (f"Normal(0, {2 * 10.0**column.magnitude:.4g})", f"the usual value, whose size is {size}: {_ONLY}")
        noise = (f"LogNormal({logarithm - 1:.4g}, 1.5)", f"surprises below or about the usual size, {size}: {_ONLY}")
    title = f"{_visible(column.title)} returns to a level"
    text = _MECHANISM.format(
        id=_string(f"{name}_persistence"),
        name=_string(name),
        title=_string(title),
        law=_string(law),
        level=_string(level[0]),
        level_why=_string(level[1]),
        noise=_string(noise[0]),
        noise_why=_string(noise[1]),
    )
    return text + _ONE if column.positive else text


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
