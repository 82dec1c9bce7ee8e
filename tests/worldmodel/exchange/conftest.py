"""A strict reader of the part of PRISM's language that we write, with exact probabilities, and finite worlds."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from worldmodel.build import build_world
from worldmodel.world import World

Valuation = tuple[int, ...]


@dataclass(frozen=True)
class PrismFile:
    """A model that was read: `commands` maps each state to its choices, each an action's name and a distribution."""

    kind: str
    variables: tuple[str, ...]
    initial: Valuation
    commands: Mapping[Valuation, list[tuple[str, dict[Valuation, Fraction]]]]
    labels: Mapping[str, str]
    rewards: Mapping[str, str]

    def value(self, text: str, state: Valuation) -> Any:
        """The value of an expression in a state."""
        return Expression(text, dict(zip(self.variables, state, strict=True))).read()

    def bounded(
        self, safe: Callable[[Valuation], bool], goal: Callable[[Valuation], bool], steps: int, best: Any
    ) -> Fraction:
        """The best (max or min) probability of safe U<=steps goal from the initial state; exact for small models."""
        number: Any = Fraction if len(self.commands) < 100 else float
        choices = {
            state: [{target: number(p) for target, p in found.items()} for _, found in listed]
            for state, listed in self.commands.items()
        }
        value = {state: number(goal(state)) for state in self.commands}
        open_ = [state for state in self.commands if not goal(state) and safe(state)]
        for _ in range(steps):
            after = {s: best(sum((p * value[t] for t, p in d.items()), number(0)) for d in choices[s]) for s in open_}
            value = value | after
        return Fraction(value[self.initial])

    def probability(self, line: str, best: Any = max) -> Fraction:
        """The probability that a property line asks about; the best one over choices."""
        found = re.fullmatch(r'"(\w+)": P(<=|>=|<|>)[0-9.]+ \[ (?:"(\w+)" U|([FG]))<=(\d+) "(\w+)" \];', line)
        assert found, line
        _, _, before, operator, steps, label = found.groups()

        def holds(name: str) -> Callable[[Valuation], bool]:
            return lambda state: self.value(self.labels[name], state)

        if operator == "G":
            other = min if best is max else max
            return 1 - self.bounded(lambda _: True, lambda state: not holds(label)(state), int(steps), other)
        return self.bounded(holds(before) if before else lambda _: True, holds(label), int(steps), best)


class Expression:
    """A recursive descent over PRISM's expressions."""

    def __init__(self, text: str, values: Mapping[str, int]) -> None:
        self.tokens = re.findall(r"[0-9]+(?:\.[0-9]+)?|\w+|<=|>=|!=|[-+*/<>=&|!?:(),]", text)
        assert "".join(self.tokens) == text.replace(" ", ""), text
        self.values = values

    def read(self) -> Any:
        found = self.choice()
        assert not self.tokens, self.tokens
        return found

    def accept(self, *tokens: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in tokens else None

    def choice(self) -> Any:
        condition = self.any()
        if not self.accept("?"):
            return condition
        then = self.choice()
        assert self.accept(":")
        otherwise = self.choice()
        assert isinstance(condition, bool)
        return then if condition else otherwise

    def any(self) -> Any:
        left = self.all()
        while self.accept("|"):
            right = self.all()
            left = left or right
        return left

    def all(self) -> Any:
        left = self.negation()
        while self.accept("&"):
            right = self.negation()
            left = left and right
        return left

    def negation(self) -> Any:
        if self.accept("!"):
            return not self.negation()
        return self.comparison()

    def comparison(self) -> Any:
        left = self.sum()
        operator = self.accept("=", "!=", "<", "<=", ">", ">=")
        if operator is None:
            return left
        right = self.sum()
        answers = {"=": left == right, "!=": left != right, "<": left < right, "<=": left <= right}
        return answers.get(operator, left > right if operator == ">" else left >= right)

    def sum(self) -> Any:
        left = self.product()
        while operator := self.accept("+", "-"):
            right = self.product()
            left = left + right if operator == "+" else left - right
        return left

    def product(self) -> Any:
        left = self.atom()
        while operator := self.accept("*", "/"):
            right = self.atom()
            left = left * right if operator == "*" else left / right
        return left

    def atom(self) -> Any:
        if self.accept("-"):
            return -self.atom()
        if self.accept("("):
            found = self.choice()
            assert self.accept(")")
            return found
        token = self.tokens.pop(0)
        if token in ("min", "max", "pow", "log"):
            assert self.accept("(")
            arguments = [self.choice()]
            while self.accept(","):
                arguments.append(self.choice())
            assert self.accept(")")
            import math

            functions: dict[str, Any] = {"min": min, "max": max, "pow": pow, "log": math.log}
            return functions[token](*arguments)
        return float(token) if token[0].isdigit() else self.values[token]


def _read_prism(model: str) -> PrismFile:
    lines = [line for line in model.splitlines() if line.strip() and not line.startswith("//")]
    kind = lines.pop(0)
    assert kind in ("dtmc", "mdp")
    assert lines.pop(0) == "module world"
    names: list[str] = []
    ranges: list[tuple[int, int]] = []
    start: list[int] = []
    while found := re.fullmatch(r"  (\w+) : \[(-?\d+)\.\.(-?\d+)\] init (-?\d+);", lines[0]):
        lines.pop(0)
        names.append(found[1])
        ranges.append((int(found[2]), int(found[3])))
        start.append(int(found[4]))
    assert len(set(names)) == len(names)
    commands: dict[Valuation, list[tuple[str, dict[Valuation, Fraction]]]] = {}
    while (line := lines.pop(0)) != "endmodule":
        found = re.fullmatch(r"  \[(\w*)\] (.*) -> (.*);", line)
        assert found, line
        action, guard, updates = found.groups()
        keys = [_state(guard.split(" & "), names, ranges)] if guard != "phase=0" else [tuple(start)]
        distribution: dict[Valuation, Fraction] = {}
        for update in updates.split(" + "):
            share, _, rest = update.partition(":")
            target = _state([word[1:-1].replace("'", "") for word in rest.split("&")], names, ranges)
            assert target not in distribution
            distribution[target] = Fraction(share)
        assert sum(distribution.values()) == 1, line
        assert all(p > 0 for p in distribution.values())
        choices = commands.setdefault(keys[0], [])
        assert (kind == "mdp" and action not in [name for name, _ in choices]) or not choices
        choices.append((action, distribution))
    labels, rewards = _rest(lines)
    targets = {t for choices in commands.values() for _, d in choices for t in d}
    assert targets <= set(commands)
    return PrismFile(kind, tuple(names), tuple(start), commands, labels, rewards)


def _state(words: list[str], names: list[str], ranges: list[tuple[int, int]]) -> Valuation:
    assert [word.partition("=")[0] for word in words] == names
    values = tuple(int(word.partition("=")[2]) for word in words)
    assert all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))
    return values


def _rest(lines: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    labels: dict[str, str] = {}
    rewards: dict[str, str] = {}
    while lines:
        line = lines.pop(0)
        if found := re.fullmatch(r'label "(\w+)" = (.*);', line):
            labels[found[1]] = found[2]
            continue
        found = re.fullmatch(r'rewards "(\w+)"', line)
        assert found, line
        body = re.fullmatch(r"  phase=2 : (.*);", lines.pop(0))
        assert body
        rewards[found[1]] = body[1]
        assert lines.pop(0) == "endrewards"
    return labels, rewards


@pytest.fixture(scope="session")
def read_prism() -> Callable[[str], PrismFile]:
    """Reads a model file; asserts that it is one."""
    return _read_prism


@pytest.fixture(scope="session")
def finite_world() -> Callable[..., World]:
    """Makes a world of finite variables from laws; see `_finite_world`."""
    return _finite_world


def _finite_world(
    laws: Mapping[str, str],
    supports: Mapping[str, tuple[int, int] | list[str]],
    initial: Mapping[str, list[str]] | None = None,
    actions: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
    utilities: Mapping[str, str] | None = None,
    rivals: Mapping[str, dict[str, float]] | None = None,
    parameters: Mapping[str, Mapping[str, str]] | None = None,
    tables: Mapping[str, Any] | None = None,
) -> World:
    """`laws` maps "variable" or "variable.mechanism" to a law, `supports` a variable to its ends or named values."""
    head = {"format": 1, "language": 1, "name": "small", "summary": "small", "step": "day"}
    components: dict[str, dict[str, Any]] = {
        "world.toml": {**head, "rivals": dict(rivals or {}), "tables": dict(tables or {})}
    }
    for name, support in supports.items():
        named = isinstance(support, list)
        components[f"variables/{name}.toml"] = {
            "format": 1,
            "id": name,
            "title": name,
            "meaning": name,
            "unit": "1",
            "role": "action" if name in actions else "state",
            "support": {"kind": "finite", "values": support}
            if named
            else {"kind": "integer", "lower": support[0], "upper": support[1]},
            "initial": (initial or {}).get(name, ["Delta(0)"]),
        }
    for key, law in laws.items():
        name = key.rpartition(".")[2]
        components[f"mechanisms/{name}.toml"] = {
            "format": 1,
            "id": name,
            "assigns": key.partition(".")[0],
            "title": name,
            "law": law,
            "parameters": {p: {"prior": prior, "why": "x"} for p, prior in (parameters or {}).get(name, {}).items()},
        }
    for name, text in (properties or {}).items():
        components[f"properties/{name}.toml"] = {
            "format": 1,
            "id": name,
            "title": name,
            "kind": "property",
            "property": text,
            "why": "x",
        }
    for name, text in (utilities or {}).items():
        components[f"utilities/{name}.toml"] = {
            "format": 1,
            "id": name,
            "stakeholder": name,
            "title": name,
            "utility": text,
            "why": "x",
        }
    return build_world(components)
