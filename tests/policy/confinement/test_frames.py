"""Messages come out as they went in, however they are cut, and nonsense is refused."""

import json
import os
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.confinement.frames import KINDS, Frame, dump_frame, read_frame, take_frame, write_frame
from worldmodel.errors import EnvironmentProblem

FRAMES = st.builds(
    Frame,
    kind=st.sampled_from(sorted(KINDS)),
    head=st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5) | st.none(), max_size=3),
    body=st.binary(max_size=50),
)


@given(frames=st.lists(FRAMES, max_size=4), cut=st.integers(1, 30))
def test_messages_survive_any_cutting(frames: list[Frame], cut: int) -> None:
    wire = b"".join(map(dump_frame, frames))
    buffer, found = bytearray(), []
    for start in range(0, len(wire), cut):
        buffer += wire[start : start + cut]
        while (frame := take_frame(buffer)) is not None:
            found.append(frame)
    assert found == frames
    assert not buffer


@given(wire=st.binary(max_size=60))
def test_noise_is_refused_or_waited_for(wire: bytes) -> None:
    with suppress(EnvironmentProblem):
        frame = take_frame(bytearray(wire))
        assert frame is None or frame.kind in KINDS


@pytest.mark.parametrize(
    "head",
    [
        b"[" * 100_000,
        b"\xff",
        b"[]",
        b'{"kind": "orders", "head": {}}',
        b'{"kind": "done"}',
        b'{"kind": "done", "head": []}',
        b'{"kind": "done", "head": {}, "more": 1}',
        json.dumps({"kind": ["done"], "head": {}}).encode(),
    ],
)
def test_a_head_that_is_not_ours_is_refused(head: bytes) -> None:
    with pytest.raises(EnvironmentProblem, match="confined-nonsense"):
        take_frame(bytearray(struct.pack(">IQ", len(head), 0) + head))


@pytest.mark.parametrize("lengths", [(1 << 23, 0), (2, 1 << 31)])
def test_a_message_too_long_is_refused_before_it_is_read(lengths: tuple[int, int]) -> None:
    with pytest.raises(EnvironmentProblem, match="confined-nonsense"):
        take_frame(bytearray(struct.pack(">IQ", *lengths)))


def test_through_a_pipe() -> None:
    ours, theirs = os.pipe()
    write_frame(theirs, Frame("request", {"a": 1}, b"body"))
    assert read_frame(ours) == Frame("request", {"a": 1}, b"body")
    os.write(theirs, b"half")
    os.close(theirs)
    with pytest.raises(EOFError):
        read_frame(ours)
    os.close(ours)


def test_numbers_that_are_not_finite_do_not_leave() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_frame(Frame("progress", {"loss": float("nan")}))
