"""A Bayesian network as a static world, and a finite static world as a Bayesian network.

Each variable of the network becomes a variable with named values and a mechanism: `Categorical` of the numbers, or of a
table by the parents. Names that are no identifiers are changed, and titles and meanings say from what.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from worldmodel import limits
from worldmodel.errors import InputError, Problem
from worldmodel.exchange.bif import Network, ProbabilityTable
from worldmodel.exchange.finite import Conditional, FiniteWorld, not_exportable
from worldmodel.exchange.naming import identifier, identifiers
from worldmodel.exchange.toml_text import dump_toml
from worldmodel.grounding.names import surface
from worldmodel.language.ir import Variable
from worldmodel.language.render import render_number
from worldmodel.language.signatures import FUNCTIONS, RESERVED
from worldmodel.visible import hidden
from worldmodel.world import World

TABLE = "cpt"
_MEANING_CHARACTERS = 3_500
_PROPER = 9e-7


def network_components(network: Network, source: str) -> dict[str, dict[str, Any]]:
    """The components of the static world that a network is; `source` names the file in titles and reasons."""
    renamed, names = rename(network)
    components: dict[str, dict[str, Any]] = {
        "world.toml": {
            "format": 1,
            "language": 1,
            "name": identifier(network.name),
            "summary": f"The Bayesian network “{_visible(network.name)}” of {_visible(source)}: "
            f"{len(network.values)} variables, each with a table of probabilities. Nothing was added to it.",
        }
    }
    for title, name in names.items():
        components[f"variables/{name}.toml"] = _variable(network, title, renamed, name)
        components[f"mechanisms/{name}.toml"] = _mechanism(renamed, name, title, source)
    return components


def network_files(components: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    """The components as files; InputError that names the tables which are too large for a file that people review."""
    files = {path: dump_toml(values).encode("utf-8") for path, values in components.items()}
    problems = [_too_large(path, content) for path, content in files.items() if len(content) > limits.FILE_BYTES]
    if problems:
        raise InputError(problems)
    return files


def rename(network: Network) -> tuple[Network, dict[str, str]]:
    """The network with identifiers for names, as its world has them, and the identifier of each variable's name."""
    names = identifiers(network.values, taken={*RESERVED, *FUNCTIONS, TABLE})
    taken = {*RESERVED, *FUNCTIONS, *names.values(), TABLE}
    values = {names[name]: tuple(identifiers(listed, taken).values()) for name, listed in network.values.items()}
    tables = {
        names[name]: replace(table, parents=tuple(names[parent] for parent in table.parents))
        for name, table in network.tables.items()
    }
    return Network(identifier(network.name), values, tables), names


def world_network(world: World) -> Network:
    """The Bayesian network that a finite static world is; InputError where it is none.

    A variable of whole numbers has `x0`, `x1`, … for values, or `m1` where they are negative. The arguments of a
    `Categorical` are taken as they are, so that a network goes through a world unchanged.
    """
    finite = FiniteWorld.of(world)
    problems = list(_rivals(finite))
    if problems:
        raise InputError(problems)
    conditionals = {name: finite.conditional(name) for name in finite.world.order}
    problems = [problem for name, found in conditionals.items() for problem in _no_table(name, found)]
    if problems:
        raise InputError(problems)
    tables = {name: _table(found) for name, found in conditionals.items()}
    names = identifiers(finite.world.order)
    values = {names[name]: finite.labels(name) for name in finite.world.order}
    return Network(
        finite.world.header.name,
        values,
        {names[name]: replace(table, parents=tuple(names[p] for p in table.parents)) for name, table in tables.items()},
    )


def _variable(network: Network, title: str, renamed: Network, name: str) -> dict[str, Any]:
    pairs = zip(network.values[title], renamed.values[name], strict=True)
    changed = [f"{new} is “{_visible(old)}”" for old, new in pairs if old != new]
    meaning = f"The variable “{_visible(title)}” of the network “{_visible(network.name)}”."
    listed = f"{meaning} Values that are called otherwise there: {', '.join(changed)}." if changed else meaning
    return {
        "format": 1,
        "id": name,
        "title": _visible(title),
        "meaning": listed if len(listed) <= _MEANING_CHARACTERS else listed[:_MEANING_CHARACTERS] + "…",
        "unit": "1",
        "role": "state",
        "support": {"kind": "finite", "values": list(renamed.values[name])},
    }


def _mechanism(network: Network, name: str, title: str, source: str) -> dict[str, Any]:
    table = network.tables[name]
    head = {"format": 1, "id": name, "assigns": name}
    if not table.parents:
        numbers = ", ".join(map(render_number, _proper(table.rows[0])))
        return {**head, "title": f"How often “{_visible(title)}” has each value", "law": f"Categorical({numbers})"}
    parents = ", ".join(table.parents)
    return {
        **head,
        "title": f"“{_visible(title)}” by {parents}",
        "law": f"Categorical({TABLE}[{parents}])",
        "tables": {
            TABLE: {
                "by": list(table.parents),
                "why": f"the probabilities of {_visible(source)}, in the order of the values of {name}{_scaled(table)}",
                "rows": _nested(table, network),
            }
        },
    }


def _nested(table: ProbabilityTable, network: Network) -> Any:
    """The rows keyed by the parents' values, the first parent's outermost."""
    rows: dict[str, Any] = {}
    combinations = network_combinations(network, table)
    for combination, row in zip(combinations, table.rows, strict=True):
        place = rows
        for value in combination[:-1]:
            place = place.setdefault(value, {})
        place[combination[-1]] = _proper(row)
    return rows


def _scaled(table: ProbabilityTable) -> str:
    changed = sum(_proper(row) != list(row) for row in table.rows)
    return f"; {changed} rows did not add up to 1 and were scaled" if changed else ""


def _proper(row: tuple[float, ...]) -> list[float]:
    """A row as it is, or in proportion where rounding left its sum further from 1 than a table may be."""
    total = math.fsum(row)
    return list(row) if abs(total - 1) < _PROPER else [number / total for number in row]


def network_combinations(network: Network, table: ProbabilityTable) -> Iterator[tuple[str, ...]]:
    """The parents' values of each row of a table."""
    return Network(network.name, network.values, {"": table}).combinations("")


def _table(conditional: Conditional) -> ProbabilityTable:
    parents = tuple(key.name for key in conditional.inputs if isinstance(key, Variable))
    flat = conditional.weights.reshape(-1, conditional.weights.shape[-1])
    return ProbabilityTable(parents, tuple(tuple(map(float, row)) for row in flat))


def _rivals(finite: FiniteWorld) -> Iterator[Problem]:
    for name in finite.world.order:
        count = len(finite.world.weights_of(name))
        if count != 1:
            found = f"{count} mechanisms that count"
            yield not_exportable(f"variables/{surface(name)}.toml", found, "one mechanism for each variable")


def _no_table(name: str, conditional: Conditional) -> Iterator[Problem]:
    where = f"variables/{surface(name)}.toml"
    if any(not isinstance(key, Variable) or key.lag for key in conditional.inputs):
        yield not_exportable(where, "a law that looks back in time", "a static world, in which no law does")
    elif float(conditional.failing.max()) > 0:
        yield not_exportable(where, "a law that can leave the variable's support", "one that cannot")


def _too_large(path: str, content: bytes) -> Problem:
    return Problem(
        code="too-large",
        where=path,
        part=f"tables.{TABLE}",
        found=f"a table that takes {len(content)} bytes",
        wanted=f"at most {limits.FILE_BYTES} bytes in one file, so that people can review it",
        mend="give the variable fewer values or parents; in Python the network is a world without files all the same",
    )


def _visible(text: str) -> str:
    """Text of a stranger without what hides or deceives."""
    return "".join("�" if hidden(character) else character for character in text)[:200]
