"""A world unrolled into cells: one for each variable at each step that matters, with the laws that may assign it.

Reads a grounded world; every method of conditioning starts from here. Only what the known and the wanted cells depend
on is unrolled; what else might happen, a failure of another variable included, has no say.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from worldmodel.grounding.names import surface
from worldmodel.language.ir import Law, Negate, Number, Parameter, Start, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import constant, constants
from worldmodel.readings.torch_expression import Environment
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.rules import rules_of
from worldmodel.simulation.support import Within
from worldmodel.world import Mechanism, World

Cell = tuple[str, int]
"""A variable at a step; steps up to 0 are those before the first."""

_BEFORE_ALL = -(10**9)


@dataclass(frozen=True)
class Origin:
    """One law that may assign a cell, with its mechanism (None for initial laws and the like) and its noise's name."""

    law: Law
    mechanism: Mechanism | None
    noise: str

    def constants(self) -> dict[str, Tensor]:
        """The named constants that the law may read."""
        return {} if self.mechanism is None else constants(self.mechanism)

    def parameters(self) -> frozenset[str]:
        """The parameters that the law reads, as `owner.name`."""
        if self.mechanism is None:
            return frozenset()
        named = self.mechanism.file.constants
        found = {node.name for node in walk(self.law) if isinstance(node, Parameter) and node.name not in named}
        return frozenset(f"{self.mechanism.owner}.{name}" for name in found)


@dataclass(frozen=True)
class Assignment:
    """A cell, the laws that may assign it, and the cell whose value says which does (None where there is one)."""

    cell: Cell
    origins: tuple[Origin, ...]
    chooser: Cell | None
    support: Within

    def parents(self) -> tuple[Cell, ...]:
        """The cells that the laws read, each once."""
        step = self.cell[1]
        found = [] if self.chooser is None else [self.chooser]
        for origin in self.origins:
            for node in walk(origin.law):
                if isinstance(node, Variable):
                    found.append((node.name, step - node.lag))
                elif isinstance(node, Start):
                    found.append((node.name, 0))
        return tuple(dict.fromkeys(found))


def environment(
    origin: Origin, step: int, parameters: Mapping[str, Tensor], value: Callable[[Cell], Tensor]
) -> Environment:
    """What the names of a law mean at a step, given the values of the cells before."""
    named = origin.constants()
    owner = "" if origin.mechanism is None else origin.mechanism.owner
    return Environment(
        lambda name: named[name] if name in named else parameters[f"{owner}.{name}"],
        lambda name, lag: value((name, step - lag)),
        lambda name: value((name, 0)),
        lambda: constant(float(step)),
    )


def unroll(
    world: World,
    known: Mapping[Cell, float],
    wanted: Collection[Cell],
    rules: Sequence[str] = (),
    interventions: Sequence[Intervention] = (),
) -> tuple[Assignment, ...]:
    """The assignments of all cells that the known and the wanted ones depend on, in an order of assignment."""
    unrolled = _Unrolling(world, known, rules_of(world, rules, frozenset(world.actions)), interventions)
    found: dict[Cell, Assignment] = {}
    waiting = [*known, *wanted]
    while waiting:
        cell = waiting.pop()
        if cell not in found:
            found[cell] = unrolled.assignment(cell)
            waiting.extend(found[cell].parents())
    place = {name: number for number, name in enumerate(world.order)}
    return tuple(found[cell] for cell in sorted(found, key=lambda cell: (cell[1], place.get(cell[0], -1), cell[0])))


@dataclass(frozen=True)
class _Unrolling:
    world: World
    known: Mapping[Cell, float]
    rules: Mapping[str, str]
    interventions: Sequence[Intervention]

    def assignment(self, cell: Cell) -> Assignment:
        name, step = cell
        if step == _BEFORE_ALL:
            return self._choice(name)
        support = Within.of(self.world.variables[name].file.support)
        done = [entry.value for entry in self.interventions if entry.variable == name and entry.holds(step)]
        if done and step > 0:
            return Assignment(cell, (_certain(done[-1]),), None, support)
        if step <= 0:
            laws = self.world.variables[name].initial
            origin = Origin(laws[min(-step, len(laws) - 1)], None, f"initial:{name}:{-step}")
            return Assignment(cell, (origin,), None, support)
        origins = tuple(self._origins(name, cell))
        # One choice for all the elements of a family: a rival is a view of the whole mechanism.
        chooser = (f"rival:{surface(name)}", _BEFORE_ALL) if len(origins) > 1 else None
        return Assignment(cell, origins, chooser, support)

    def _origins(self, name: str, cell: Cell) -> Iterator[Origin]:
        if name not in self.world.actions:
            names: tuple[str, ...] = tuple(self.world.weights_of(name))
        elif (rule := self.rules.get(name)) is not None:
            names = (rule,)
        elif cell in self.known:
            # Nothing says how the action is chosen, and nothing need: what is known of it counts as chosen.
            yield _certain(self.known[cell])
            return
        else:
            rules_of(self.world, (), frozenset(self.world.actions) - {name})
            names = ()
        for mechanism in (self.world.mechanisms[entry] for entry in names):
            yield Origin(mechanism.law, mechanism, f"mechanism:{mechanism.file.id}")

    def _choice(self, name: str) -> Assignment:
        family = name.removeprefix("rival:")
        weights = self.world.weights_of(next(one for one in self.world.order if surface(one) == family))
        law = Law("Categorical", tuple(Number(weight) for weight in weights.values()))
        support = Within(0.0, float(len(weights) - 1), True)
        return Assignment((name, _BEFORE_ALL), (Origin(law, None, name),), None, support)


def _certain(value: float) -> Origin:
    number = Number(abs(value))
    return Origin(Law("Delta", (Negate(number) if value < 0 else number,)), None, "certain")
