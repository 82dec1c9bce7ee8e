"""The parent's ends of the three pipes: sends and receives messages, keeps the child's last words.

One loop serves all three at once, so that neither side can block the other, whatever the child does.
"""

import os
import selectors
import time
from dataclasses import dataclass, field

from policy.confinement.frames import Frame, dump_frame, take_frame

_KEPT_ERROR_BYTES = 1 << 16
_CHUNK = 1 << 16


class Silence(Exception):
    """The child took longer than it may."""


@dataclass
class Conversation:
    """Pipes to a running child, and what has been read from them so far."""

    request: int
    frames: int
    errors: int
    deadline: float | None
    _received: bytearray = field(default_factory=bytearray)
    _said: bytearray = field(default_factory=bytearray)
    _unsent: bytearray = field(default_factory=bytearray)
    _open: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._open = {self.request, self.frames, self.errors}
        for descriptor in self._open:
            os.set_blocking(descriptor, False)

    def send(self, frame: Frame) -> None:
        """Queues a message; it leaves while `receive` waits."""
        self._unsent += dump_frame(frame)

    def receive(self) -> Frame | None:
        """The next message, or None where the child has closed its end; raises Silence at the deadline."""
        while (frame := take_frame(self._received)) is None:
            if self.frames not in self._open:
                return None
            self._turn()
        return frame

    def error_output(self) -> str:
        """The last that the child wrote to its error output."""
        while self.errors in self._open and self._read(self.errors, self._said):
            pass
        return bytes(self._said[-_KEPT_ERROR_BYTES:]).decode("utf-8", "replace")

    def close(self) -> None:
        """Closes what is still open."""
        while self._open:
            os.close(self._open.pop())

    def _turn(self) -> None:
        """Waits until a pipe is ready, and serves it."""
        with selectors.DefaultSelector() as selector:
            for descriptor in self._open & {self.frames, self.errors}:
                selector.register(descriptor, selectors.EVENT_READ)
            if self._unsent and self.request in self._open:
                selector.register(self.request, selectors.EVENT_WRITE)
            ready = selector.select(self._time_left())
        if not ready:
            raise Silence
        for key, _ in ready:
            if key.fd == self.request:
                self._write()
            elif key.fd == self.frames:
                self._read(self.frames, self._received)
            else:
                self._read(self.errors, self._said)
                del self._said[:-_KEPT_ERROR_BYTES]

    def _time_left(self) -> float | None:
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Silence
        return left

    def _write(self) -> None:
        try:
            del self._unsent[: os.write(self.request, bytes(self._unsent[:_CHUNK]))]
        except BrokenPipeError:
            self._drop(self.request)

    def _read(self, descriptor: int, buffer: bytearray) -> bool:
        try:
            part = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        buffer += part
        if not part:
            self._drop(descriptor)
        return bool(part)

    def _drop(self, descriptor: int) -> None:
        self._open.discard(descriptor)
        os.close(descriptor)
