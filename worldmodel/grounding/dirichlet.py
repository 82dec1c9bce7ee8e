"""A Dirichlet law as scalars: independent Gamma weights, each share its weight over their sum [devroye1986].

The weights are variables of their own (`split.weight[north]` of the mechanism `split`), which nobody observes; each has
a noise site of its own.
"""

from worldmodel.components.variable import Support
from worldmodel.grounding.names import element_name
from worldmodel.language.ir import Binary, Expression, Law, Number, Variable
from worldmodel.language.rewrite import join
from worldmodel.scope import Scope
from worldmodel.world import Mechanism, VariableComponent


def weight_name(mechanism: str, chosen: tuple[str, ...]) -> str:
    """The name of what a mechanism makes a share from."""
    return element_name(f"{mechanism}.weight", chosen)


def scalar_mechanisms(one: Mechanism, chosen: tuple[str, ...], scope: Scope) -> tuple[Mechanism, Mechanism]:
    """The mechanism of one weight and that of its share; `one` has the law `Dirichlet` of one element."""
    target = one.file.target
    elements = scope.indices[scope.over[target][-1]]
    weights = [Variable(weight_name(one.owner, (*chosen[:-1], element))) for element in elements]
    total = join(weights, lambda left, right: Binary("+", left, right))
    share: Expression = Binary("/", Variable(weight_name(one.owner, chosen)), total)
    names = {"id": weight_name(one.owner, chosen), "assigns": weight_name(one.owner, chosen)}
    gamma = Law("Gamma", (*one.law.arguments, Number(1.0)), at=one.law.at)
    return (
        Mechanism(one.file.model_copy(update=names), gamma, one.priors, (), {}, one.owner),
        Mechanism(one.file, Law("Delta", (share,), at=one.law.at), one.priors, (), {}, one.owner),
    )


def weight_variable(share: VariableComponent, name: str) -> VariableComponent:
    """The unobserved variable of a weight."""
    changes = {"id": name, "observed": False, "support": Support(kind="real", lower=0.0), "role": "state"}
    return VariableComponent(share.file.model_copy(update=changes), share.initial)
