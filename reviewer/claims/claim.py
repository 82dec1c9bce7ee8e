"""A claim with the mechanism that it stands in, and the claim for one element of the mechanism's family."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from worldmodel.canonical import tree_digest
from worldmodel.checks.draft import Draft
from worldmodel.checks.names import check_names
from worldmodel.checks.resolve import resolve_names
from worldmodel.checks.types import check_types
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.expressions import Element
from worldmodel.grounding.expressions import ground as ground_expression
from worldmodel.grounding.names import element_name
from worldmodel.language.ir import Binary, Effect, Formula
from worldmodel.language.parser import parse_formula
from worldmodel.language.render import render
from worldmodel.language.rewrite import change_formula
from worldmodel.scope import mechanism_scope, world_scope
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class Claim:
    """The claim number `number` (from 0) of a mechanism, as written."""

    mechanism: str
    number: int
    formula: Formula

    @property
    def text(self) -> str:
        """The claim as text."""
        return render(self.formula)


@dataclass(frozen=True)
class ElementClaim:
    """A claim in scalars, for one element of the family that its mechanism assigns (`element` is empty for one)."""

    claim: Claim
    element: tuple[str, ...]
    formula: Formula

    @property
    def assigned(self) -> str:
        """The id of the grounded mechanism that the claim stands in."""
        return element_name(self.claim.mechanism, self.element)


def claims_of(world: World, component: str | None = None) -> tuple[Claim, ...]:
    """All claims of a world in the order of its mechanisms, or those of one mechanism; InputError where it is none."""
    if component is not None and component not in world.mechanisms:
        raise InputError(
            Problem(
                code="unknown-mechanism",
                where="claims",
                found=f"“{component[:200]}”",
                wanted=f"one of {', '.join(sorted(world.mechanisms)[:50])}",
                mend="name a mechanism of this world",
            )
        )
    names = sorted(world.mechanisms) if component is None else [component]
    return tuple(
        Claim(name, number, formula) for name in names for number, formula in enumerate(world.mechanisms[name].claims)
    )


def read_claim(world: World, mechanism: str, text: str) -> Claim:
    """A claim that no file holds yet, checked as if it stood in a mechanism's file; its number is -1."""
    claims_of(world, mechanism)
    asked = replace(world.mechanisms[mechanism], claims=(parse_formula(text),))
    draft = resolve_names(_draft(world, asked))
    problems = [*check_names(draft)] or [*check_types(draft)]
    if problems:
        raise InputError(replace(problem, where="claim", part="") for problem in problems if "claims" in problem.part)
    return Claim(mechanism, -1, draft.mechanisms[mechanism].claims[0])


def _draft(world: World, mechanism: Mechanism) -> Draft:
    return Draft(world.header, world.variables, {mechanism.file.id: mechanism}, {}, {}, None, {}, dict(world.digests))


def elements_of(world: World, claim: Claim) -> Iterator[ElementClaim]:
    """The claim for each element of what its mechanism assigns, in scalars."""
    mechanism = world.mechanisms[claim.mechanism]
    shared = world_scope(world.header, world.variables)
    scope = mechanism_scope(shared, mechanism)
    axes = shared.over.get(mechanism.file.target, ())
    for chosen in product(*(shared.indices[axis] for axis in axes)):
        at = dict(zip(mechanism.file.binders or axes, chosen, strict=True))
        element = Element(scope, at, frozenset(), {})
        yield ElementClaim(claim, chosen, _grounded(claim.formula, element))


def _grounded(formula: Formula, element: Element) -> Formula:
    found = change_formula(formula, lambda node: ground_expression(node, element))
    if isinstance(found, Effect) and isinstance(formula, Effect) and isinstance(formula.change, Binary):
        # Grounding folds x + 0 and x * 0, and a change must keep its shape.
        done = formula.change
        found = replace(found, change=Binary(done.operator, ground_expression(done.left, element), done.right))
    return found


def world_digest(world: World) -> str:
    """The digest of all components of a world together."""
    return tree_digest(world.digests)
