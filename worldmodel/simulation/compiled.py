"""A mechanism made ready for simulation: constants as tensors, a noise site, and which arguments need watching."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.families.base import Family, in_domain
from worldmodel.families.composite import Part
from worldmodel.families.table import FAMILIES
from worldmodel.language import signatures
from worldmodel.language.ir import Expression, Negate, Number, Parameter
from worldmodel.language.signatures import Domain
from worldmodel.readings.log_density import constants
from worldmodel.readings.torch_expression import Environment, Reading, reading
from worldmodel.readings.torch_law import first_leaf, law_reading
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.noise import Noise
from worldmodel.world import Mechanism

# A prior whose draws lie in the first set lies in each of the second ones.
_WITHIN: dict[str, frozenset[Domain]] = {
    "positive": frozenset({"positive", "nonnegative"}),
    "nonnegative": frozenset({"positive", "nonnegative"}),  # 0 itself has no probability
    "unit": frozenset({"unit", "positive", "nonnegative"}),
}


@dataclass(frozen=True)
class CompiledMechanism:
    """A mechanism of a simulator."""

    identifier: str
    arguments: tuple[Reading, ...]
    family: Family
    constants: dict[str, Float[Tensor, ""]]
    watched: tuple[tuple[int, Domain], ...]
    """Arguments that could leave the family's domain, by position."""
    drawn: dict[str, str]
    """What its parameters are called among the draws."""
    composite: Callable[[Environment], Part] | None = None
    """A law that is made of laws; the family is then that of its first part."""

    @cached_property
    def site(self) -> str:
        """Where its noise enters."""
        return f"mechanism:{self.identifier}"

    def parameter(self, parameters: Parameters, name: str) -> Tensor:
        """The value of one of its parameters or constants."""
        own = self.constants.get(name)
        return parameters[self.drawn[name]] if own is None else own

    def draw(
        self, environment: Environment, noise: Noise, step: int, shape: tuple[int, int]
    ) -> tuple[Float[Tensor, "draws batch"], Bool[Tensor, "..."] | None]:
        """A draw of the law, and where its arguments are in their domain (None where they always are)."""
        if self.composite is not None:
            part = self.composite(environment)
            u = noise.uniform(self.site, step, *shape)
            return _wide(part.quantile(u), shape), part.valid()
        arguments = [argument(environment) for argument in self.arguments]
        if self.family.deterministic:
            return _wide(arguments[0], shape), None
        u = noise.uniform(self.site, step, *shape)
        valid: Tensor | None = None
        for position, domain in self.watched:
            here = in_domain(domain, arguments[position])
            valid = here if valid is None else valid & here
        return _wide(self.family.quantile(u, *arguments), shape), valid


def _wide(value: Tensor, shape: tuple[int, int]) -> Float[Tensor, "draws batch"]:
    return value if value.shape == shape else value.expand(shape)


def compile_mechanism(mechanism: Mechanism) -> CompiledMechanism:
    """Prepares a mechanism once for many steps."""
    named, drawn = constants(mechanism), {name: f"{mechanism.owner}.{name}" for name in mechanism.priors}
    if mechanism.law.parts:
        inner, law = first_leaf(mechanism.law), law_reading(mechanism.law)
        return CompiledMechanism(mechanism.file.id, (), inner, named, (), drawn, law)
    family = FAMILIES[mechanism.law.family]
    arguments = mechanism.law.arguments
    watched = tuple(
        (position, slot.domain)
        for position, (slot, argument) in enumerate(zip(family.slots(len(arguments)), arguments, strict=True))
        if not _always_in(slot.domain, argument, mechanism)
    )
    return CompiledMechanism(mechanism.file.id, tuple(map(reading, arguments)), family, named, watched, drawn)


def _always_in(domain: Domain, argument: Expression, mechanism: Mechanism) -> bool:
    """Whether an argument needs no watching: any infinite or NaN draw is caught by the variable's support anyway."""
    match argument:
        case _ if domain == "real":
            return True
        case Number(value) | Negate(Number(value)):
            return _holds(domain, -value if isinstance(argument, Negate) else value)
        case Parameter(name) if name in mechanism.file.constants:
            return _holds(domain, mechanism.file.constants[name].value)
        case Parameter(name):
            support = signatures.FAMILIES[mechanism.priors[name].family].support
            return domain in _WITHIN.get(support, frozenset())
        case _:
            return False


def _holds(domain: Domain, value: float) -> bool:
    return bool(in_domain(domain, torch.tensor(value, dtype=torch.float64)))
