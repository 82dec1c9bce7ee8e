"""A transform and its inverse undo each other; its Jacobian makes densities integrate to one; scales follow priors."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.checks.posteriors import scale_of
from worldmodel.errors import InputError
from worldmodel.families.table import FAMILIES
from worldmodel.inference.transform import Transform, transform_of
from worldmodel.language.ir import Law, Number
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.torch_expression import evaluate

TRANSFORMS = (Transform("identity"), Transform("log"), Transform("logit"), Transform("logit", -2.0, 5.0))
PRIORS = (
    Law("Normal", (Number(1.0), Number(2.0))),
    Law("StudentT", (Number(5.0), Number(0.0), Number(1.0))),
    Law("LogNormal", (Number(0.0), Number(0.5))),
    Law("HalfNormal", (Number(0.5),)),
    Law("Gamma", (Number(2.0), Number(3.0))),
    Law("Exponential", (Number(2.0),)),
    Law("Beta", (Number(4.0), Number(6.0))),
    Law("Uniform", (Number(-2.0), Number(5.0))),
)


@pytest.mark.parametrize("transform", TRANSFORMS)
@given(value=st.floats(-8, 8))
def test_the_inverse_undoes_the_transform(transform: Transform, value: float) -> None:
    point = torch.tensor(value, dtype=torch.float64)
    assert torch.allclose(transform.to_unconstrained(transform.to_natural(point)), point, atol=1e-9)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_the_jacobian_is_the_derivative(transform: Transform) -> None:
    point = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(transform.to_natural(point).sum(), point)
    assert torch.allclose(transform.log_jacobian(point), slope.log())


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.family)
def test_a_prior_integrates_to_one_on_its_unconstrained_scale(prior: Law) -> None:
    transform = transform_of(prior, "here")
    points = torch.linspace(-60, 60, 200_001, dtype=torch.float64)
    arguments = [evaluate(argument, fixed_environment({})) for argument in prior.arguments]
    natural = transform.to_natural(points)
    density = FAMILIES[prior.family].log_prob(natural, *arguments) + transform.log_jacobian(points)
    # Far out, exp and sigmoid reach the ends of the support, where a density need not be finite.
    density = torch.where(torch.isfinite(density), density, torch.full_like(density, -torch.inf))
    assert float(torch.trapezoid(density.exp(), points)) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.family)
def test_scales_are_those_that_the_checker_asks_for(prior: Law) -> None:
    assert transform_of(prior, "here").scale == scale_of(prior)


@pytest.mark.parametrize("family", ["Poisson", "Bernoulli", "Delta"])
def test_a_prior_without_a_density_is_refused(family: str) -> None:
    with pytest.raises(InputError, match="prior-without-scale"):
        transform_of(Law(family, (Number(0.5),)), "mechanisms/a.toml: b")
