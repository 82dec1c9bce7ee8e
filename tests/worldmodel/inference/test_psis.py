"""The proposal is the density that it claims; k-hat is the tail index of weights whose tail index is known."""

import numpy as np
import pytest
import torch
from scipy import stats

from worldmodel.inference.diagnosis import effective_draws_of_weights, smooth
from worldmodel.inference.fit import generator_for
from worldmodel.inference.psis import StudentProposal, importance_sample, matched


def proposal() -> StudentProposal:
    factor = torch.tensor([[1.0, 0.0], [0.8, 0.5]], dtype=torch.float64)
    return StudentProposal(torch.tensor([1.0, -2.0], dtype=torch.float64), factor)


def test_the_proposal_is_scipys_student() -> None:
    own = proposal()
    shape = (own.factor @ own.factor.T).numpy()
    reference = stats.multivariate_t(own.location.numpy(), shape, df=own.freedom)
    points = own.draw(200, generator_for("points"))
    assert own.log_density(points).numpy() == pytest.approx(reference.logpdf(points.numpy()))


def test_the_proposal_draws_with_its_own_covariance() -> None:
    own = proposal()
    draws = own.draw(40_000, generator_for("covariance")).numpy()
    wanted = (own.factor @ own.factor.T).numpy() * own.freedom / (own.freedom - 2)
    assert np.cov(draws.T) == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize("index", [0.2, 0.5, 0.8, 1.1])
def test_k_hat_is_the_index_of_a_generalised_pareto_tail(index: float) -> None:
    weights = stats.genpareto(index).rvs(40_000, random_state=5)
    _, k_hat = smooth(torch.from_numpy(np.log(weights)))
    assert k_hat == pytest.approx(index, abs=0.12)


def test_smoothed_weights_add_up_to_one_and_keep_their_order() -> None:
    raw = torch.from_numpy(np.random.default_rng(1).normal(size=2000))
    smoothed, _ = smooth(raw)
    assert float(torch.logsumexp(smoothed, dim=0)) == pytest.approx(0.0, abs=1e-12)
    assert torch.equal(torch.argsort(raw), torch.argsort(smoothed))


def test_equal_weights_are_worth_all_their_draws() -> None:
    smoothed, _ = smooth(torch.zeros(500, dtype=torch.float64))
    assert effective_draws_of_weights(smoothed) == pytest.approx(500)


def test_matching_moves_a_misplaced_proposal_to_the_target() -> None:
    target = torch.distributions.MultivariateNormal(
        torch.tensor([2.0, -2.0], dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    )
    weighted = importance_sample(target.log_prob, proposal(), 8000, generator_for("away"))
    moved = matched(weighted)
    assert moved is not None
    closer = importance_sample(target.log_prob, moved, 8000, generator_for("near"))
    assert closer.k_hat < weighted.k_hat
    assert closer.effective_draws > 2 * weighted.effective_draws


def test_a_target_that_is_nowhere_possible_has_the_worst_k_hat() -> None:
    weighted = importance_sample(
        lambda points: torch.full((len(points),), -torch.inf, dtype=torch.float64), proposal(), 100, generator_for("no")
    )
    assert weighted.k_hat == float("inf")
