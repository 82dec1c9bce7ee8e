"""Worlds as large as people may make them, of any number of mechanisms, to see what grows faster than they do."""

from collections.abc import Iterator

HEADER = """format = 1
language = 1
name = "large"
summary = "A world of many mechanisms"
step = "day"
"""
VARIABLE = """format = 1
id = "{name}"
title = "Amount {name}"
meaning = "What is left of {name} at the end of the day"
unit = "kg"
role = "state"
initial = ["Normal(1, 0.5)"]
[support]
kind = "real"
"""
MECHANISM = """format = 1
id = "{name}"
assigns = "{name}"
title = "How {name} comes about"
law = "Normal(decay * {name}[t-1] + {terms}, noise)"
[parameters.decay]
prior = "Beta(4, 2)"
why = "it lasts"
[parameters.gain]
prior = "Normal(0, 0.1)"
why = "it mixes"
[parameters.noise]
prior = "HalfNormal(0.5)"
unit = "kg"
why = "weather"
"""


def large_world(mechanisms: int, inputs: int = 10) -> dict[str, bytes]:
    """The files of a world in which each variable follows from up to `inputs` of those before it, half of them lagged.

    One `mechanisms` of a thousand with ten inputs has ten thousand edges.
    """
    return {path: text.encode() for path, text in _files(mechanisms, inputs)}


def _files(mechanisms: int, inputs: int) -> Iterator[tuple[str, str]]:
    yield "world.toml", HEADER
    for number in range(mechanisms):
        name = _name(number)
        yield f"variables/{name}.toml", VARIABLE.format(name=name)
        yield f"mechanisms/{name}.toml", MECHANISM.format(name=name, terms=_terms(number, inputs))


def _name(number: int) -> str:
    return f"x{number:05}"


def _terms(number: int, inputs: int) -> str:
    """The inputs lie at distances that grow, so that the graph is neither a chain nor a block."""
    steps = (1 + 3 * place * place for place in range(inputs))
    names = [_name(number - step) for step in steps if step <= number] or [_name(number)]
    return " + ".join(
        f"gain * {name}[{'t-1' if place % 2 or name == _name(number) else 't'}]" for place, name in enumerate(names)
    )
