"""The intermediate representation that every reading of a law is compiled from.

Frozen values; each node carries the span of its source text, which does not take part in comparison, so that two
texts with the same meaning are equal. `Law` stands only at the top of a law and among another law's parts, `Formula`
nodes only at the top of claims and properties.

Texts speak of whole families of variables (`infected[region, t-1]`, `sum(… over region)`), of named values and of
bindings. `worldmodel.grounding` rewrites all of that into scalars: in a grounded text no name has indices, there is no
`Aggregate`, and tables are `Lookup` nodes with their numbers. Readings start from grounded texts.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ArithmeticOperator = Literal["+", "-", "*", "/", "^"]
CompareOperator = Literal["<", "<=", ">", ">=", "==", "!="]
LogicalOperator = Literal["and", "or"]
Statistic = Literal["mean", "quantile", "every"]
AggregateFunction = Literal["sum", "product", "mean", "min", "max", "any", "all"]


class Span(NamedTuple):
    """Where in the text a node stands: characters from `start` up to, not including, `end`, counted from 0."""

    start: int
    end: int


NOWHERE = Span(0, 0)


def _at() -> Span:
    return field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Number:
    """A finite literal."""

    value: float
    at: Span = _at()


@dataclass(frozen=True)
class Parameter:
    """A parameter, named constant, binding, table, index or named value, with the places at which it is read.

    In a grounded text: a parameter (`beta`, or `beta[north]` of an index set) or a constant, without indices.
    """

    name: str
    indices: tuple["Expression", ...] = ()
    at: Span = _at()


@dataclass(frozen=True)
class Variable:
    """`name[indices, t - lag]`: a variable's value `lag` steps ago; indices name index sets or their elements.

    In a grounded text the element is part of the name (`infected[north]`), and there are no indices.
    """

    name: str
    lag: int = 0
    indices: tuple[str, ...] = ()
    at: Span = _at()


@dataclass(frozen=True)
class Start:
    """`name[indices, 0]`: a variable's value just before step 1."""

    name: str
    indices: tuple[str, ...] = ()
    at: Span = _at()


@dataclass(frozen=True)
class Time:
    """`t` alone: the number of the step, 1 for the first one."""

    at: Span = _at()


@dataclass(frozen=True)
class Negate:
    """`-operand`."""

    operand: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class Binary:
    """Arithmetic on two operands; `^` is the power."""

    operator: ArithmeticOperator
    left: "Expression"
    right: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class Compare:
    """A comparison; its value is a truth value."""

    operator: CompareOperator
    left: "Expression"
    right: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class Logical:
    """`and` / `or` of two truth values."""

    operator: LogicalOperator
    left: "Expression"
    right: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class Not:
    """`not operand`."""

    operand: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class If:
    """`if condition then … else …`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    at: Span = _at()


@dataclass(frozen=True)
class Call:
    """One of the fixed functions of `signatures.FUNCTIONS` applied to its arguments."""

    function: str
    arguments: tuple["Expression", ...]
    at: Span = _at()


@dataclass(frozen=True)
class Aggregate:
    """`sum(body over a, b)` and friends: one value from the body at every element of some index sets."""

    function: AggregateFunction
    body: "Expression"
    over: tuple[str, ...]
    at: Span = _at()


@dataclass(frozen=True)
class Lookup:
    """A number of a table, in grounded texts only: row-major `values`, one axis of `sizes` for each index.

    An index is the code of a finite variable's value (0, 1, …). Beyond the ends the nearest element counts.
    """

    values: tuple[float, ...]
    sizes: tuple[int, ...]
    indices: tuple["Expression", ...]
    at: Span = _at()


Expression = (
    Number
    | Parameter
    | Variable
    | Start
    | Time
    | Negate
    | Binary
    | Compare
    | Logical
    | Not
    | If
    | Call
    | Aggregate
    | Lookup
)


@dataclass(frozen=True)
class Law:
    """A distribution family of `signatures.FAMILIES` with its arguments; a law without a distribution is a `Delta`.

    `parts` are the laws that a composite one is made of: `Truncated(law, low, high)`, `Mixture(weight, law, …)`,
    `ZeroInflated(probability, law)`; `arguments` are then the numbers, in the order of the text.
    """

    family: str
    arguments: tuple[Expression, ...]
    parts: tuple["Law", ...] = ()
    at: Span = _at()


@dataclass(frozen=True)
class Within:
    """`condition within k`: the condition holds at one step at least of steps 1 to k."""

    condition: Expression
    steps: int
    at: Span = _at()


@dataclass(frozen=True)
class Throughout:
    """`condition throughout k`: the condition holds at every step from 1 to k."""

    condition: Expression
    steps: int
    at: Span = _at()


@dataclass(frozen=True)
class Until:
    """`first until second within k`: `second` comes true by step k, and `first` holds at every step before."""

    first: Expression
    second: Expression
    steps: int
    at: Span = _at()


Path = Within | Throughout | Until


@dataclass(frozen=True)
class Probability:
    """`P(path) >= bound`: a bound on the probability of a set of trajectories."""

    path: Path
    operator: CompareOperator
    bound: float
    at: Span = _at()


@dataclass(frozen=True)
class Monotone:
    """`increasing(mean(y[t]), x[t-1])`: how the one-step mean, or with a `level` that quantile, follows an input."""

    direction: Literal["increasing", "decreasing"]
    target: Variable
    by: Variable
    level: float | None = None
    at: Span = _at()


@dataclass(frozen=True)
class Bounded:
    """`mean(y[t]) >= 0`, `quantile(y[t], 0.9) <= 20`, or of every draw `y[t] >= 0`: a bound on what one step draws."""

    statistic: Statistic
    target: Variable
    level: float | None
    operator: CompareOperator
    bound: float
    at: Span = _at()


@dataclass(frozen=True)
class Independent:
    """`independent(x[t], y[t-1] given z[t-1], w[t])`: the graph leaves no open path between two values."""

    left: Variable
    right: Variable
    given: tuple[Variable, ...] = ()
    at: Span = _at()


@dataclass(frozen=True)
class Effect:
    """`effect(mean(y), do(x + 1, 1, 4), 8) <= 0`: what `change` of x at steps `first` to `last` makes of y at a step.

    The change is `x == value`, `x + number`, `x - number` or `x * number`. With a `level` the quantile is that of the
    difference which it makes to a trajectory.
    """

    target: Variable
    level: float | None
    change: Expression
    step: int
    operator: CompareOperator
    bound: float
    first: int = 1
    last: int | None = None
    at: Span = _at()


Formula = Probability | Monotone | Bounded | Independent | Effect

Node = Expression | Law | Path | Formula
