"""The digests of the source files that trained a policy, so that a replay can say which of them differs."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from worldmodel.canonical import digest_bytes

_OURS = ("policy", "worldmodel")


def source_digests(modules: Iterable[str]) -> dict[str, str]:
    """SHA-256, in hexadecimal, of the source file of each module of `policy` and `worldmodel` among these."""
    return {name: _digest(name) for name in sorted(modules) if name.split(".")[0] in _OURS}


def _digest(module: str) -> str:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return digest_bytes(Path(spec.origin).read_bytes()).removeprefix("sha256:")
