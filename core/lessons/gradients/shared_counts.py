"""Surveys that viewers share: many short runs of one spec, of which only the ends are kept, worked off tick by tick.

As with `core.runs` nothing here runs on its own: who watches ticks, a tick does one short chunk of work or returns at
once, and when nobody ticks any more the counting stops.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from core import tensors
from core.lessons.gradients import xor_seeds
from core.lessons.gradients.xor_seeds import End
from core.runs import CHUNK, load_tensorflow, traced
from core.spec import RunSpec
from core.training import Trainer

KEPT = 300  # surveys; one keeps a few kB


@dataclass
class Survey:
    """The ends of the runs of one spec so far. Read `ends` at any time: it only grows, in the order of seeds."""

    spec: RunSpec
    ends: list[End] = field(default_factory=list)
    shipped: bool = False
    _trainer: Trainer | None = None

    def work(self, runs: int, seconds: float) -> None:
        """Trains for about so many seconds, to at most so many runs; never waits for a trace."""
        deadline = time.perf_counter() + seconds
        while len(self.ends) < runs and time.perf_counter() < deadline:
            if self._trainer is None:
                self._trainer = xor_seeds.start(self.spec, len(self.ends))
            if not self._trainer.finished:
                if not traced(self._trainer.key):
                    return
                self._trainer.advance()
            if self._trainer.finished:
                self.ends.append(xor_seeds.end(self._trainer))
                self._trainer = None


class Surveys:
    """The surveys of this process by their spec, the least recently used dropped first."""

    def __init__(self) -> None:
        self._surveys: OrderedDict[RunSpec, Survey] = OrderedDict()
        self._lock = threading.Lock()
        self._work = threading.Lock()

    def get(self, spec: RunSpec, watched: bool = False) -> Survey:
        """This process's survey of that spec, or the one that came with the app while that has more runs.

        watched: whether the viewer is counting, and wants to see this process's as soon as it has begun.
        """
        with self._lock:
            own = self._surveys.get(spec) or Survey(spec)
        came = xor_seeds.shipped().get(xor_seeds.query(spec), ())
        if len(own.ends) < (min(1, len(came)) if watched else len(came)):
            return Survey(spec, list(came), shipped=True)
        return own

    def tick(self, specs: Iterable[RunSpec], runs: int = xor_seeds.SEEDS) -> bool:
        """One tick of a viewer: a chunk of work for the survey that is furthest behind; whether all are done."""
        with self._lock:
            for spec in specs:
                self._surveys.setdefault(spec, Survey(spec))
                self._surveys.move_to_end(spec)
            mine = [self._surveys[spec] for spec in specs]
            while len(self._surveys) > KEPT:
                self._surveys.popitem(last=False)
        if not tensors.loaded():
            load_tensorflow()
        elif self._work.acquire(blocking=False):
            try:
                min(mine, key=lambda one: len(one.ends)).work(runs, CHUNK)
            finally:
                self._work.release()
        return all(len(one.ends) >= runs for one in mine)


SURVEYS = Surveys()
