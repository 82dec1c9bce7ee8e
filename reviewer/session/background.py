"""What takes long, computed in one thread beside the kernel's own, so that the kernel goes on answering.

Results are kept by (approved commit, proposal, part), the newest requests' parts only; a part that somebody waits for
comes first.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

Part = tuple[str, str, str]
"""The approved commit, the digest of the proposal, and the name of what is computed."""

MOST_KEPT = 200


class Background:
    """A queue of parts and their results; `done` is called, in the thread, after each."""

    def __init__(self, done: Callable[[Part], None]) -> None:
        self._done = done
        self._waiting: OrderedDict[Part, Callable[[], Any]] = OrderedDict()
        self._results: OrderedDict[Part, Any] = OrderedDict()
        self._under_way: Part | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def want(self, part: Part, compute: Callable[[], Any], first: bool = False) -> None:
        """Asks for a part unless it is there, waits or is under way; `first` moves it to the front."""
        with self._changed:
            if part not in self._results and part != self._under_way:
                self._waiting.setdefault(part, compute)
                if first:
                    self._waiting.move_to_end(part, last=False)
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="glassworld-review", daemon=True)
                self._thread.start()

    def get(self, part: Part) -> Any:
        """The result of a part; None while there is none."""
        with self._changed:
            return self._results.get(part)

    def settle(self, patience: float = 60.0) -> bool:
        """Waits until nothing is left to compute; False if that took longer than `patience` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and self._under_way is None, patience)

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    return
                part, compute = self._waiting.popitem(last=False)
                self._under_way = part
            result = compute()
            with self._changed:
                self._results[part] = result
                while len(self._results) > MOST_KEPT:
                    self._results.popitem(last=False)
            self._done(part)
            with self._changed:
                self._under_way = None
                self._changed.notify_all()
