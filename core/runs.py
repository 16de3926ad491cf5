"""Runs that viewers share: a hall that opens one link trains one network.

Nothing here runs on its own. A viewer who is watching ticks; a tick does one short chunk of work if the run needs it
and it is the run's turn, and returns otherwise. When nobody ticks any more, training stops by itself. Only two
things happen in the background, once each: TensorFlow is imported, and an architecture is traced.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from core import tensors
from core.spec import RunSpec
from core.training import TRACES, Snapshot, TraceKey, Trainer, kept_parameters

CHUNK = 0.04  # seconds of training a tick may do; a tick answers well within half a second
WAIT = 0.2  # seconds a tick may wait for one of the slots: without a step to show, drawing is a waste
SLOTS = max(1, min(2, os.cpu_count() or 1))  # chunks at work at the same time
LEAD = 0.25  # seconds of work by which one run may be ahead of another that is also watched
WATCHED = 2.0  # seconds since the last tick after which nobody is said to watch a run
STAYS = 10.0  # seconds for which somebody who opened a page or pressed a button is expected to play
KEPT_BYTES = 100e6  # histories and weights that are kept in memory

_preparing: dict[object, Preparation] = {}
_preparing_lock = threading.Lock()
_one_at_a_time = threading.Lock()


class Preparation:
    """Work under way in a thread of its own, which the end of the process does not wait for; `error` if it failed."""

    def __init__(self, key: object, work: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(key, work), name="prepare", daemon=True)
        self.thread.start()

    def _run(self, key: object, work: Callable[[], object]) -> None:
        try:
            with _one_at_a_time:
                work()
        except BaseException as error:  # whoever asks next is told
            self.error = error
        else:
            with _preparing_lock:
                del _preparing[key]


def _prepare(key: object, work: Callable[[], object]) -> None:
    """Does `work` in the background, once for each key at a time; what it raises is raised at the next call."""
    with _preparing_lock:
        found = _preparing.get(key)
        if found is None:
            _preparing[key] = Preparation(key, work)
        elif found.error:
            del _preparing[key]
            raise found.error


def traced(key: TraceKey) -> bool:
    """Whether the trace is there; if it is not, it is made in the background."""
    if TRACES.ready(key) is None:
        _prepare(key, lambda: TRACES.get(key))
        return False
    return True


def load_tensorflow() -> None:
    """Starts importing TensorFlow in the background unless that has been done; returns at once."""
    if not tensors.loaded():
        _prepare("tensorflow", _load)


def _load() -> None:
    tensors.tensorflow()
    gc.collect()
    gc.freeze()  # TensorFlow's million objects never die: keep the collector from walking them after every tick


def tensorflow_ready() -> bool:
    """Whether TensorFlow has been imported."""
    return tensors.loaded()


@dataclass
class Run:
    """One training under way or done. Read `history` at any time: it only grows, in the order of steps.

    phase: `new`; `loading` (TensorFlow); `building` (the trace; step 0 is there already); `ready`; `finished`.
    shipped: whether the history came with the app instead of being computed by this process.
    """

    spec: RunSpec
    history: list[Snapshot] = field(default_factory=list)
    phase: str = "new"
    shipped: bool = False
    served: float = 0.0  # seconds of work done for it, on the clock on which runs that share the machine are compared
    viewers: dict[str, float] = field(default_factory=dict)  # who ticked within the last seconds, and when
    last_tick: float = -WATCHED
    idle: bool = True  # at the last tick there was nothing to train: others need not wait for it
    _trainer: Trainer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def finished(self) -> bool:
        return self.phase == "finished"

    @property
    def bytes(self) -> float:
        """About what it keeps in memory: a snapshot has nine float64 a layer and what is kept of the parameters, a
        run that trains five float32 vectors of parameters.
        """
        parameters = self.spec.kernel_entries * 20 if self._trainer else 0
        snapshot = (self.spec.depth + 1) * 72 + 4 * kept_parameters(self.spec) + 1000
        return len(self.history) * snapshot + parameters

    def reached(self, until: int | None) -> bool:
        """Whether it has come as far as was asked for."""
        return self.finished or bool(until is not None and self.history and self.history[-1].step >= until)

    def under_way_for_others(self, viewer: str) -> bool:
        """Whether somebody else watches it being trained right now, past step 0."""
        now = time.monotonic()
        others = [last for name, last in list(self.viewers.items()) if name != viewer]
        return not self.finished and len(self.history) > 1 and any(now - last < WATCHED for last in others)

    def prepared(self) -> bool:
        """Whether it could train now: TensorFlow is there, and its trace if it has got that far."""
        trainer = self._trainer
        return tensors.loaded() and (trainer is None or TRACES.ready(trainer.key) is not None)

    def work(self, until: int | None, seconds: float) -> None:
        """Trains for about so many seconds, or to step `until`; never waits for TensorFlow or for a trace."""
        if self.reached(until):
            return
        if not tensors.loaded():
            self.phase = "loading"
            load_tensorflow()
            return
        if self._trainer is None:
            self._trainer = Trainer(self.spec)
            self.history.append(self._trainer.snapshot)
            self.phase = "building"
        elif TRACES.ready(self._trainer.key) is None:
            key = self._trainer.key
            self.phase = "building"
            _prepare(key, lambda: TRACES.get(key))
        else:
            self.phase = "ready"
            self._train(until, time.perf_counter() + seconds)
        if self._trainer.finished:
            self.phase, self._trainer = "finished", None

    def _train(self, until: int | None, deadline: float) -> None:
        trainer = self._trainer
        while trainer and not trainer.finished and time.perf_counter() < deadline:
            snapshot = trainer.advance()
            if snapshot is not None:
                self.history.append(snapshot)
                if until is not None and snapshot.step >= until:
                    return


@dataclass(frozen=True)
class Tick:
    """What a tick found: the run, and how many other runs somebody else is watching on this machine right now."""

    run: Run
    others: int

    @property
    def waiting(self) -> int:
        """How many of the others have to wait while this one works: 0 while every run has a core."""
        return max(0, self.others + 1 - SLOTS)


class Runs:
    """The runs of this process by their spec, the least recently used dropped first."""

    def __init__(self, kept_bytes: float = KEPT_BYTES) -> None:
        self.kept_bytes = kept_bytes
        self._runs: OrderedDict[RunSpec, Run] = OrderedDict()
        self._shipped: dict[RunSpec, Callable[[], Run]] = {}
        self._present: dict[str, float] = {}  # until when each viewer counts among the audience
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(SLOTS)

    def get(self, spec: RunSpec) -> Run:
        """The run of that spec: this process's own, else the shipped one, else a new one; computes nothing."""
        with self._lock:
            shipped = None if spec in self._runs else self._came_with_the_app(spec)
            return shipped or self._own(spec)

    def opening(self, spec: RunSpec) -> Run:
        """What somebody who comes to it sees: as `get`, but the shipped run for one that was left unfinished."""
        with self._lock:
            own = self._runs.get(spec)
            left = own is not None and not own.finished and time.monotonic() - own.last_tick >= WATCHED
            shipped = self._came_with_the_app(spec) if own is None or left else None
            return shipped or self._own(spec)

    def offer(self, spec: RunSpec, read: Callable[[], Run]) -> None:
        """Takes in a run that came with the app: read once, when somebody asks for it, and never dropped."""
        self._shipped[spec] = cache(read)

    def _came_with_the_app(self, spec: RunSpec) -> Run | None:
        read = self._shipped.get(spec)
        return read and read()

    def live(self, spec: RunSpec) -> Run:
        """The run of that spec, computed by this process."""
        with self._lock:
            return self._own(spec)

    def _own(self, spec: RunSpec) -> Run:
        run = self._runs.get(spec)
        if run is None:
            run = self._runs[spec] = Run(spec)
            self._drop()
        self._runs.move_to_end(spec)
        return run

    def tick(self, spec: RunSpec, viewer: str, until: int | None = None) -> Tick:
        """One tick of a viewer who watches the run: at most one chunk of work, never a wait for another
        who works on it, and at most WAIT for a core.

        `until` is a step at which to stop for now; None is the end of the run.
        """
        self.present(viewer)
        run = self.get(spec)
        now = time.monotonic()
        with self._lock:
            rivals = [other for other in self._runs.values()
                      if other is not run and not other.finished and now - other.last_tick < WATCHED]
            served = [other.served for other in rivals if not other.idle]
            if served and (run.idle or now - run.last_tick > WATCHED):
                run.served = max(run.served, min(served))  # who was idle or absent is owed no turns
            run.idle = run.reached(until) or not run.prepared()
            run.viewers = {name: last for name, last in run.viewers.items() if now - last < WATCHED} | {viewer: now}
            run.last_tick = now
            turn = run.served <= min(served, default=run.served) + LEAD
        if turn and not run.finished and self._slots.acquire(timeout=WAIT):
            try:
                if run._lock.acquire(blocking=False):
                    try:
                        start = time.perf_counter()
                        run.work(until, CHUNK)
                        run.served += time.perf_counter() - start
                    finally:
                        run._lock.release()
            finally:
                self._slots.release()
        return Tick(run, sum(not other.viewers.keys() <= {viewer} for other in rivals))

    def present(self, viewer: str, seconds: float = WATCHED) -> None:
        """Counts a viewer among the audience for so long: WATCHED after a tick, STAYS after opening a page."""
        now = time.monotonic()
        with self._lock:
            here = {name: until for name, until in self._present.items() if until > now}
            self._present = here | {viewer: max(here.get(viewer, 0.0), now + seconds)}

    def audience(self) -> int:
        """How many viewers watch something, or may soon: who ticked within the last two seconds, or just came."""
        now = time.monotonic()
        return sum(until > now for until in list(self._present.values()))

    def _drop(self) -> None:
        """Drops least recently used runs nobody watches until the others fit; the newest always stays."""
        now = time.monotonic()
        total = sum(run.bytes for run in self._runs.values())
        for spec, run in list(self._runs.items())[:-1]:
            if total <= self.kept_bytes and len(self._runs) <= 500:
                return
            if now - run.last_tick >= WATCHED:
                total -= run.bytes
                del self._runs[spec]


RUNS = Runs()
