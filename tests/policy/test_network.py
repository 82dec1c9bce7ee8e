"""The policy's actions stay inside their support, and a fresh policy is a function of its seed."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from policy.network import Kind, Policy, Scaling, fresh_policy

INFINITY = float("inf")


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def scaling(lower: float = 0.0, upper: float = 20.0) -> Scaling:
    return Scaling(
        vector(1, 2, 3),
        vector(1, 2, 0.5),
        vector(4, 0),
        vector(2, 1),
        vector(lower, -INFINITY),
        vector(upper, INFINITY),
    )


@given(st.sampled_from(["mlp", "affine"]), st.floats(0.1, 1e6), st.integers(0, 2**32))
def test_actions_stay_inside_the_support(kind: Kind, size: float, seed: int) -> None:
    policy = fresh_policy(kind, (8,), scaling(), seed)
    observations = size * torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    actions = policy(observations)[:, 0]
    assert bool(((actions >= 0) & (actions <= 20)).all())


def test_both_kinds_start_at_the_usual_action_and_agree_to_first_order() -> None:
    slopes = {}
    for kind in ("mlp", "affine"):
        policy = fresh_policy(kind, (8,), scaling(), 1)
        for parameter in policy.parameters():
            parameter.data.zero_()
        output = list(policy.body.children())[-1].bias
        assert isinstance(output, torch.Tensor)
        action = policy(vector(9, 9, 9))
        assert torch.allclose(action, vector(4, 0))
        slopes[kind] = torch.autograd.grad(action[0], output)[0]
    assert torch.allclose(slopes["mlp"], slopes["affine"])


def test_a_fresh_policy_is_a_function_of_its_seed() -> None:
    first, again, other = (fresh_policy("mlp", (8, 8), scaling(), seed) for seed in (5, 5, 6))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


def test_no_global_random_state_is_touched() -> None:
    before = torch.get_rng_state()
    fresh_policy("mlp", (8, 8), scaling(), 5)
    assert torch.equal(before, torch.get_rng_state())


def test_everything_is_float64_and_has_no_hidden_state() -> None:
    policy = fresh_policy("mlp", (8,), scaling(), 5)
    assert isinstance(policy, Policy)
    assert {value.dtype for value in policy.state_dict().values()} == {torch.float64}
    assert torch.equal(policy(vector(1, 2, 3)), policy(vector(1, 2, 3)))
