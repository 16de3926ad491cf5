"""A store of what viewers gave: so many things, so many bytes, so long, and never more."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by a text, the least recently used dropped first.

    Args:
        most: how many are kept.
        most_bytes: how many bytes together.
        seconds: for how long after one was last put it is kept; then it goes, whether or not somebody asks.
        clock: in seconds.
    """

    def __init__(self, most: int, most_bytes: float, seconds: float,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.most_bytes, self.seconds, self._clock = most, most_bytes, seconds, clock
        self._kept: OrderedDict[str, tuple[Value, float, float]] = OrderedDict()  # value, bytes, until when
        self._lock = threading.Lock()

    def put(self, key: str, value: Value, size: float) -> None:
        """Takes in a value of so many bytes, in place of one under the same key.

        Raises:
            ValueError: it alone is larger than everything together may be.
        """
        if size > self.most_bytes:
            raise ValueError(f"What is kept must be at most {self.most_bytes:.0f} bytes. Received: {size:.0f}.")
        with self._lock:
            self._kept[key] = value, size, self._clock() + self.seconds
            self._kept.move_to_end(key)
            self._drop_old()
            while len(self._kept) > self.most or sum(size for _, size, _ in self._kept.values()) > self.most_bytes:
                self._kept.popitem(last=False)
        timer = threading.Timer(self.seconds + 1, self.sweep)
        timer.daemon = True
        timer.start()

    def get(self, key: str) -> Value | None:
        """The value, which counts as used; None where there is none any more."""
        with self._lock:
            self._drop_old()
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def sweep(self) -> None:
        """Drops what has had its time."""
        with self._lock:
            self._drop_old()

    def __len__(self) -> int:
        return len(self._kept)

    def _drop_old(self) -> None:
        now = self._clock()
        for key in [key for key, (_, _, until) in self._kept.items() if until <= now]:
            del self._kept[key]
