"""One spelling for expressions that are the same function of real numbers, as far as algebra can tell cheaply.

A number becomes a polynomial with rational coefficients over atoms: parameters, variables, and functions of such
polynomials. Sums and products are multiplied out and sorted, so that order, brackets, bindings and constants do not
matter; comparisons, minima, maxima, absolute values and choices have one spelling of those that mean the same. Literals
count as the decimal numbers that they are written as. Nothing cancels that could be undefined: x/x stays, and so does
0 · log(x).

Equal forms are equal functions up to rounding; different forms may still be equal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

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

MOST_TERMS = 400
HIGHEST_POWER = 6
_PARTIAL = frozenset({"inverse", "power", "log", "sqrt", "exp"})

Atom = tuple[object, ...]
Monomial = tuple[tuple[Atom, int], ...]
Polynomial = tuple[tuple[Monomial, Fraction], ...]
Form = tuple[object, ...]
ZERO: Polynomial = ()
_NOTHING: Polynomial = (((), Fraction(0)),)


class TooLargeError(Exception):
    """An expression whose form would have more than `MOST_TERMS` terms; caught by whoever compares."""


@dataclass(frozen=True)
class Names:
    """What names stand for: parameters by another name, constants by their number."""

    renamed: Mapping[str, str]
    constants: Mapping[str, float]


def law_form(law: Law, names: Names) -> Form:
    """The form of a law; weights of a categorical law are taken in proportion."""
    arguments = [number_form(argument, names) for argument in law.arguments]
    if law.family == "Categorical":
        arguments = _in_proportion(arguments)
    parts = tuple(law_form(part, names) for part in law.parts)
    return (law.family, tuple(arguments), parts)


def number_form(node: Expression, names: Names) -> Polynomial:
    """The form of a number; raises TooLargeError."""

    def form(inner: Expression) -> Polynomial:
        return number_form(inner, names)

    match node:
        case Number(value):
            return constant_form(Fraction(repr(value)))
        case Parameter(name) if name in names.constants:
            return constant_form(Fraction(repr(names.constants[name])))
        case Parameter(name):
            return _atom("parameter", names.renamed.get(name, name))
        case Variable(name, lag):
            return _atom("variable", name, lag)
        case Start(name):
            return _atom("start", name)
        case Time():
            return _atom("time")
        case Negate(operand):
            return scaled(form(operand), Fraction(-1))
        case Binary():
            return _binary(node, form)
        case Call(function, arguments):
            return _call(function, [form(argument) for argument in arguments])
        case If(condition, then, otherwise):
            return _choice(truth_form(condition, names), form(then), form(otherwise))
        case Lookup(values, sizes, indices):
            return _atom("table", values, sizes, tuple(map(form, indices)))
        case Compare() | Logical() | Not():
            return _atom("truth", truth_form(node, names))
        case Aggregate():
            raise AssertionError("grounded texts have no aggregates")
        case _:
            assert_never(node)


def truth_form(node: Expression, names: Names) -> Form:
    """The form of a truth value: comparisons with 0, joined by sorted `and` and `or`; negation stands nowhere else."""
    match node:
        case Compare(operator, left, right):
            gap = added(number_form(left, names), scaled(number_form(right, names), Fraction(-1)))
            return _compared(operator, gap)
        case Logical(operator, left, right):
            return _joined(operator, (truth_form(left, names), truth_form(right, names)))
        case Not(operand):
            return negated(truth_form(operand, names))
        case _:
            return ("value", number_form(node, names))


def negated(form: Form) -> Form:
    """The opposite of a truth value."""
    match form:
        case ("<", gap):
            return ("<=", scaled(gap, Fraction(-1)))  # type: ignore[arg-type]
        case ("<=", gap):
            return ("<", scaled(gap, Fraction(-1)))  # type: ignore[arg-type]
        case (("==" | "!=") as operator, gap):
            return ("!=" if operator == "==" else "==", gap)
        case (("and" | "or") as operator, parts):
            other = "or" if operator == "and" else "and"
            return _joined(other, [negated(part) for part in parts])  # type: ignore[attr-defined]
        case ("not", inner):
            return inner  # type: ignore[return-value]
        case _:
            return ("not", form)


def constant_form(value: Fraction) -> Polynomial:
    """The form of a number that is known."""
    return (((), value),) if value else ZERO


def added(*forms: Polynomial) -> Polynomial:
    """The sum."""
    total: dict[Monomial, Fraction] = {}
    for form in forms:
        for monomial, coefficient in form:
            total[monomial] = total.get(monomial, Fraction(0)) + coefficient
    return _sorted(total)


def scaled(form: Polynomial, factor: Fraction) -> Polynomial:
    """The form times a known number."""
    return _sorted({monomial: coefficient * factor for monomial, coefficient in form})


def multiplied(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product, multiplied out."""
    if len(left) * len(right) > MOST_TERMS:
        raise TooLargeError
    total: dict[Monomial, Fraction] = {}
    for first, one in left or _NOTHING:
        for second, other in right or _NOTHING:
            together = _together(first, second)
            total[together] = total.get(together, Fraction(0)) + one * other
    return _sorted(total)


def _sorted(terms: Mapping[Monomial, Fraction]) -> Polynomial:
    """Terms in one order; those with factor 0 go, unless what they multiply may be undefined."""
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor or _partial(monomial)]
    if len(kept) > MOST_TERMS:
        raise TooLargeError
    return tuple(sorted(kept, key=repr))


def _partial(value: object) -> bool:
    """Whether anything in it may be undefined or infinite for some number."""
    if isinstance(value, tuple):
        return (bool(value) and isinstance(value[0], str) and value[0] in _PARTIAL) or any(map(_partial, value))
    return False


def _together(first: Monomial, second: Monomial) -> Monomial:
    powers: dict[Atom, int] = {}
    for atom, power in (*first, *second):
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=repr))


def _atom(*atom: object) -> Polynomial:
    return ((((atom, 1),), Fraction(1)),)


def _known(form: Polynomial) -> Fraction | None:
    match form:
        case ():
            return Fraction(0)
        case (((), value),):
            return value
        case _:
            return None


def _single(form: Polynomial) -> Atom | None:
    """The atom that a form consists of, or None for any other form."""
    if len(form) == 1 and form[0][1] == 1 and len(form[0][0]) == 1 and form[0][0][0][1] == 1:
        return form[0][0][0][0]
    return None


def _binary(node: Binary, form: Callable[[Expression], Polynomial]) -> Polynomial:
    left, right = form(node.left), form(node.right)
    match node.operator:
        case "+":
            return added(left, right)
        case "-":
            return added(left, scaled(right, Fraction(-1)))
        case "*":
            return multiplied(left, right)
        case "/":
            return _divided(left, right)
        case "^":
            return _power(left, right)
        case _:
            assert_never(node.operator)


def _divided(left: Polynomial, right: Polynomial) -> Polynomial:
    known = _known(right)
    if known:
        return scaled(left, 1 / known)
    leading = right[0][1] if right and right[0][1] else Fraction(1)
    inverse = _atom("inverse", scaled(right, 1 / leading))
    return scaled(multiplied(left, inverse), 1 / leading)


def _power(base: Polynomial, exponent: Polynomial) -> Polynomial:
    known = _known(exponent)
    if known is None or known.denominator != 1 or not 0 <= known <= HIGHEST_POWER:
        return _atom("power", base, exponent)
    answer = constant_form(Fraction(1))
    for _ in range(int(known)):
        answer = multiplied(answer, base)
    return answer


def _call(function: str, arguments: list[Polynomial]) -> Polynomial:
    match function, arguments:
        case "mix", [weight, first, second]:
            return added(multiplied(weight, first), multiplied(_one_less(weight), second))
        case "clip", [x, low, high]:
            return _extreme("min", [_extreme("max", [x, low]), high])
        case (("min" | "max"), _):
            return _extreme(function, arguments)
        case "abs", [x]:
            known = _known(x)
            return _atom("abs", _signless(x)) if known is None else constant_form(abs(known))
        case "sqrt", [x]:
            return _atom("sqrt", x)
        case _:
            return _atom(function, *arguments)


def _one_less(weight: Polynomial) -> Polynomial:
    return added(constant_form(Fraction(1)), scaled(weight, Fraction(-1)))


def _extreme(function: str, arguments: Iterable[Polynomial]) -> Polynomial:
    """A minimum or maximum: nested ones are one, arguments are a sorted set, and known numbers are compared."""
    found: set[Polynomial] = set()
    for argument in arguments:
        atom = _single(argument)
        if atom is not None and atom[0] == function:
            found.update(atom[1:])  # type: ignore[arg-type]
        else:
            found.add(argument)
    numbers = [number for form in found if (number := _known(form)) is not None]
    if len(numbers) > 1:
        found = {form for form in found if _known(form) is None}
        found.add(constant_form(min(numbers) if function == "min" else max(numbers)))
    if len(found) == 1:
        return found.pop()
    return _atom(function, *sorted(found, key=repr))


def _signless(form: Polynomial) -> Polynomial:
    return min(form, scaled(form, Fraction(-1)), key=repr)


def _choice(condition: Form, then: Polynomial, otherwise: Polynomial) -> Polynomial:
    if then == otherwise and not _partial(condition):
        return then
    other = negated(condition)
    if repr(other) < repr(condition):
        condition, then, otherwise = other, otherwise, then
    return _atom("if", condition, then, otherwise)


def _compared(operator: str, gap: Polynomial) -> Form:
    """A comparison of `gap` with 0, the gap divided by the size of its first factor."""
    first = gap[0][1] if gap and gap[0][1] else Fraction(1)
    unit = scaled(gap, 1 / abs(first))
    match operator:
        case "<" | "<=":
            return (operator, unit)
        case ">" | ">=":
            return (operator.replace(">", "<"), scaled(unit, Fraction(-1)))
        case _:
            return (operator, _signless(unit))


def _joined(operator: str, parts: Iterable[Form]) -> Form:
    found: set[Form] = set()
    for part in parts:
        match part:
            case (inner, tuple() as rest) if inner == operator:
                found.update(rest)
            case _:
                found.add(part)
    return found.pop() if len(found) == 1 else (operator, tuple(sorted(found, key=repr)))


def _in_proportion(weights: list[Polynomial]) -> list[Polynomial]:
    numbers = [known for weight in weights if (known := _known(weight)) is not None]
    total = sum(numbers)
    if len(numbers) < len(weights) or not total:
        return weights
    return [constant_form(number / total) for number in numbers]
