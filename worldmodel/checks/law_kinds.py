"""A law fits the variable that it assigns: whole numbers for counts, one probability a value, parts of one kind."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, column, located
from worldmodel.errors import Problem
from worldmodel.language.ir import Law, Parameter
from worldmodel.language.signatures import COMPOSITES, FAMILIES, JOINT, TRUNCATABLE
from worldmodel.scope import Scope
from worldmodel.world import Mechanism, VariableComponent


def check_law_kinds(draft: Draft, path: str, mechanism: Mechanism) -> Iterator[Problem]:
    """Laws whose draws the variable's support does not take, and composite laws that cannot be."""
    variable = draft.variables.get(mechanism.assigns)
    yield from _parts(path, mechanism.law)
    yield from _row(path, mechanism.law, draft.scopes[mechanism.file.id])
    if variable is not None and mechanism.law.family in JOINT:
        yield from _joint(path, mechanism.law, variable)
    elif variable is not None:
        yield from _kind(path, mechanism.law, variable)
        yield from _cases(path, mechanism.law, variable, draft.scopes[mechanism.file.id])


def check_initial_kind(path: str, law: Law, variable: VariableComponent, scope: Scope) -> Iterator[Problem]:
    """The same of a law of values before step 1."""
    for problem in (*_parts(path, law), *_kind(path, law, variable), *_cases(path, law, variable, scope)):
        yield located(problem, path, "initial")


def _joint(path: str, law: Law, variable: VariableComponent) -> Iterator[Problem]:
    """Shares are real numbers over an index set, and come of weights that are drawn in the same step."""
    if not variable.file.over:
        found = f"{law.family} for one variable"
        yield _problem(path, law, found, "a variable over an index set", "give the variable `over`")
    if variable.file.support.kind != "real" or variable.file.role == "action":
        found = f"{law.family} for {variable.file.id}, of role {variable.file.role}, kind {variable.file.support.kind}"
        yield _problem(path, law, found, "a variable of real numbers that is no action", "use another law")


def _kind(path: str, law: Law, variable: VariableComponent) -> Iterator[Problem]:
    for leaf in leaves(law):
        discrete = FAMILIES[leaf.family].discrete if leaf.family in FAMILIES else False
        if leaf.family != "Delta" and discrete != (variable.file.support.kind != "real"):
            found = f"{leaf.family}, whose draws are {'whole numbers' if discrete else 'real numbers'}"
            wanted = f"a law for the support kind “{variable.file.support.kind}” of {variable.file.id}"
            yield _problem(path, leaf, found, wanted, "use another family or correct the support")


def _cases(path: str, law: Law, variable: VariableComponent, scope: Scope) -> Iterator[Problem]:
    """A finite variable's law has one probability for each of its values."""
    values = variable.file.support.values
    if not values:
        return
    if law.family not in ("Categorical", "Bernoulli", "Delta", "Binomial"):
        wanted = "Categorical, Bernoulli (of two values), Binomial or a value"
        yield _problem(path, law, f"{law.family} for named values", wanted, "give the probabilities of the values")
    count = 2 if law.family == "Bernoulli" else _count(law, scope)
    if count is not None and count != len(values):
        found, wanted = f"{law.family} of {count} cases", f"one for each of {', '.join(values)}"
        yield _problem(path, law, found, wanted, "give one probability a value, in their order")


def _row(path: str, law: Law, scope: Scope) -> Iterator[Problem]:
    """A Categorical of one argument, which has to be a table's row."""
    first = law.arguments[0]
    declared = scope.declared.get(first.name) if isinstance(first, Parameter) else None
    if law.family == "Categorical" and len(law.arguments) == 1 and not (declared and declared.row_width):
        wanted = "two probabilities or more, or a table with rows of them"
        yield _problem(path, law, "one argument of Categorical", wanted, "give one probability a value")


def _count(law: Law, scope: Scope) -> int | None:
    if law.family != "Categorical":
        return None
    first = law.arguments[0]
    if len(law.arguments) > 1 or not isinstance(first, Parameter):
        return len(law.arguments)
    return scope.declared[first.name].row_width if first.name in scope.declared else None


def leaves(law: Law) -> Iterator[Law]:
    """The simple laws that a law is made of."""
    if not law.parts:
        yield law
    for part in law.parts:
        yield from leaves(part)


def _with_parts(law: Law) -> Iterator[Law]:
    """A law and those that it is made of, it first."""
    yield law
    for part in law.parts:
        yield from _with_parts(part)


def _parts(path: str, law: Law) -> Iterator[Problem]:
    every = list(_with_parts(law))
    for part in (part for node in every for part in node.parts):
        if part.family == "Delta" or part.family in JOINT:
            yield _problem(path, part, f"{part.family} inside another law", "a law with a spread", "use ZeroInflated")
    for node in every:
        if node.family == "Truncated" and node.parts[0].family not in TRUNCATABLE:
            found, wanted = f"Truncated({node.parts[0].family}(…))", f"one of {', '.join(TRUNCATABLE)} inside"
            yield _problem(path, node, found, wanted, "choose another law, or widen the support")
        if node.family in COMPOSITES:
            kinds = {FAMILIES[leaf.family].discrete for leaf in leaves(node) if leaf.family in FAMILIES}
            if len(kinds) > 1:
                found = "whole numbers and real numbers in one law"
                yield _problem(path, node, found, "parts of one kind", "use ZeroInflated for a mass at 0")


def _problem(path: str, law: Law, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="wrong-kind", where=path, part="law", column=column(law), found=found, wanted=wanted, mend=mend)
