"""Messages between a confined process and its parent: a small JSON head and any bytes, each with its length before it.

The parent trusts nothing that comes out: lengths are bounded, kinds are a closed set, and what does not fit is refused.
"""

import json
import os
import struct
from dataclasses import dataclass
from typing import Any

from worldmodel.errors import EnvironmentProblem, Problem

MOST_HEAD_BYTES = 1 << 22
MOST_BODY_BYTES = 1 << 30
_LENGTHS = struct.Struct(">IQ")

# child to parent: locked, progress, result, failed, done; parent to child: setup, request
KINDS = frozenset({"setup", "request", "locked", "progress", "result", "failed", "done"})


@dataclass(frozen=True)
class Frame:
    """One message: its kind, a JSON object, and bytes."""

    kind: str
    head: dict[str, Any]
    body: bytes = b""


def dump_frame(frame: Frame) -> bytes:
    """The bytes of a message."""
    head = json.dumps({"kind": frame.kind, "head": frame.head}, allow_nan=False).encode()
    return _LENGTHS.pack(len(head), len(frame.body)) + head + frame.body


def take_frame(buffer: bytearray) -> Frame | None:
    """The first whole message, taken out of a buffer; None where it is not whole; EnvironmentProblem for nonsense."""
    if len(buffer) < _LENGTHS.size:
        return None
    head_length, body_length = _LENGTHS.unpack_from(buffer)
    if head_length > MOST_HEAD_BYTES or body_length > MOST_BODY_BYTES:
        raise _nonsense(f"a message of {head_length} + {body_length} bytes")
    start, end = _LENGTHS.size + head_length, _LENGTHS.size + head_length + body_length
    if len(buffer) < end:
        return None
    frame = _load(bytes(buffer[_LENGTHS.size : start]), bytes(buffer[start:end]))
    del buffer[:end]
    return frame


def read_frame(descriptor: int) -> Frame:
    """Reads exactly one message, waiting for it; raises EOFError where the other side went away."""
    lengths = _read_exactly(descriptor, _LENGTHS.size)
    head_length, body_length = _LENGTHS.unpack(lengths)
    buffer = bytearray(lengths + _read_exactly(descriptor, head_length + body_length))
    frame = take_frame(buffer)
    if frame is None:
        raise EOFError("half a message")
    return frame


def write_frame(descriptor: int, frame: Frame) -> None:
    """Writes one message whole, however many calls it takes."""
    rest = memoryview(dump_frame(frame))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read_exactly(descriptor: int, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = os.read(descriptor, min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError(f"{len(parts)} bytes of {length}")
        parts += part
    return bytes(parts)


def _load(head: bytes, body: bytes) -> Frame:
    try:
        value = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise _nonsense("a head that is not JSON") from error
    match value:
        case {"kind": str() as kind, "head": dict() as inner, **rest} if kind in KINDS and not rest:
            return Frame(kind, inner, body)
        case _:
            raise _nonsense("a message of no known kind")


def _nonsense(found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="confined-nonsense",
            where="the confined process",
            found=found,
            wanted="one of " + ", ".join(sorted(KINDS)),
            mend="nothing that it said was kept; run it again, and report this if it comes back",
        )
    )
