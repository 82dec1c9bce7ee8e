"""Shape before content: strict parsing of everything signed, so that nothing unknown is ever skipped.

Reads JSON text or parsed values from untrusted sources; returns validated models or raises InputError with all problems
at once.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from worldmodel.canonical import canonical_json
from worldmodel.errors import InputError, Problem

Model = TypeVar("Model")

LARGEST_DOCUMENT = 64 * 1024 * 1024
DEEPEST_NESTING = 64
LONGEST_INTEGER = 22  # a float is spelled without an exponent up to 10^21
BRACKETS = re.compile(rb"[\[\]{}]")


class Strict(BaseModel):
    """Frozen, strict, and closed: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def validate(shape: type[Model] | TypeAdapter[Model], value: Any, where: str) -> Model:
    """The value as a model of this shape; raises InputError with every problem of it."""
    adapter: TypeAdapter[Model] = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise InputError(_problem(where, dict(detail)) for detail in error.errors(include_url=False)) from error


def parse_canonical(data: bytes, where: str) -> Any:
    """Parses JSON that must be in canonical form to the byte, so that one value has one spelling."""
    value = parse_json(data, where)
    if canonical_json(value) != data:
        raise InputError(
            Problem(
                code="not-canonical",
                where=where,
                found="JSON that is not in its canonical form (RFC 8785)",
                wanted="the exact bytes that were signed or sealed",
                mend="fetch the original again; do not reformat it",
            )
        )
    return value


def parse_json(data: bytes, where: str) -> Any:
    """Parses JSON of limited size and depth; duplicate keys, NaN and infinities are refused."""
    if len(data) > LARGEST_DOCUMENT:
        raise unreadable(where, f"{len(data)} bytes")
    if _depth(data) > DEEPEST_NESTING:
        raise unreadable(where, f"brackets nested more than {DEEPEST_NESTING} deep")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise unreadable(where, str(error)) from error


def decode_base64(text: str, where: str) -> bytes:
    """Standard base64 with exactly one spelling per value; anything else is refused."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise unreadable(where, f"base64: {error}") from error
    if encode_base64(data) != text:
        raise unreadable(where, "base64 with stray bits")
    return data


def encode_base64(data: bytes) -> str:
    """The one base64 spelling of these bytes."""
    return base64.b64encode(data).decode("ascii")


def unreadable(where: str, found: str) -> InputError:
    """The error for bytes that have no acceptable shape at all."""
    return InputError(
        Problem(
            code="malformed-document",
            where=where,
            found=found,
            wanted="a well-formed document of the expected kind, of limited size and depth",
            mend="fetch the original again; a damaged document cannot be repaired",
        )
    )


def _problem(where: str, detail: Mapping[str, Any]) -> Problem:
    part = ".".join(str(step) for step in detail["loc"])
    if detail["type"] in {"extra_forbidden", "union_tag_invalid", "union_tag_not_found"}:
        return Problem(
            code="unknown-field",
            where=where,
            part=part,
            found=str(detail["msg"]),
            wanted="only the kinds and fields that this version knows",
            mend="upgrade glassworld if the document is newer; never drop the field",
        )
    return Problem(
        code="malformed-record",
        where=where,
        part=part,
        found=str(detail["msg"]),
        wanted="a record of the documented shape",
        mend="correct the field; docs/errors.md shows an example",
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value


def _whole(text: str) -> int | float:
    """A whole number from 2^53 on can only be how a float is spelled canonically."""
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"a whole number of {len(text)} digits")
    return int(text) if abs(int(text)) < 2**53 else float(text)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:30]} is too large")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _depth(data: bytes) -> int:
    """An upper bound of the nesting, counted before any parser recurses (brackets inside strings count too)."""
    deepest = depth = 0
    for bracket in BRACKETS.findall(data):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
