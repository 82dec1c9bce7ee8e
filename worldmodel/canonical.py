"""Canonical bytes and digests, so that equal components have equal names whatever their formatting.

Canonical JSON is RFC 8785 (JCS). Integers outside ±(2^53 − 1) and numbers that are not finite are refused, since they
have no canonical form. A digest is written `sha256:` and 64 hexadecimal digits.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from worldmodel.errors import InputError, Problem


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value; raises InputError for what has none."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise InputError(
            Problem(
                code="not-canonical",
                where="canonical JSON",
                found=str(error),
                wanted="finite numbers, integers within 53 bits, text without lone surrogates",
                mend="correct the value before it is stored",
            )
        ) from error


def digest_bytes(data: bytes) -> str:
    """The SHA-256 digest of raw bytes, as `sha256:…`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """The digest of a JSON value's canonical bytes."""
    return digest_bytes(canonical_json(value))


def tree_digest(digests: Mapping[str, str]) -> str:
    """The digest of a whole world: of the mapping from each component's path to its digest."""
    return digest(dict(digests))
