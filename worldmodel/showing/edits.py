"""How one text of the language became another: by matching their trees, not their characters.

Sums and products are compared term by term whatever the order, calls and laws argument by argument; what has no
counterpart was added, removed or replaced. Two texts that mean the same tree have no edits.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from worldmodel.language.ir import (
    Binary,
    Bounded,
    Call,
    Effect,
    Expression,
    Formula,
    Law,
    Negate,
    Node,
    Parameter,
    Probability,
    Start,
    Throughout,
    Until,
    Variable,
    Within,
)
from worldmodel.language.render import render
from worldmodel.language.signatures import FAMILIES
from worldmodel.language.walk import children, literal_value, walk
from worldmodel.showing.ratios import change_in_words, from_to

Kind = Literal["number", "sign", "lag", "added", "removed", "replaced"]
Part = tuple[int, Expression]
"""A term of a sum with its sign, or a factor of a product with its exponent of 1 or −1."""

_ALIKE = 1 / 3
_SHORT = 60


@dataclass(frozen=True)
class Edit:
    """One change of a text, and what it does in words that go on after “the law of x”."""

    kind: Kind
    words: str


def edits(old: Node, new: Node) -> list[Edit]:
    """The edits that lead from one text to the other; empty where they are the same tree."""
    return list(_edits(old, new, ""))


def _edits(old: Node, new: Node, where: str) -> Iterator[Edit]:
    """The edits of a part; `where` says of a number which one it is."""
    if old == new:
        return
    before, after = literal_value(old), literal_value(new)
    if before is not None and after is not None:
        yield Edit("number", f"has a number{where} that {change_in_words(before, after)}: {from_to(before, after)}")
    elif _is_sum(old, new):
        yield from _matched(_terms(old), _terms(new), _sum_words, _within(old))
    elif _is_product(old, new):
        before_factors, after_factors = map(_factors, _unsigned(old, new))
        yield from _matched(before_factors, after_factors, _product_words, _within(old))
    elif _same_head(old, new):
        for place, (inner_old, inner_new) in enumerate(zip(children(old), children(new), strict=True)):
            yield from _edits(inner_old, inner_new, _argument(old, place))
        yield from _own_numbers(old, new)
    else:
        yield _replaced(old, new)


def _is_sum(old: Node, new: Node) -> bool:
    """Whether one of the two has several terms or a sign, and both are expressions."""
    if not _expression(old) or not _expression(new):
        return False
    return any(len(terms) > 1 or terms[0][0] < 0 for terms in (_terms(old), _terms(new)))


def _is_product(old: Node, new: Node) -> bool:
    """Whether one of the two has several factors, and both are expressions."""
    if not _expression(old) or not _expression(new):
        return False
    return any(isinstance(node, Binary) and node.operator in {"*", "/"} for node in (old, new))


def _expression(node: Node) -> bool:
    return not isinstance(node, Law | Formula | Within | Throughout | Until)


def _terms(node: Node, sign: int = 1) -> list[Part]:
    match node:
        case Binary("+" | "-" as operator, left, right):
            return [*_terms(left, sign), *_terms(right, sign if operator == "+" else -sign)]
        case Negate(operand):
            return _terms(operand, -sign)
        case _:
            own, plain = _signed(cast(Expression, node))
            return [(sign * own, plain)]


def _signed(node: Expression) -> tuple[int, Expression]:
    """The sign of a product, and the product without the signs of its factors."""
    match node:
        case Negate(operand):
            sign, plain = _signed(operand)
            return -sign, plain
        case Binary("*" | "/" as operator, left, right):
            (one, first), (other, second) = _signed(left), _signed(right)
            return one * other, Binary(operator, first, second)
        case _:
            return 1, node


def _unsigned(*nodes: Node) -> Iterator[Expression]:
    return (_signed(cast(Expression, node))[1] for node in nodes)


def _factors(node: Node, power: int = 1) -> list[Part]:
    match node:
        case Binary("*" | "/" as operator, left, right):
            return [*_factors(left, power), *_factors(right, power if operator == "*" else -power)]
        case _:
            return [(power, cast(Expression, node))]


def _matched(old: list[Part], new: list[Part], words: Callable[[str, Part], str], where: str) -> Iterator[Edit]:
    """Equal parts go away, those with another sign are told, alike ones are compared, the rest came or went."""
    left, right = _without(old, new), _without(new, old)
    for sign, node in list(left):
        if (-sign, node) in right:
            left.remove((sign, node))
            right.remove((-sign, node))
            yield Edit("sign", words("sign", (-sign, node)))
    for a, b in _pairs(left, right):
        left.remove(a)
        right.remove(b)
        if a[0] != b[0]:
            yield Edit("sign", words("sign", b))
        yield from _edits(a[1], b[1], where)
    yield from (Edit("removed", words("removed", part)) for part in left)
    yield from (Edit("added", words("added", part)) for part in right)


def _within(node: Node) -> str:
    """Where a number stands, by the text around it, unless that is long."""
    text = _text(node)
    return f" in “{text}”" if len(text) <= _SHORT else ""


def _argument(node: Node, place: int) -> str:
    """Where a number stands among the arguments of a law, by its name, or else by the text around it."""
    if isinstance(node, Law) and node.family in FAMILIES:
        slots = FAMILIES[node.family].slots
        return f", {slots[min(place, len(slots) - 1)].name.replace('_', ' ')} of {node.family},"
    return _within(node)


def _without(parts: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """The parts that the others do not have, each as often as it is missing there."""
    spare = Counter(others)
    kept = []
    for part in parts:
        if spare[part]:
            spare[part] -= 1
        else:
            kept.append(part)
    return kept


def _pairs(left: Sequence[Part], right: Sequence[Part]) -> list[tuple[Part, Part]]:
    """Parts that are alike, the most alike first, each once; the only two that are left over belong together."""
    scored = sorted(
        ((-_alike(a[1], b[1]), a[0] != b[0], i, j) for i, a in enumerate(left) for j, b in enumerate(right))
    )
    taken_left, taken_right, found = set(), set(), []
    for score, _, i, j in scored:
        if -score >= _ALIKE and i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            found.append((left[i], right[j]))
    rest_left = [part for i, part in enumerate(left) if i not in taken_left]
    rest_right = [part for j, part in enumerate(right) if j not in taken_right]
    if len(rest_left) == len(rest_right) == 1 and rest_left[0][0] == rest_right[0][0]:
        found.append((rest_left[0], rest_right[0]))
    return found


def _alike(a: Expression, b: Expression) -> float:
    """The share of names that two expressions have in common; two of numbers alone are half alike."""
    one, two = _names(a), _names(b)
    if not one and not two:
        return 0.5
    return (one & two).total() / (one | two).total()


def _names(node: Expression) -> "Counter[str]":
    return Counter(found.name for found in walk(node) if isinstance(found, Variable | Parameter | Start))


def _sum_words(what: str, part: Part) -> str:
    sign, text = part[0], f"“{_text(part[1])}”"
    match what:
        case "added":
            return f"now {'adds' if sign > 0 else 'subtracts'} {text}"
        case "removed":
            return f"no longer {'adds' if sign > 0 else 'subtracts'} {text}"
        case _:
            return f"has a FLIPPED SIGN: it now {'adds' if sign > 0 else 'subtracts'} {text}"


def _product_words(what: str, part: Part) -> str:
    power, text = part[0], f"“{_text(part[1])}”"
    match what:
        case "added":
            return f"now {'multiplies' if power > 0 else 'divides'} by {text}"
        case "removed":
            return f"no longer {'multiplies' if power > 0 else 'divides'} by {text}"
        case _:
            return f"now {'multiplies' if power > 0 else 'divides'} by {text}, the other way round"


def _same_head(old: Node, new: Node) -> bool:
    """Whether two nodes differ only below, or in numbers of their own."""
    if type(old) is not type(new) or len(children(old)) != len(children(new)) or not children(old):
        return False
    match old, new:
        case (Call(before), Call(after)) | (Law(before), Law(after)):
            return before == after
        case (Probability(_, before), Probability(_, after)):
            return before == after
        case ((Bounded() | Effect()) as before, (Bounded() | Effect()) as after):
            return _head(replace(before, bound=0.0)) == _head(replace(after, bound=0.0))
        case ((Within() | Throughout() | Until()), _):
            return True
        case _:
            return _head(old) == _head(new)


def _head(node: Node) -> tuple[object, ...]:
    """What a node is apart from its children: its operator, function, names."""
    below = set(map(id, children(node)))
    fields = (getattr(node, name) for name in node.__dataclass_fields__ if name != "at")
    return tuple(value for value in fields if id(value) not in below and not _holds(value, below))


def _holds(value: object, below: set[int]) -> bool:
    return isinstance(value, tuple) and any(id(inner) in below for inner in value)


def _own_numbers(old: Node, new: Node) -> Iterator[Edit]:
    """Bounds and horizons, which are no expressions."""
    match old, new:
        case (
            (Probability(bound=before) | Bounded(bound=before) | Effect(bound=before)),
            (Probability(bound=after) | Bounded(bound=after) | Effect(bound=after)),
        ) if before != after:
            yield Edit("number", f"has a bound that {change_in_words(before, after)}: {from_to(before, after)}")
        case (
            (Within(steps=before) | Throughout(steps=before) | Until(steps=before)),
            (Within(steps=after) | Throughout(steps=after) | Until(steps=after)),
        ) if before != after:
            yield Edit("number", f"has a horizon that {change_in_words(before, after)}: {from_to(before, after)} steps")
        case _:
            return


def _replaced(old: Node, new: Node) -> Edit:
    match old, new:
        case Variable(name, before, places), Variable(other, after, others) if (name, places) == (other, others):
            return Edit("lag", f"reads {name} {_ago(after)}; it was {_ago(before)}")
        case Law(before), Law(after) if before != after:
            return Edit("replaced", f"is of the family {after}, not {before}: “{_text(new)}”; it was “{_text(old)}”")
        case _:
            return Edit("replaced", f"has “{_text(new)}” in the place of “{_text(old)}”")


def _ago(lag: int) -> str:
    return "in the same step" if lag == 0 else f"{lag} step{'s' if lag > 1 else ''} ago"


def _text(node: Node) -> str:
    match node:
        case Within() | Throughout() | Until():
            return render(Probability(node, ">=", 0.0)).removeprefix("P(").removesuffix(") >= 0")
        case _:
            return render(node)
