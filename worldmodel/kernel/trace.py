"""Laws as nodes of a scalar graph: the same meaning, value by value, as the torch reading in `worldmodel.readings`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from worldmodel.kernel.graph import Graph
from worldmodel.kernel.plan import NORMAL_FAMILIES, Bounds, Plan, fixed, parameter_name
from worldmodel.language import signatures
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.language.signatures import Domain
from worldmodel.world import Mechanism

_INFINITY, _NAN = float("inf"), float("nan")
_EDGE = 2.0**-53

# A prior whose draws lie in the first set lies in each of the second ones, as in the torch simulator.
_WITHIN: Mapping[str, frozenset[str]] = {
    "positive": frozenset({"positive", "nonnegative"}),
    "nonnegative": frozenset({"positive", "nonnegative"}),
    "unit": frozenset({"unit", "positive", "nonnegative"}),
}


@dataclass(frozen=True)
class Names:
    """What names mean: `variable` answers for a name and a lag, `parameter` for the mechanism's own names."""

    variable: Callable[[str, int], int]
    parameter: Callable[[str], int]
    start: Callable[[str], int]
    tables: tuple[tuple[float, ...], ...]


def expression(graph: Graph, text: Expression, names: Names) -> int:
    """The node of an expression's value."""

    def of(part: Expression) -> int:
        return expression(graph, part, names)

    match text:
        case Variable(name, lag):
            return names.variable(name, lag)
        case Parameter(name):
            return names.parameter(name)
        case Number(value):
            return graph.number(value)
        case Start(name):
            return names.start(name)
        case Time():
            return graph.input("time")
        case Negate(operand):
            return graph.add("neg", of(operand))
        case Not(operand):
            return graph.add("not", of(operand))
        case Binary("^", left, right):
            return power(graph, of(left), of(right))
        case Binary(operator, left, right):
            return _arithmetic(graph, operator, of(left), of(right))
        case Compare(operator, left, right):
            return _compare(graph, operator, of(left), of(right))
        case Logical("and", left, right):
            return graph.add("and", of(left), of(right))
        case Logical(_, left, right):
            return graph.add("or", of(left), of(right))
        case If(condition, then, otherwise):
            return choose(graph, of(condition), of(then), of(otherwise))
        case Call(function, arguments):
            return _call(graph, function, [of(argument) for argument in arguments])
        case Lookup(values, sizes, indices):
            return _lookup(graph, names.tables.index(values), sizes, [of(index) for index in indices])
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is compiled")
        case _:
            assert_never(text)


def choose(graph: Graph, condition: int, then: int, otherwise: int) -> int:
    """`if`, of numbers or of truth values."""
    if not graph.is_mask(then):
        return graph.add("select", condition, then, otherwise)
    return graph.add("or", graph.add("and", condition, then), graph.add("and", graph.add("not", condition), otherwise))


def power(graph: Graph, base: int, exponent: int) -> int:
    """A power; for the exponents that torch takes apart, the same operations as torch."""
    one, square = graph.number(1.0), graph.add("mul", base, base)
    match graph.constant(exponent):
        case 2.0:
            return square
        case 3.0:
            return graph.add("mul", square, base)
        case 0.5:
            return graph.add("sqrt", base)
        case -0.5:
            return graph.add("div", one, graph.add("sqrt", base))
        case -1.0:
            return graph.add("div", one, base)
        case -2.0:
            return graph.add("div", one, square)
        case 1.0:
            return base
        case _:
            return graph.add("pow", base, exponent)


def _arithmetic(graph: Graph, operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return graph.add("add", left, right)
        case "-":
            return graph.add("sub", left, right)
        case "*":
            return graph.add("mul", left, right)
        case _:
            return graph.add("div", left, right)


def _compare(graph: Graph, operator: str, left: int, right: int) -> int:
    match operator:
        case "<":
            return graph.add("lt", left, right)
        case "<=":
            return graph.add("le", left, right)
        case ">":
            return graph.add("lt", right, left)
        case ">=":
            return graph.add("le", right, left)
        case "==":
            return graph.add("eq", left, right)
        case _:
            return graph.add("ne", left, right)


def _call(graph: Graph, function: str, arguments: list[int]) -> int:
    match function, arguments:
        case (("min" | "max"), [first, *rest]):
            for argument in rest:
                first = graph.add("min" if function == "min" else "max", first, argument)
            return first
        case "clip", [x, low, high]:
            return graph.add("min", graph.add("max", x, low), high)
        case "mix", [weight, first, second]:
            other = graph.add("sub", graph.number(1.0), weight)
            return graph.add("add", graph.add("mul", weight, first), graph.add("mul", other, second))
        case (("abs" | "exp" | "log" | "sqrt" | "tanh" | "logistic"), [x]):
            return graph.add(function, x)
        case _:
            raise AssertionError(f"the checker lets no {function} with {len(arguments)} arguments through")


def _lookup(graph: Graph, table: int, sizes: tuple[int, ...], indices: list[int]) -> int:
    place = graph.number(0.0)
    for size, index in zip(sizes, indices, strict=True):
        nearest = graph.add("max", graph.add("round", index), graph.number(0.0))
        nearest = graph.add("min", nearest, graph.number(float(size - 1)))
        place = graph.add("add", graph.add("mul", place, graph.number(float(size))), nearest)
    return graph.add("table", place, data=("table", table))


def bounded(graph: Graph, bounds: Bounds, value: int) -> int:
    """Where a value is finite and in a variable's support."""
    low_op, high_op = ("lt" if bounds.lower == -_INFINITY else "le"), ("lt" if bounds.upper == _INFINITY else "le")
    if (bounds.lower, bounds.upper) == (-_INFINITY, _INFINITY):
        inside = graph.add("lt", graph.add("abs", value), graph.number(_INFINITY))
    else:
        low = graph.add("lt" if low_op == "lt" else "le", graph.number(bounds.lower), value)
        high = graph.add("lt" if high_op == "lt" else "le", value, graph.number(bounds.upper))
        inside = graph.add("and", low, high)
    if bounds.whole:
        inside = graph.add("and", inside, graph.add("eq", value, graph.add("round", value)))
    return inside


def nearest(graph: Graph, bounds: Bounds, value: int) -> int:
    """The nearest number of a support, through which gradients pass up to and including the ends."""
    if bounds.whole:
        value = graph.add("round", value)
    if bounds.lower > -_INFINITY:
        low = graph.number(bounds.lower)
        value = graph.add("select", graph.add("lt", value, low), low, value)
    if bounds.upper < _INFINITY:
        high = graph.number(bounds.upper)
        value = graph.add("select", graph.add("lt", high, value), high, value)
    return value


def in_domain(graph: Graph, domain: Domain, value: int) -> int:
    """Where an argument of a family lies in its domain."""
    zero, infinity = graph.number(0.0), graph.number(_INFINITY)
    finite = graph.add("lt", value, infinity)
    match domain:
        case "real":
            return graph.add("lt", graph.add("abs", value), infinity)
        case "positive":
            return graph.add("and", graph.add("lt", zero, value), finite)
        case "nonnegative":
            return graph.add("and", graph.add("le", zero, value), finite)
        case "unit":
            return graph.add("and", graph.add("le", zero, value), graph.add("le", value, graph.number(1.0)))
        case "count":
            whole = graph.add("eq", value, graph.add("floor", value))
            return graph.add("and", graph.add("and", graph.add("le", zero, value), finite), whole)
        case _:
            assert_never(domain)


def draw(graph: Graph, plan: Plan, mechanism: Mechanism, names: Names, noise: int) -> tuple[int, int]:
    """A draw of a mechanism's law from its noise, and where its arguments are in their domains.

    The noise is a normal number for Normal, LogNormal and StudentT, and a uniform one for other laws.
    """
    law = mechanism.law
    if law.parts:
        return _composite(graph, plan, mechanism, law, names, noise)
    arguments = [expression(graph, argument, names) for argument in law.arguments]
    valid = graph.truth(True)
    if law.family == "Delta":
        return arguments[0], valid
    for slot, text, argument in zip(_slots(law), law.arguments, arguments, strict=True):
        if slot.domain != "real" and not _always_in(slot.domain, text, mechanism):
            valid = graph.add("and", valid, in_domain(graph, slot.domain, argument))
    return quantile(graph, law.family, arguments, noise, _cubic(plan, mechanism, law)), valid


def _slots(law: Law) -> tuple[signatures.Slot, ...]:
    own = signatures.FAMILIES[law.family].slots
    return own + (own[-1],) * (len(law.arguments) - len(own))


def _cubic(plan: Plan, mechanism: Mechanism, law: Law) -> int:
    """The number of a StudentT's table."""
    degrees = fixed(mechanism, law.arguments[0]) if law.family == "StudentT" else None
    return -1 if degrees is None else plan.cubics.index(degrees)


def _part(graph: Graph, plan: Plan, mechanism: Mechanism, law: Law, names: Names, u: int) -> tuple[int, int]:
    """A draw of a law within a law, from a uniform number, and where all its arguments are in their domains."""
    if law.parts:
        return _composite(graph, plan, mechanism, law, names, u)
    arguments = [expression(graph, argument, names) for argument in law.arguments]
    valid = graph.truth(True)
    for slot, argument in zip(_slots(law), arguments, strict=True):
        valid = graph.add("and", valid, in_domain(graph, slot.domain, argument))
    if law.family == "Delta":
        return arguments[0], valid
    noise = graph.add("normal_quantile", u) if law.family in NORMAL_FAMILIES else u
    return quantile(graph, law.family, arguments, noise, _cubic(plan, mechanism, law)), valid


def _composite(graph: Graph, plan: Plan, mechanism: Mechanism, law: Law, names: Names, u: int) -> tuple[int, int]:
    arguments = [expression(graph, argument, names) for argument in law.arguments]
    match law.family, arguments:
        case "ZeroInflated", [probability]:
            rest = graph.add("sub", graph.number(1.0), probability)
            inner = _stretched(graph, graph.add("sub", u, probability), rest)
            value, valid = _part(graph, plan, mechanism, law.parts[0], names, graph.add("detach", inner))
            value = graph.add("select", graph.add("le", u, probability), graph.number(0.0), value)
            return value, graph.add("and", in_domain(graph, "unit", probability), valid)
        case "Mixture", _:
            return _mixture(graph, plan, mechanism, law, names, u)
        case _:
            raise AssertionError(f"supports() lets no {law.family} through")


def _mixture(graph: Graph, plan: Plan, mechanism: Mechanism, law: Law, names: Names, u: int) -> tuple[int, int]:
    weights = [expression(graph, argument, names) for argument in law.arguments]
    total = reduce(lambda one, two: graph.add("add", one, two), weights)
    valid = in_domain(graph, "positive", total)
    answer: int | None = None
    end = graph.number(0.0)
    for weight, part in zip(weights, law.parts, strict=True):
        share, start = graph.add("div", weight, total), end
        end = graph.add("add", end, share)
        takes = graph.add("and", graph.add("lt", start, u), graph.add("lt", graph.number(0.0), share))
        inner = graph.add("select", takes, _stretched(graph, graph.add("sub", u, start), share), graph.number(0.5))
        value, fine = _part(graph, plan, mechanism, part, names, graph.add("detach", inner))
        valid = graph.add("and", valid, graph.add("and", in_domain(graph, "nonnegative", weight), fine))
        answer = value if answer is None else graph.add("select", takes, value, answer)
    assert answer is not None, "a mixture has parts"
    return answer, valid


def _stretched(graph: Graph, over: int, width: int) -> int:
    """A number's place within a stretch of (0, 1), kept off its ends; NaN where the stretch has no width."""
    inner = graph.add("max", graph.add("div", over, width), graph.number(_EDGE))
    return graph.add("min", inner, graph.number(1.0 - _EDGE))


def _always_in(domain: Domain, argument: Expression, mechanism: Mechanism) -> bool:
    match argument:
        case Parameter(name) if name in mechanism.priors:
            support = signatures.FAMILIES[mechanism.priors[name].family].support
            return domain in _WITHIN.get(support, frozenset())
        case _:
            return False


def quantile(graph: Graph, family: str, arguments: list[int], noise: int, cubic: int) -> int:
    """A family's quantile; `noise` is a normal number for Normal, LogNormal and StudentT, else a uniform one."""
    one = graph.number(1.0)
    match family, arguments:
        case "Normal", [loc, scale]:
            return graph.add("add", loc, graph.add("mul", scale, noise))
        case "LogNormal", [loc, scale]:
            return graph.add("exp", graph.add("add", loc, graph.add("mul", scale, noise)))
        case "StudentT", [_, loc, scale]:
            standard = graph.add("cubic", noise, data=("cubic", cubic))
            return graph.add("add", loc, graph.add("mul", scale, standard))
        case "HalfNormal", [scale]:
            return graph.add("mul", scale, graph.add("half_normal_quantile", noise))
        case "Exponential", [rate]:
            waited = graph.add("neg", graph.add("log", graph.add("sub", one, noise)))
            return graph.add("div", waited, rate)
        case "Uniform", [low, high]:
            width = graph.add("sub", high, low)
            rising = graph.add("lt", graph.number(0.0), width)
            width = graph.add("select", rising, width, graph.number(_NAN))
            return graph.add("add", low, graph.add("mul", noise, width))
        case "Bernoulli", [probability]:
            above = graph.add("lt", graph.add("sub", one, probability), noise)
            return graph.add("select", above, one, graph.number(0.0))
        case "Categorical", _:
            return _categorical(graph, arguments, noise)
        case _:
            raise AssertionError(f"supports() lets no {family} through")


def _categorical(graph: Graph, probabilities: list[int], noise: int) -> int:
    """How many of the cumulated shares, the last left out, lie below the uniform number."""
    total = probabilities[0]
    for probability in probabilities[1:]:
        total = graph.add("add", total, probability)
    one, zero = graph.number(1.0), graph.number(0.0)
    below = graph.add("div", probabilities[0], total)
    count = graph.add("select", graph.add("lt", below, noise), one, zero)
    for probability in probabilities[1:-1]:
        below = graph.add("add", below, graph.add("div", probability, total))
        count = graph.add("add", count, graph.add("select", graph.add("lt", below, noise), one, zero))
    return count


def mechanism_names(graph: Graph, plan: Plan, mechanism: Mechanism, current: Mapping[str, int]) -> Names:
    """What a mechanism's names mean; `current` has nodes of this step's values where they need not be read."""
    constants = mechanism.file.constants

    def variable(name: str, lag: int) -> int:
        row = plan.rows[name]
        if lag:
            return graph.input("lag", row, lag)
        return current[name] if name in current else graph.input("now", row)

    def parameter(name: str) -> int:
        if name in constants:
            return graph.number(constants[name].value)
        return graph.input("parameter", plan.parameter_rows[parameter_name(mechanism, name)])

    return Names(variable, parameter, lambda name: graph.input("start", plan.starts.index(name)), plan.tables)
