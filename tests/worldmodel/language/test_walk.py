"""Every kind of node is gone over."""

from typing import get_args

from worldmodel.kernel import naming
from worldmodel.language import walk
from worldmodel.language.ir import Binary, Call, If, Law, Node, Number, Parameter, Variable


def kinds(union: object) -> set[object]:
    found = get_args(union)
    return {kind for one in found for kind in kinds(one)} if found else {union}


def test_no_kind_is_missing() -> None:
    assert set(walk._CHILDREN) == kinds(Node)
    assert set(naming._WORDS) == kinds(Node)


def test_parents_come_first_and_children_from_left_to_right() -> None:
    x, a, one = Variable("x", 1), Parameter("a"), Number(1.0)
    choice = If(a, x, one)
    law = Law("Normal", (Binary("+", x, choice), Call("exp", (a,))))
    assert list(walk.walk(law)) == [law, law.arguments[0], x, choice, a, x, one, law.arguments[1], a]
    assert walk.children(choice) == (a, x, one)
