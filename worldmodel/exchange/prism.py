"""A finite world in the PRISM language: a Markov chain, or a decision process whose choices are the actions.

Every reachable state has a command with exact decimals, so that what a model checker reads is what the world says.
Labels and rewards are written as expressions. PRISM counts a path's start as step 0, and our properties begin at step
1: the variable `phase` is 2 from step 1 on, and labels ask for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from worldmodel.errors import InputError
from worldmodel.exchange.chain import Chain, Choice, Distribution, State, explore
from worldmodel.exchange.finite import FiniteWorld, Input, not_exportable
from worldmodel.exchange.naming import distinct
from worldmodel.exchange.prism_text import KEYWORDS, decimal, shares, to_prism_text
from worldmodel.language.ir import (
    Bounded,
    Effect,
    Expression,
    Independent,
    Monotone,
    Path,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)
from worldmodel.language.render import render
from worldmodel.world import Property, World

_TURNED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

Key = Variable | Start | str
"""A value that a state keeps, or the name of one of the model's own variables."""


@dataclass(frozen=True)
class PrismModel:
    """A model file and a properties file; `states` are the reachable ones of the file's own variables."""

    kind: str
    model: str
    properties: str
    states: int
    transitions: int


def to_prism(
    world: World, parameters: Mapping[str, float] | None = None, rules: Sequence[str] = (), steps: int = 0
) -> PrismModel:
    """The world at one point of its parameters (`owner.name`), under the named rules; all other actions are free.

    `steps` is needed where a law reads the step number, and the model stands still after it. Raises InputError where
    the world is not finite.
    """
    if world.static:
        raise InputError(not_exportable("world.toml", "no `step`: a world without time", "a world that takes steps"))
    chain = explore(FiniteWorld.of(world, parameters, steps), rules)
    return _Writer(chain, dict(parameters or {})).model()


@dataclass(frozen=True)
class _Writer:
    chain: Chain
    parameters: Mapping[str, float]

    @property
    def drawn(self) -> bool:
        """Whether the start is drawn, for which there is a phase before it."""
        return len(self.chain.initial) > 1

    @property
    def kind(self) -> str:
        """What PRISM calls the model."""
        return "mdp" if self.chain.free else "dtmc"

    def model(self) -> PrismModel:
        """The texts of both files."""
        arrows = [len(found) for choices in self.chain.transitions.values() for found in choices.values()]
        return PrismModel(
            self.kind,
            "\n".join(self._lines()) + "\n",
            "\n".join(line for entry in self._entries for line in self._property(entry)) + "\n",
            len(self.chain.transitions) + self.drawn,
            sum(arrows) + self.drawn * len(self.chain.initial),
        )

    @cached_property
    def _names(self) -> Mapping[Key, str]:
        """The model's variables: those that every model has, and one for each value that a state keeps."""
        chain = self.chain
        fixed: dict[Key, str] = {name: name for name in ("phase", "failed", *(["step"] if self._timed else []))}
        kept: dict[Key, str] = {slot: f"{slot.name}_{slot.lag}" if slot.lag else slot.name for slot in chain.slots}
        kept |= {Start(name): f"start_{name}" for name in chain.starts}
        kept |= {f"rival {name}": f"rival_{name}" for name in chain.rivals}
        return fixed | distinct(kept, taken={*KEYWORDS, *fixed.values(), "world"})

    @cached_property
    def _timed(self) -> bool:
        return any(state.clock for state in self.chain.transitions)

    @cached_property
    def _known(self) -> Mapping[State, Mapping[str, int]]:
        """Each state as the values of the model's variables."""
        return {
            state: dict(zip(self._names.values(), self._numbers(state), strict=True))
            for state in self.chain.transitions
        }

    def _numbers(self, state: State) -> tuple[int, ...]:
        clock = (state.clock,) if self._timed else ()
        return (2 if state.begun else 1, int(state.failed), *clock, *state.values, *state.starts, *state.rivals)

    def _lines(self) -> Iterator[str]:
        world = self.chain.finite.world
        yield f"// {world.header.name}, written by Glassworld. Named values are counted from 0:"
        for name, entry in sorted(world.variables.items()):
            if entry.file.support.values:
                yield f"//   {name}: " + ", ".join(f"{i} {value}" for i, value in enumerate(entry.file.support.values))
        yield from (f"//   {name} = {decimal(value)}" for name, value in sorted(self.parameters.items()))
        if self.chain.free:
            yield "// Choices see the whole state; a policy of the world sees the observed variables only."
        yield from (self.kind, "", "module world", *self._declarations(), "", *self._commands(), "endmodule")
        yield from self._labels()
        yield from self._rewards()

    def _declarations(self) -> Iterator[str]:
        first = dict(self._known[next(iter(self.chain.initial))]) | ({"phase": 0} if self.drawn else {})
        for key, name in self._names.items():
            low, high = self._ends(key)
            yield f"  {name} : [{low}..{high}] init {first[name]};"

    def _ends(self, key: Key) -> tuple[int, int]:
        match key:
            case "phase":
                return (0 if self.drawn else 1), 2
            case "failed":
                return 0, 1
            case "step":
                return 0, self.chain.finite.steps
            case Variable(name) | Start(name):
                values = self.chain.finite.ranges[name]
                return values.start, values.stop - 1
            case _:
                return 0, len(self.chain.finite.world.weights_of(key.removeprefix("rival "))) - 1

    def _commands(self) -> Iterator[str]:
        if self.drawn:
            yield f"  [] phase=0 -> {self._updates(self.chain.initial)};"
        for state, choices in self.chain.transitions.items():
            guard = " & ".join(f"{name}={value}" for name, value in self._known[state].items())
            for choice, distribution in choices.items():
                yield f"  [{self._actions[choice]}] {guard} -> {self._updates(distribution)};"

    @cached_property
    def _actions(self) -> Mapping[Choice, str]:
        """Each choice's name, such as `valve_open`; nothing in a chain."""
        choices = next(iter(self.chain.transitions.values()))
        wanted = {choice: "_".join(map(self._chosen, self.chain.free, choice)) for choice in choices}
        return distinct(wanted, taken=KEYWORDS) if self.chain.free else dict.fromkeys(choices, "")

    def _chosen(self, action: str, value: int) -> str:
        finite = self.chain.finite
        return f"{action}_{finite.labels(action)[value - finite.ranges[action].start]}"

    def _updates(self, distribution: Distribution) -> str:
        ordered = sorted(distribution)
        texts = shares([distribution[state] for state in ordered])
        return " + ".join(
            f"{share}:" + "&".join(f"({name}'={value})" for name, value in self._known[state].items())
            for share, state in zip(texts, ordered, strict=True)
        )

    def _text(self, node: Input) -> str:
        return self._names["step"] if isinstance(node, Time) else self._names[node]

    @cached_property
    def _entries(self) -> Sequence[tuple[str, Property]]:
        return tuple(sorted(self.chain.finite.world.properties.items()))

    @cached_property
    def _label_names(self) -> Mapping[tuple[str, str], str]:
        """PRISM names labels and properties alike, so each label has a name that no property has."""
        wanted = {(name, part): f"{name}_{part}" for name, _ in self._entries for part in ("goal", "safe")}
        return distinct(wanted, taken={"init", "deadlock", *(name for name, _ in self._entries)})

    def _labels(self) -> Iterator[str]:
        """Each property's conditions, with failure counted against the property as the simulator does."""
        for name, entry in self._entries:
            if isinstance(entry.formula, Probability):
                for part, text in self._conditions(entry.formula):
                    yield f'label "{self._label_names[name, part]}" = {text};'

    def _conditions(self, formula: Probability) -> list[tuple[str, str]]:
        def read(condition: Expression) -> str:
            return f"failed=0 & {to_prism_text(condition, self._text, {})}"

        failed = " | failed=1" if formula.operator in ("<", "<=") else ""
        match formula.path:
            case Within(condition, _):
                return [("goal", f"phase=2 & ({read(condition)}{failed})")]
            case Throughout(condition, _):
                return [("safe", f"phase<2 | {read(condition)}{failed}")]
            case Until(first, second, _):
                return [("safe", f"phase<2 | {read(first)}"), ("goal", f"phase=2 & ({read(second)}{failed})")]
            case _:
                assert_never(formula.path)

    def _property(self, named: tuple[str, Property]) -> Iterator[str]:
        name, entry = named
        formula = entry.formula
        yield f"// {render(formula)}"
        match formula:
            case Monotone() | Bounded() | Independent() | Effect():
                yield "// is not expressible in PRISM"
            case Probability(path, operator, bound):
                steps = path.steps + self.drawn
                yield f'"{name}": P{operator}{decimal(bound)} [ {self._path(path, name, steps)} ];'
                if isinstance(path, Throughout):
                    turned, rest = _TURNED[operator], shares([bound, 1 - bound])[1]
                    yield f'// the same for Storm: P{turned}{rest} [ F<={steps} !"{self._label_names[name, "safe"]}" ]'
            case _:
                assert_never(formula)

    def _path(self, path: Path, name: str, steps: int) -> str:
        goal, safe = self._label_names[name, "goal"], self._label_names[name, "safe"]
        match path:
            case Within():
                return f'F<={steps} "{goal}"'
            case Throughout():
                return f'G<={steps} "{safe}"'
            case Until():
                return f'"{safe}" U<={steps} "{goal}"'
            case _:
                assert_never(path)

    def _rewards(self) -> Iterator[str]:
        """Utilities as rewards of states: `R=? [ C<=k+1 ]` is the sum over steps 1 to k."""
        for name, utility in sorted(self.chain.finite.world.utilities.items()):
            constants = {key: entry.value for key, entry in utility.file.constants.items()}
            text = to_prism_text(utility.expression, self._text, constants)
            yield from ("", f'rewards "{name}"', f"  phase=2 : {text};", "endrewards")
