"""Policies as safetensors bytes.

No metadata, every value finite, float64, and exactly the tensors that the kind calls for.

The file alone defines the policy; its kind and layer sizes can be read off the tensors' names and shapes. Never a
pickle.
"""

import json
import re

import torch
from safetensors.torch import load, save
from torch import Tensor

from policy.network import Kind, Policy, Scaling, policy_from_state
from worldmodel.errors import InputError, Problem

_LAYER = re.compile(r"^body\.(\d+)\.weight$")
_UNBOUNDED = frozenset({"lower", "upper"})
_LARGEST_FINITE = torch.finfo(torch.float64).max


def dump_policy(policy: Policy) -> bytes:
    """The policy's bytes: tensors in sorted order.

    Infinite bounds of a support are written as the largest finite number.
    """
    state = {name: _finite(name, value) for name, value in sorted(policy.state_dict().items())}
    return save(state)


def load_policy(data: bytes, where: str) -> Policy:
    """The policy that bytes hold; raises InputError for anything but what `dump_policy` writes."""
    state = _tensors(data, where)
    try:
        hidden = _hidden(state)
        kind: Kind = "mlp" if hidden else "affine"
        restored = {name: _infinite(value) if name in _UNBOUNDED else value for name, value in state.items()}
        policy = policy_from_state(kind, hidden, restored)
    except (KeyError, RuntimeError, IndexError) as error:
        raise InputError(_problem(where, f"tensors that do not make a policy: {error!s:.200}")) from error
    if dump_policy(policy) != data:  # padding and order inside the header could carry anything too
        raise InputError(_problem(where, "a header in another spelling than the only one"))
    return policy


def _tensors(data: bytes, where: str) -> dict[str, Tensor]:
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        state = load(data)
    except Exception as error:  # the reader of untrusted bytes raises many kinds, among them its own private one
        raise InputError(_problem(where, f"bytes that are not safetensors: {error!s:.200}")) from error
    if "__metadata__" in header:
        raise InputError(_problem(where, "metadata, which could carry anything"))
    for name, value in state.items():
        if value.dtype != torch.float64 or not bool(torch.isfinite(value).all()):
            raise InputError(_problem(where, f"tensor {name} is not float64 or holds values that are not finite"))
    return state


def _hidden(state: dict[str, Tensor]) -> tuple[int, ...]:
    layers = sorted((int(match[1]), value.shape[0]) for name, value in state.items() if (match := _LAYER.match(name)))
    return tuple(size for _, size in layers[:-1])


def _finite(name: str, value: Tensor) -> Tensor:
    if name in _UNBOUNDED:
        value = value.clamp(-_LARGEST_FINITE, _LARGEST_FINITE)
    if not bool(torch.isfinite(value).all()):
        raise InputError(_problem(name, "weights that are not finite numbers"))
    return value.detach().contiguous()


def _infinite(value: Tensor) -> Tensor:
    return torch.where(value.abs() >= _LARGEST_FINITE, value.sign() * torch.inf, value)


def _problem(where: str, found: str) -> Problem:
    return Problem(
        code="policy-file",
        where=where,
        found=found,
        wanted="a policy.safetensors that `glassworld train` wrote",
        mend="train again, or fetch the file again and compare its digest with the statement",
    )


def scaling_of(policy: Policy) -> Scaling:
    """The scaling that a policy carries inside."""
    return Scaling(**{name: getattr(policy, name) for name in Scaling.__dataclass_fields__})
