"""The measurable conventions hold for the whole tree; rules without gates drift."""

import ast
from collections.abc import Callable

import gates
import pytest


@pytest.mark.parametrize("gate", gates.GATES, ids=lambda gate: gate.__name__)
def test_gate_has_nothing_to_complain_about(gate: Callable[[], list[str]]) -> None:
    assert gate() == []


def test_the_root_packages_are_all_of_them() -> None:
    found = {path.parent.name for path in gates.ROOT.glob("*/__init__.py")}
    assert found - {"tests", "benchmarks"} == set(gates.PACKAGES)


def test_a_body_is_counted_without_its_docstring() -> None:
    tree = ast.parse('def f(x):\n    """One.\n\n    Two.\n    """\n    y = x\n    return y\n')
    assert [gates.body_lines(function) for function in gates.functions(tree)] == [2]


def test_abbreviations_are_found_where_a_name_is_given() -> None:
    tree = ast.parse("def f(obs):\n    logp = obs\n    return other.logp\n")
    assert [name for name, _ in gates._bound_names(tree) if name in gates.FORBIDDEN_NAMES] == ["obs", "logp"]
