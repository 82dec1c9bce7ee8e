"""Makes torch do once everything that training does, since some of it reads files when it is first used.

Runs confined behind the first filter, before the second closes every path. Computes nothing that is kept. A trainer
that needs more than this, such as `torch.optim`, uses it once in a function `warm_up()` of its own module.
"""

import torch
from torch import nn


def warm_up() -> None:
    """Uses the parts of torch that a trainer needs, so that their late imports and kernels are loaded."""
    torch.set_num_threads(1)
    # not use_deterministic_algorithms, which says the same and also loads torch's compiler: three seconds for nothing
    torch.set_deterministic_debug_mode("error")
    generator = torch.Generator().manual_seed(0)
    for dtype in (torch.float64, torch.float32):
        _train(generator, dtype)
        _algebra(generator, dtype)
        _special(generator, dtype)
    torch.manual_seed(0)


def _train(generator: torch.Generator, dtype: torch.dtype) -> None:
    network = nn.Sequential(
        nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 1)
    ).to(dtype)
    inputs = torch.randn(5, 3, generator=generator, dtype=dtype)
    network(inputs).square().mean().backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.sub_(1e-3 * parameter / (norm + parameter.square().sqrt()))
    torch.func.functional_call(network, network.state_dict(), (inputs,))


def _algebra(generator: torch.Generator, dtype: torch.dtype) -> None:
    square = torch.randn(6, 6, generator=generator, dtype=dtype)
    positive = square @ square.T + torch.eye(6, dtype=dtype)
    factor = torch.linalg.cholesky(positive)
    torch.cholesky_solve(torch.eye(6, dtype=dtype), factor)
    torch.linalg.solve_triangular(factor, square, upper=False)
    torch.linalg.solve(positive, square)
    torch.linalg.eigh(positive)
    torch.linalg.svd(square)
    torch.linalg.qr(square)
    torch.einsum("ij,kj->ik", square, square).cumsum(0).sort(0)
    torch.bmm(square.expand(2, 6, 6), square.expand(2, 6, 6)).logsumexp(0)


def _special(generator: torch.Generator, dtype: torch.dtype) -> None:
    numbers = torch.rand(64, generator=generator, dtype=dtype, requires_grad=True)
    pieces = (
        torch.special.ndtri(numbers),
        torch.special.ndtr(numbers),
        torch.erf(numbers),
        torch.lgamma(numbers),
        torch.digamma(numbers),
        torch.special.log_ndtr(numbers),
        torch.logaddexp(numbers, numbers),
        nn.functional.softplus(numbers),
        torch.sigmoid(numbers).pow(2).log1p().expm1().sqrt(),
        torch.where(numbers > 0.5, numbers, numbers.clamp(0.1, 0.9)),
        torch.quantile(numbers, torch.tensor([0.1, 0.5], dtype=dtype)).repeat(32),
    )
    sum(pieces, start=torch.zeros(64, dtype=dtype)).sum().backward()
