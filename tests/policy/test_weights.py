"""Policy files: exact round trips, and a refusal of everything else."""

import json

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from policy.network import Kind, Policy, Scaling, fresh_policy
from policy.weights import dump_policy, load_policy, scaling_of
from worldmodel.errors import InputError

INFINITY = float("inf")


def make(kind: Kind = "mlp", seed: int = 1, lower: float = 0.0, upper: float = INFINITY) -> Policy:
    numbers = [(1, 2), (1, 2), (4,), (2,), (lower,), (upper,)]
    return fresh_policy(kind, (4, 3), Scaling(*(torch.tensor(row, dtype=torch.float64) for row in numbers)), seed)


@given(
    st.sampled_from(["mlp", "affine"]),
    st.integers(0, 1000),
    st.sampled_from([(-INFINITY, INFINITY), (0.0, 5.0), (0.0, INFINITY)]),
)
def test_dump_after_load_is_identity(kind: Kind, seed: int, bounds: tuple[float, float]) -> None:
    policy = make(kind, seed, *bounds)
    again = load_policy(dump_policy(policy), "x")
    assert again.kind == kind
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in policy.state_dict().items())
    assert dump_policy(again) == dump_policy(policy)
    assert torch.equal(scaling_of(again).upper, scaling_of(policy).upper)


def test_no_metadata_and_finite_values_only() -> None:
    data = dump_policy(make())
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert "__metadata__" not in header
    assert all(bool(value.isfinite().all()) for value in safetensors.torch.load(data).values())


def test_weights_that_are_not_finite_are_never_written() -> None:
    policy = make()
    next(policy.parameters()).data[0, 0] = float("nan")
    with pytest.raises(InputError, match="policy-file"):
        dump_policy(policy)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="policy-file"):
        load_policy(data, "x")


def test_metadata_other_types_missing_and_further_tensors_are_refused() -> None:
    state = dict(make().state_dict())
    state["upper"] = torch.tensor([9.0], dtype=torch.float64)
    good = {name: value.clone() for name, value in state.items()}
    assert load_policy(safetensors.torch.save(good), "x").kind == "mlp"
    bad = [
        safetensors.torch.save(good, metadata={"note": "hidden"}),
        safetensors.torch.save(good | {"further": torch.zeros(1, dtype=torch.float64)}),
        safetensors.torch.save({name: value for name, value in good.items() if name != "body.0.bias"}),
        safetensors.torch.save({name: value for name, value in good.items() if name != "lower"}),
        safetensors.torch.save(good | {"body.0.weight": good["body.0.weight"].to(torch.float32)}),
        safetensors.torch.save(good | {"body.0.bias": good["body.0.bias"] * float("inf")}),
        safetensors.torch.save(good | {"body.0.weight": torch.zeros(4, 7, dtype=torch.float64)}),
    ]
    for data in bad:
        with pytest.raises(InputError, match="policy-file"):
            load_policy(data, "x")


def test_a_tensor_without_axes_is_refused() -> None:
    with pytest.raises(InputError, match="policy-file"):
        load_policy(safetensors.torch.save({"body.0.weight": torch.tensor(1.0, dtype=torch.float64)}), "x")


def test_a_header_with_padding_is_refused() -> None:
    data = dump_policy(make())
    end = 8 + int.from_bytes(data[:8], "little")
    padded = (end - 8 + 64).to_bytes(8, "little") + data[8:end] + b" " * 64 + data[end:]
    with pytest.raises(InputError, match="another spelling"):
        load_policy(padded, "x")
