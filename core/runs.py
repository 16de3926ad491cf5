"""Runs that viewers share: a hall that opens one link trains one network.

Viewers say what they want and wait for it; a few workers compute it, one chunk of one run at a time. A want lasts a few
seconds: when nobody asks any more, training stops by itself. Besides, two things happen in the background, once each:
TensorFlow is imported, and an architecture is traced.
"""

from __future__ import annotations

import gc
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from core import tensors
from core.datasets import when_dropped
from core.spec import RunSpec
from core.training import TRACES, Snapshot, TraceKey, Trainer, kept_parameters

CHUNK = 0.04  # seconds for which a worker trains a run before it looks which one is next
SLOTS = max(1, min(2, os.cpu_count() or 1))  # workers
WANTED = 3.0  # seconds for which somebody wants what he asked for
PAUSE = 0.02  # seconds between two looks for TensorFlow or a trace, while nothing else is to be done
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
            with _preparing_lock:
                del _preparing[key]
        except BaseException as error:  # whoever asks next is told
            self.error = error


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
    gc.freeze()  # TensorFlow's million objects never die: keep the collector from walking them again and again


def tensorflow_ready() -> bool:
    """Whether TensorFlow has been imported."""
    return tensors.loaded()


@dataclass(eq=False)
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
    worked: float = 0.0  # seconds of work done for it
    busy: bool = False  # a worker is at it
    error: BaseException | None = None  # what the work failed of: it ends here
    told: bool = False  # somebody knows of the error: who wants the spec again has a new run begin
    _trainer: Trainer | None = None
    _wants: dict[str, tuple[float, float]] = field(default_factory=dict)  # by viewer: how many snapshots, until when
    _waiters: dict[threading.Event, int] = field(default_factory=dict)  # for how many snapshots each waits

    @property
    def finished(self) -> bool:
        return self.phase == "finished"

    @property
    def bytes(self) -> float:
        """About what it keeps: a snapshot nine float64 a layer and maybe θ, the trainer five float32 vectors like θ."""
        snapshot = (self.spec.depth + 1) * 72 + 4 * kept_parameters(self.spec) + 1000
        return len(self.history) * snapshot + (self.spec.kernel_entries * 20 if self._trainer else 0)

    def goal(self) -> float:
        """How many snapshots somebody wants by now, -1 if nobody wants it."""
        now = time.monotonic()
        self._wants = {viewer: want for viewer, want in self._wants.items() if want[1] > now}
        return max((moments for moments, _ in self._wants.values()), default=-1)

    def reached(self, moments: float) -> bool:
        """Whether it has so many snapshots, or all that it will ever have."""
        return self.finished or len(self.history) >= moments

    def wait(self, moments: int, seconds: float) -> bool:
        """Waits at most so long for so many snapshots or the end; whether it got there. Raises what the work raised."""
        there = threading.Event()
        self._waiters[there] = moments
        if not (self.error or self.reached(moments)):
            there.wait(seconds)
        del self._waiters[there]
        return self.reached(moments) or self.failed()

    def failed(self) -> bool:
        """False; raises what the work for it raised."""
        if self.error:
            self.told = True
            raise self.error
        return False

    def prepared(self) -> bool:
        """Whether a worker can get on with it: step 0 takes TensorFlow, then it takes a trace; both are sent for."""
        try:
            if not tensors.loaded():
                self.phase = "loading"
                load_tensorflow()
            elif self._trainer and not traced(self._trainer.key):
                self.phase = "building"
            else:
                return True
        except BaseException as error:
            self.error = error
            self._wake()
        return False

    def work(self, moments: float) -> None:
        """Computes step 0, or trains for one chunk, to so many snapshots at most."""
        start = time.perf_counter()
        try:
            self._train(moments, start + CHUNK)
        except BaseException as error:  # is raised to who wants the run or waits for it; the worker lives on
            self.error = error
        spent = time.perf_counter() - start
        self.served += spent
        self.worked += spent
        self.busy = False
        self._wake()

    def _train(self, moments: float, deadline: float) -> None:
        trainer = self._trainer
        if trainer is None:
            trainer = self._trainer = Trainer(self.spec)
            self.history.append(trainer.snapshot)
            self.phase = "building"
        else:
            self.phase = "ready"
            while not (trainer.finished or self.reached(moments) or time.perf_counter() >= deadline):
                snapshot = trainer.advance()
                if snapshot is not None:
                    self.history.append(snapshot)
        if trainer.finished:
            self.phase, self._trainer = "finished", None

    def _wake(self) -> None:
        for there, moments in self._waiters.copy().items():
            if self.error or self.reached(moments):
                there.set()


class Runs:
    """The runs of this process by their spec, the least recently used dropped first, and the workers."""

    def __init__(self, kept_bytes: float = KEPT_BYTES) -> None:
        self.kept_bytes = kept_bytes
        self._runs: OrderedDict[RunSpec, Run] = OrderedDict()
        self._shipped: dict[RunSpec, Callable[[], Run]] = {}
        self._served = 0.0  # what the run that was taken last had been served
        self._workers = 0
        self._change = threading.Condition()  # somebody wants something

    def get(self, spec: RunSpec) -> Run:
        """The run of that spec: the shipped one if there is one, else the one that this process computes."""
        with self._change:
            read = self._shipped.get(spec)
            return read() if read else self._own(spec)

    def offer(self, spec: RunSpec, read: Callable[[], Run]) -> None:
        """Takes in a run that came with the app: read once, when somebody asks for it, and never dropped."""
        self._shipped[spec] = cache(read)

    def forget(self, table: str) -> None:
        """Drops the runs on a table that somebody gave, once its examples have gone."""
        with self._change:
            for spec in [spec for spec in self._runs if spec.table == table]:
                del self._runs[spec]

    def want(self, viewer: str, specs: Sequence[RunSpec], moments: int | None = None) -> list[Run]:
        """The runs of these specs, as of `get`. In the next WANTED seconds these are what the viewer wants computed, to
        so many snapshots or to the end. Raises what the work for one of them raised; the next want has it tried again.
        """
        want = (math.inf if moments is None else moments, time.monotonic() + WANTED)
        with self._change:
            runs: list[Run] = []
            for spec in specs:  # each is wanted before the next one needs room
                runs.append(self.get(spec))
                runs[-1].failed()
                if not runs[-1].shipped:
                    runs[-1]._wants[viewer] = want
            for run in self._runs.values():
                if run not in runs:
                    run._wants.pop(viewer, None)
            while self._workers < SLOTS:
                threading.Thread(target=self._serve, name="worker", daemon=True).start()
                self._workers += 1
            self._change.notify_all()
            return runs

    def waiting(self, viewer: str) -> int:
        """How many runs that only others want there are beyond the cores: 0 while every run has one."""
        with self._change:
            needed = self._needed()
            return max(0, min(sum(viewer not in run._wants for run in needed), len(needed) - SLOTS))

    def _own(self, spec: RunSpec) -> Run:
        run = self._runs.pop(spec, None)
        if run is None or run.told:
            self._make_room()
            run = Run(spec)
        self._runs[spec] = run  # as the last one used
        return run

    def _make_room(self) -> None:
        """Drops least recently used runs nobody wants until the others fit."""
        total = sum(run.bytes for run in self._runs.values())
        for spec, run in list(self._runs.items()):
            if total <= self.kept_bytes and len(self._runs) <= 500:
                return
            if run.goal() < 0:
                total -= run.bytes
                del self._runs[spec]

    def _needed(self) -> list[Run]:
        """The runs that have not come as far as somebody wants."""
        return [run for run in self._runs.values() if not (run.error or run.reached(run.goal()))]

    def _serve(self) -> None:
        """The life of a worker."""
        while True:
            with self._change:
                while not (run := self._next()):
                    self._change.wait(None if all(other.busy for other in self._needed()) else PAUSE)
                moments = run.goal()
            run.work(moments)

    def _next(self) -> Run | None:
        """Takes the least served of the runs that a worker can get on with."""
        for run in sorted(self._needed(), key=lambda run: run.served):
            if not run.busy and run.prepared():
                run.busy = True
                run.served = self._served = max(run.served, self._served)  # who was away or waited is owed no turns
                return run
        return None


RUNS = Runs()
when_dropped(RUNS.forget)
