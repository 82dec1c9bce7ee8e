"""The Poisson's draw is the first count that reaches the number, also where the mean is large."""

import numpy as np
import pytest
import scipy.special as special
import torch

from worldmodel.families.poisson import LARGE, quantile


@pytest.mark.parametrize("mean", [0.0, 3.5, LARGE - 1, LARGE, 12_345.6, 1e6, 1e9])
def test_the_draw_is_the_first_count_whose_distribution_function_reaches_the_number(mean: float) -> None:
    generator = np.random.default_rng(3)
    u = np.concatenate([generator.uniform(size=2000), 10.0 ** -generator.uniform(1, 8, size=500)])
    count = quantile(torch.from_numpy(u), torch.tensor(mean, dtype=torch.float64)).numpy()
    assert (special.pdtr(count, mean) >= u).all()
    assert ((count == 0) | ~(special.pdtr(np.maximum(count - 1, 0), mean) >= u)).all()


def test_means_of_all_sizes_stand_side_by_side() -> None:
    u = torch.tensor([[0.2, 0.5], [0.7, 0.9]], dtype=torch.float64)
    means = torch.tensor([2.0, 2e5], dtype=torch.float64)
    both = quantile(u, means)
    assert torch.equal(both[:, 0], quantile(u[:, 0], means[0]))
    assert torch.equal(both[:, 1], quantile(u[:, 1], means[1]))


def test_a_mean_that_is_no_number_draws_as_it_did() -> None:
    u = torch.tensor([0.5, 0.5], dtype=torch.float64)
    assert quantile(u, torch.tensor([torch.nan, 5e3], dtype=torch.float64))[1] == 5000
