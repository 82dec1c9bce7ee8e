"""The exported graph is the policy: same numbers under another runtime, same bytes every time."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from policy.network import Kind, Policy, Scaling, fresh_policy
from policy.onnx_export import to_onnx

INFINITY = float("inf")
OBSERVATIONS, ACTIONS = ("a", "b", "c"), ("u", "v", "w")


def trained_like(kind: Kind) -> Policy:
    numbers = [(1, 2, 3), (1, 2, 0.5), (4, 0, 1), (2, 1, 0.1), (0, -INFINITY, 0), (20, INFINITY, INFINITY)]
    policy = fresh_policy(kind, (16, 8), Scaling(*(torch.tensor(row, dtype=torch.float64) for row in numbers)), seed=5)
    for parameter in policy.parameters():
        parameter.data.mul_(8)
    return policy


@pytest.mark.parametrize("kind", ["mlp", "affine"])
def test_another_runtime_gives_the_same_actions(kind: Kind) -> None:
    policy = trained_like(kind)
    data = to_onnx(policy, OBSERVATIONS, ACTIONS)
    onnx.checker.check_model(onnx.load_from_string(data))
    inputs = 4 * torch.randn(500, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    (outputs,) = onnxruntime.InferenceSession(data).run(None, {"observation": inputs.numpy()})
    assert outputs.dtype == np.float64
    np.testing.assert_allclose(outputs, policy(inputs).detach().numpy(), rtol=1e-12, atol=1e-12)
    assert outputs[:, 0].min() >= 0
    assert outputs[:, 0].max() <= 20


@pytest.mark.parametrize("kind", ["mlp", "affine"])
def test_equal_weights_give_equal_bytes(kind: Kind) -> None:
    assert to_onnx(trained_like(kind), OBSERVATIONS, ACTIONS) == to_onnx(trained_like(kind), OBSERVATIONS, ACTIONS)
