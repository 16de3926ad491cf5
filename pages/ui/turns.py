"""Pages, and parts of them that run by themselves, are drawn one after the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

_mine = threading.local()


class Turns:
    """One at a time, in rounds: whoever is next of one link, then whoever is next of another.

    Scripts that run at the same time take Python's one lock from each other, and from the thread that sends what they
    draw: of three hundred viewers all wait for all. One after the other is faster, and in rounds who opens a page does
    not wait behind a hall that opens another one, or that is being sent its run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._queues: dict[Hashable, deque[threading.Lock]] = {}  # gates that open, by link; the first is next

    def take(self, link: Hashable) -> None:
        """Waits for a turn."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._queues.setdefault(link, deque()).append(gate)
        gate.acquire()

    def give(self) -> None:
        """Ends it: the next one's begins."""
        with self._lock:
            self._taken = bool(self._queues)
            if self._taken:
                link, queue = next(iter(self._queues.items()))
                del self._queues[link]
                gate = queue.popleft()
                if queue:
                    self._queues[link] = queue
                gate.release()


_TURNS = Turns()


@contextmanager
def in_turn(link: Hashable) -> Iterator[None]:
    """Waits for its turn to draw a page or a part of it; within one's own turn it does nothing."""
    if getattr(_mine, "link", None) is not None:
        yield
        return
    _TURNS.take(link)
    _mine.link = link
    try:
        yield
    finally:
        _mine.link = None
        _TURNS.give()


@contextmanager
def out_of_turn() -> Iterator[None]:
    """While something is waited for, others have their turns."""
    link = getattr(_mine, "link", None)
    if link is None:
        yield
        return
    _TURNS.give()
    try:
        yield
    finally:
        _TURNS.take(link)
