"""Seeds that nobody chooses: derived by SHA-256 from the bundle, the configuration and the trainer's version.

A seed is an integer of 53 bits, so that it has a canonical JSON form. Its top three bits name the stream, so the seeds
of training, validation and evaluation can never be equal, whatever the hash gives.
"""

import hashlib
from enum import IntEnum

from policy.configuration import Configuration
from worldmodel.canonical import canonical_json

_FREE_BITS = 50


class Stream(IntEnum):
    """What a seed is for; streams have no seed in common."""

    INITIALISATION = 0
    TRAINING = 1
    VALIDATION = 2
    EVALUATION = 3
    SCALING = 4


def root_of(bundle_digest: str, configuration: Configuration, trainer: str) -> str:
    """The root of every seed of a training run, as 64 hexadecimal digits."""
    value = [bundle_digest, configuration.model_dump(mode="json"), trainer]
    return hashlib.sha256(canonical_json(value)).hexdigest()


def seed_of(root: str, stream: Stream, *labels: int | str) -> int:
    """The seed of one use within a stream, for instance one training iteration."""
    hashed = hashlib.sha256(canonical_json([root, stream.name, *labels])).digest()
    return (int(stream) << _FREE_BITS) | (int.from_bytes(hashed[:8], "big") >> (64 - _FREE_BITS))
