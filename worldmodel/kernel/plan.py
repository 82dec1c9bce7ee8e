"""What a world's kernels compute and where each number stands: names and places, quickly made, before any code.

A frame is one number for each variable, actions first, then the others in the order of their computing. The past is
kept as a history: rows for each (variable, lag), lag 1 of all first. Noise sites are grouped by chunk, those that draw
normal numbers first.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from worldmodel.components.variable import Support
from worldmodel.grounding.ground import ground
from worldmodel.kernel.naming import Text, lags, texts
from worldmodel.language.ir import Law, Negate, Node, Number, Parameter, Start, Time, Variable
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism, World

HOLD = ""
"""In place of a rule: the action stays as it was, because interventions set it at every step."""

_CHUNK = 64
_NODES = 12  # in a law that counts as one
_SMALLEST_TABLE_DF = 2.0
NORMAL_FAMILIES = frozenset({"Normal", "LogNormal", "StudentT"})
"""Families whose draw is a function of a normal number."""

_CLOSED = NORMAL_FAMILIES | {"HalfNormal", "Exponential", "Uniform", "Bernoulli", "Categorical", "Delta"}


@dataclass(frozen=True)
class Bounds:
    """A variable's support: the numbers from `lower` to `upper`, or the whole ones of them."""

    lower: float
    upper: float
    whole: bool

    @staticmethod
    def of(support: Support) -> "Bounds":
        """The set that a component declares; named values count from 0."""
        if support.kind == "finite":
            return Bounds(0.0, float(len(support.values) - 1), True)
        lower = float("-inf") if support.lower is None else float(support.lower)
        upper = float("inf") if support.upper is None else float(support.upper)
        return Bounds(lower, upper, support.kind == "integer")

    @property
    def unbounded(self) -> bool:
        """Whether every finite number belongs to it."""
        return not self.whole and self.lower == float("-inf") and self.upper == float("inf")


@dataclass(frozen=True)
class Site:
    """A place where noise enters: its name, and whether its numbers are normal quantiles or the uniform ones."""

    name: str
    normal: bool


@dataclass(frozen=True)
class Plan:
    """The places of everything; `rules` has a mechanism for each action that the kernel chooses, or None."""

    world: World
    variables: tuple[str, ...]
    lags: tuple[int, ...]
    actions: tuple[str, ...]
    rules: tuple[str | None, ...]
    parameters: tuple[str, ...]
    starts: tuple[str, ...]
    rivals: tuple[str, ...]
    chunks: tuple[tuple[str, ...], ...]
    sites: tuple[tuple[Site, ...], ...]
    tables: tuple[tuple[float, ...], ...]
    cubics: tuple[float, ...]

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Each variable's row of a frame."""
        return {name: row for row, name in enumerate(self.variables)}

    @cached_property
    def noise_rows(self) -> Mapping[str, int]:
        """Each noise site's row."""
        return {site.name: row for row, site in enumerate(self.all_sites)}

    @cached_property
    def parameter_rows(self) -> Mapping[str, int]:
        """Each parameter's row."""
        return {name: row for row, name in enumerate(self.parameters)}

    @cached_property
    def depth(self) -> int:
        """The longest lag."""
        return max(self.lags, default=1)

    @cached_property
    def history(self) -> tuple[tuple[int, int], ...]:
        """(variable's row, lag) of each row of a history."""
        return tuple(
            (row, lag) for lag in range(1, self.depth + 1) for row, most in enumerate(self.lags) if most >= lag
        )

    @cached_property
    def history_rows(self) -> Mapping[str, tuple[int, ...]]:
        """The rows of a history that are a variable's, most recent first."""
        found: dict[str, list[int]] = {name: [] for name in self.variables}
        for place, (row, _) in enumerate(self.history):
            found[self.variables[row]].append(place)
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def all_sites(self) -> tuple[Site, ...]:
        """The noise sites of all chunks."""
        return tuple(site for chunk in self.sites for site in chunk)

    def competing(self, variable: str) -> tuple[Mechanism, ...]:
        """The mechanisms that may assign a variable: its rivals by id, or an action's rule."""
        if variable in self.actions:
            rule = self.rules[self.actions.index(variable)]
            return () if rule is None or rule == HOLD else (self.world.mechanisms[rule],)
        return self._assigning.get(variable, ())

    @cached_property
    def texts(self) -> Mapping[str, Text]:
        """Each mechanism's law, gone over."""
        return texts(self.world)

    @cached_property
    def _assigning(self) -> Mapping[str, tuple[Mechanism, ...]]:
        """For each variable the mechanisms that have weight, by id: `World.weights_of` of all at once."""
        given = self.world.header.rivals
        found: dict[str, tuple[Mechanism, ...]] = {}
        for name, mechanism in sorted(self.world.mechanisms.items()):
            weights = given.get(mechanism.assigns)
            if weights is None or weights.get(name, 0.0) > 0:
                found[mechanism.assigns] = (*found.get(mechanism.assigns, ()), mechanism)
        return found

    def support(self, variable: str) -> Bounds:
        """A variable's support."""
        return Bounds.of(self.world.variables[variable].file.support)

    @cached_property
    def digest(self) -> str:
        """The name of everything that the machine code depends on, apart from the computer."""
        world = self.world
        mechanisms = [entry for name in self.variables for entry in self.competing(name)]
        laws = [
            (entry.file.id, entry.owner, self.texts[entry.file.id].line, _numbers(entry), _supports(entry))
            for entry in mechanisms
        ]
        bounds = [self.support(name) for name in self.variables]
        supports = [(own.lower, own.upper, own.whole) for own in bounds]
        places = (self.variables, self.lags, self.actions, self.rules, self.parameters, self.starts, self.rivals)
        sites = [[(site.name, site.normal) for site in chunk] for chunk in self.sites]
        text = repr((world.order, laws, supports, places, self.chunks, sites, self.cubics))
        return hashlib.sha256(text.encode()).hexdigest()


def parameter_name(mechanism: Mechanism, name: str) -> str:
    """What a mechanism's parameter is called among the draws."""
    return f"{mechanism.owner}.{name}"


@lru_cache(maxsize=32)
def plan(world: World, rules: tuple[str | None, ...] | None = None) -> Plan:
    """The plan of a grounded world, whose actions are chosen by these rules or, where None, by the caller.

    Plans are remembered by the world, and so is what they know of its texts: each is gone over once.
    """
    actions, chosen = world.actions, set(world.actions)
    variables = (*actions, *(name for name in world.order if name not in chosen))
    rules = (None,) * len(actions) if rules is None else rules
    bare = Plan(world, variables, (), actions, rules, (), (), (), (), (), (), ())
    all_lags = lags(world)
    own = texts(world)
    mechanisms = [entry for name in variables for entry in bare.competing(name)]
    laws = [own[entry.file.id] for entry in mechanisms]
    started = {node.name for law in laws for node in law.starts}
    chunks = tuple(_chunks(bare, variables))
    return Plan(
        world,
        variables,
        tuple(all_lags[name] for name in variables),
        actions,
        rules,
        tuple(dict.fromkeys(_parameters(mechanisms, own))),
        tuple(name for name in variables if name in started),
        tuple(name for name in variables if len(bare.competing(name)) > 1),
        chunks,
        tuple(_sites(bare, chunk) for chunk in chunks),
        tuple(dict.fromkeys(node.values for law in laws for node in law.tables)),
        tuple(dict.fromkeys(_degrees(mechanisms, own))),
    )


def supports(world: World) -> str | None:
    """Why there can be no kernel for a world, or None where there can."""
    for name, mechanism in sorted(ground(world).mechanisms.items()):
        reason = _reason(mechanism, mechanism.law)
        if reason is not None:
            return f"mechanism {name}: {reason}"
    return None


def _reason(mechanism: Mechanism, law: Law) -> str | None:
    match law.family:
        case "Mixture" if not all(_is_fixed(mechanism, weight) for weight in law.arguments):
            return "a Mixture's weights that vary have a derivative that takes all parts' densities"
        case "Mixture" | "ZeroInflated":
            return next((reason for part in law.parts if (reason := _reason(mechanism, part))), None)
        case "StudentT":
            degrees = fixed(mechanism, law.arguments[0])
            if degrees is None or degrees < _SMALLEST_TABLE_DF:
                return "the quantile of a StudentT whose df is not a number from 2 on has no closed form"
        case family if family not in _CLOSED:
            return f"the quantile of {family} has no closed form"
        case _:
            pass
    return None


def _is_fixed(mechanism: Mechanism, text: Node) -> bool:
    """Whether an expression is made of numbers alone."""
    names = [node for node in walk(text) if isinstance(node, Parameter | Variable | Start | Time)]
    return all(isinstance(node, Parameter) and node.name in mechanism.file.constants for node in names)


def fixed(mechanism: Mechanism, argument: Node) -> float | None:
    """The number that an argument always is: a literal, or a named constant."""
    match argument:
        case Number(value):
            return value
        case Negate(Number(value)):
            return -value
        case Parameter(name) if name in mechanism.file.constants:
            return float(mechanism.file.constants[name].value)
        case _:
            return None


def _numbers(mechanism: Mechanism) -> list[tuple[str, float]]:
    return sorted((name, float(entry.value)) for name, entry in mechanism.file.constants.items())


def _supports(mechanism: Mechanism) -> list[tuple[str, str]]:
    return sorted((name, law.family) for name, law in mechanism.priors.items())


def _parameters(mechanisms: Sequence[Mechanism], own: Mapping[str, Text]) -> Iterator[str]:
    for mechanism in mechanisms:
        for node in own[mechanism.file.id].parameters:
            if node.name not in mechanism.file.constants:
                yield parameter_name(mechanism, node.name)


def _chunks(bare: Plan, variables: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Variables in runs of about 64 mechanisms, fewer where laws are long: compiling grows faster than they do."""
    run: list[str] = []
    size = 0
    for name in variables:
        run.append(name)
        size += max(1, sum(_weight(bare, mechanism) for mechanism in bare.competing(name)))
        if size >= _CHUNK:
            yield tuple(run)
            run, size = [], 0
    if run or not variables:
        yield tuple(run)


def _weight(bare: Plan, mechanism: Mechanism) -> int:
    return max(1, bare.texts[mechanism.file.id].size // _NODES)


def _sites(bare: Plan, chunk: Sequence[str]) -> tuple[Site, ...]:
    found = [
        Site(f"mechanism:{mechanism.file.id}", mechanism.law.family in NORMAL_FAMILIES)
        for name in chunk
        for mechanism in bare.competing(name)
        if mechanism.law.family != "Delta"
    ]
    return tuple(sorted(found, key=lambda site: not site.normal))


def _degrees(mechanisms: Sequence[Mechanism], own: Mapping[str, Text]) -> Iterator[float]:
    for mechanism in mechanisms:
        for node in own[mechanism.file.id].laws:
            if node.family == "StudentT":
                degrees = fixed(mechanism, node.arguments[0])
                if degrees is not None:
                    yield degrees
