"""The density of a law over a series equals that of its steps, and turns back gently at the edge of its domain."""

import pytest
import scipy.stats as stats
import torch

from worldmodel.components.mechanism import ConstantEntry, MechanismFile, ParameterEntry
from worldmodel.language.ir import Binary, Call, Expression, Law, Number, Parameter, Variable
from worldmodel.readings.log_density import log_density, log_prior, longest_lag
from worldmodel.world import Mechanism


def mechanism(scale: Expression) -> Mechanism:
    """y[t] ~ Normal(level + slope * y[t-1] + 0.5 * x[t-2], scale)."""
    slope = Binary("*", Parameter("slope"), Variable("y", 1))
    past = Binary("*", Number(0.5), Variable("x", 2))
    location = Binary("+", Binary("+", Parameter("level"), slope), past)
    file = MechanismFile(
        format=1,
        id="m",
        assigns="y",
        title="m",
        law="-",
        parameters={"slope": ParameterEntry(prior="-", why="-"), "noise": ParameterEntry(prior="-", why="-")},
        constants={"level": ConstantEntry(value=0.25, why="-")},
    )
    priors = {"slope": Law("Normal", (Number(0.0), Number(1.0))), "noise": Law("HalfNormal", (Number(2.0),))}
    return Mechanism(file, Law("Normal", (location, scale)), priors, ())


def test_each_step_has_the_density_that_scipy_gives_it() -> None:
    y, x = torch.linspace(-1, 2, 8, dtype=torch.float64), torch.linspace(3, 1, 8, dtype=torch.float64) ** 2
    slope, noise = torch.tensor([0.2, 0.9], dtype=torch.float64), torch.tensor([0.5, 2.0], dtype=torch.float64)
    made = mechanism(Parameter("noise"))
    density = log_density(made, {"slope": slope, "noise": noise}, {"y": y, "x": x})
    assert longest_lag(made) == 2
    assert density.shape == (2, 6)
    for draw in range(2):
        for step in range(2, 8):
            location = 0.25 + slope[draw] * y[step - 1] + 0.5 * x[step - 2]
            expected = stats.norm(location.item(), noise[draw].item()).logpdf(y[step].item())
            assert density[draw, step - 2].item() == pytest.approx(expected, rel=1e-12)
    later = log_density(made, {"slope": slope, "noise": noise}, {"y": y, "x": x}, skip=4)
    torch.testing.assert_close(later, density[:, 2:])


def test_a_gap_in_the_data_gives_nan_exactly_where_it_is_read() -> None:
    y, x = torch.ones(8, dtype=torch.float64), torch.ones(8, dtype=torch.float64)
    x[3] = torch.nan
    one = torch.ones(1, dtype=torch.float64)
    density = log_density(mechanism(Parameter("noise")), {"slope": one, "noise": one}, {"y": y, "x": x})
    assert torch.isnan(density[0]).tolist() == [False, False, False, True, False, False]


def test_arguments_outside_their_domain_are_impossible_without_poisoning_gradients() -> None:
    scale = Call("sqrt", (Binary("-", Parameter("noise"), Variable("x", 0)),))
    y, x = torch.ones(5, dtype=torch.float64), torch.tensor([0.0, 0.0, 1.0, 3.0, 2.0], dtype=torch.float64)
    slope = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    noise = torch.full((1,), 2.0, dtype=torch.float64, requires_grad=True)
    density = log_density(mechanism(scale), {"slope": slope, "noise": noise}, {"y": y, "x": x})
    assert torch.isfinite(density[0]).tolist() == [True, False, False]
    assert (density[0, 1:] == -torch.inf).all()
    density[torch.isfinite(density)].sum().backward()
    assert slope.grad is not None
    assert noise.grad is not None
    assert torch.isfinite(slope.grad).all()
    assert torch.isfinite(noise.grad).all()
    assert noise.grad.abs() > 0


def test_the_prior_is_the_product_of_the_parameters_priors() -> None:
    slope, noise = torch.tensor([0.2, 0.9], dtype=torch.float64), torch.tensor([0.5, -1.0], dtype=torch.float64)
    density = log_prior(mechanism(Parameter("noise")), {"slope": slope, "noise": noise})
    assert density[0].item() == pytest.approx(stats.norm(0, 1).logpdf(0.2) + stats.halfnorm(scale=2).logpdf(0.5))
    assert density[1] == -torch.inf


def test_densities_have_second_derivatives_in_the_parameters() -> None:
    y = x = torch.linspace(-1, 2, 8, dtype=torch.float64)
    made = mechanism(Parameter("noise"))

    def total(vector: torch.Tensor) -> torch.Tensor:
        named = {"slope": vector[:1], "noise": vector[1:]}
        return log_density(made, named, {"y": y, "x": x}).sum() + log_prior(made, named).sum()

    point = torch.tensor([0.3, 0.8], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(total, (point,))
