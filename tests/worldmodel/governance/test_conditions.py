"""A condition is a truth about known facts, or it is refused with everything that is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.governance.conditions import holds, named, parse_condition
from worldmodel.governance.requirements import FORMER, KINDS, NUMBERS, USUAL, parse_requirements

FACTS = {"approvals": 2, "quorum": 3, "checks": True, "governance": False}
NAMES = sorted(NUMBERS)


def parse(text: str) -> object:
    return parse_condition(text, KINDS, "governance/rules.toml", "requirements.x.submittable_if")


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("approvals >= quorum", False),
        ("approvals + 1 >= quorum and checks", True),
        ("not governance", True),
        ("if governance then checks else approvals == 2", True),
        ("max(approvals, quorum) - 1 < min(approvals, 9) * 2", True),
        ("-approvals < 0 or governance", True),
        ("approvals != 2", False),
    ],
)
def test_a_condition_is_decided(text: str, truth: bool) -> None:
    condition = parse_condition(text, KINDS, "rules", "x")
    assert holds(condition, FACTS) is truth
    assert named(condition) <= FACTS.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aprovals >= 3", "unknown fact “aprovals”"),
        ("approvals", "a number; a truth here"),
        ("checks >= 1", "a truth; a number here"),
        ("approvals and checks", "a number; a truth here"),
        ("approvals / 2 >= 1", "operator “/”"),
        ("approvals ^ 2 >= 1", "operator “^”"),
        ("exp(approvals) > 1", "function “exp”"),
        ("approvals[t-1] > 1", "changes over time"),
        ("approvals[north] > 1", "index"),
        ("sum(approvals over region) > 1", "changes over time, or that has an index"),
        ("t > 1", "changes over time"),
        ("Normal(0, 1)", "distribution"),
        ("__import__('os')", "the character"),
        ("approvals >=", "the end"),
        ("(" * 500 + "checks" + ")" * 500, "nesting"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"requirements\.x\.submittable_if") as refusal:
        parse(text)
    assert words in str(refusal.value)


def test_all_problems_of_all_requirements_are_told_at_once() -> None:
    table = USUAL["quorum"].model_copy(update={"submittable_if": "aproval > quorums", "applicable_if": "friday"})
    with pytest.raises(InputError) as refusal:
        parse_requirements({"one": table, "two": table}, "governance/rules.toml")
    assert [(problem.code, problem.part) for problem in refusal.value.problems] == [
        ("bad-condition", f"requirements.{name}.{key}")
        for name in ("one", "two")
        for key in ("applicable_if", "submittable_if", "submittable_if")
    ]


@pytest.mark.parametrize("tables", [USUAL, FORMER])
def test_the_requirements_that_come_with_it_are_well_formed(tables: dict[str, object]) -> None:
    assert len(parse_requirements(tables, "test")) == len(tables)  # type: ignore[arg-type]


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.integers(0, 9),
    st.fixed_dictionaries({name: st.integers(0, 9) for name in NAMES}),
)
def test_every_comparison_agrees_with_python(name: str, sign: str, bound: int, facts: dict[str, int]) -> None:
    condition = parse_condition(f"{name} {sign} {bound}", KINDS, "rules", "x")
    expected = {"<": facts[name] < bound, "<=": facts[name] <= bound, "==": facts[name] == bound}
    expected |= {">=": not expected["<"], ">": not expected["<="], "!=": not expected["=="]}
    assert holds(condition, facts) is expected[sign]
