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

    `when_dropped` has functions of a key, called after its value has gone.
    """

    def __init__(self, most: int, most_bytes: float, seconds: float,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.most_bytes, self.seconds, self._clock = most, most_bytes, seconds, clock
        self._kept: OrderedDict[str, tuple[Value, float, float]] = OrderedDict()  # value, bytes, until when
        self._lock = threading.Lock()
        self.when_dropped: list[Callable[[str], object]] = []

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
            gone = self._drop_old()
            while len(self._kept) > self.most or sum(size for _, size, _ in self._kept.values()) > self.most_bytes:
                gone.append(self._kept.popitem(last=False)[0])
        self._tell(gone)
        timer = threading.Timer(self.seconds + 1, self.sweep)
        timer.daemon = True
        timer.start()

    def get(self, key: str) -> Value | None:
        """The value, which counts as used; None where there is none any more."""
        with self._lock:
            gone = self._drop_old()
            if key in self._kept:
                self._kept.move_to_end(key)
            found = self._kept.get(key)
        self._tell(gone)
        return found[0] if found else None

    def sweep(self) -> None:
        """Drops what has had its time."""
        with self._lock:
            gone = self._drop_old()
        self._tell(gone)

    def __len__(self) -> int:
        return len(self._kept)

    def _drop_old(self) -> list[str]:
        now = self._clock()
        gone = [key for key, (_, _, until) in self._kept.items() if until <= now]
        for key in gone:
            del self._kept[key]
        return gone

    def _tell(self, gone: list[str]) -> None:
        for key in gone:
            for tell in self.when_dropped:
                tell(key)
