"""Many runs on any executor: `sweep(specs, executor, results)`, and from the command line

    python -m core.sweeps grid.toml --out results.parquet [--workers 4] [--dask tcp://host:8786]

with a grid.toml of what all runs share and of what is varied, in every combination; values as in a link or as TOML has
them:

    [run]
    activation = "tanh"
    widths = "64x20"

    [grid]
    gain = [0.8, 1.0, 1.2]
    seed = [0, 1, 2, 3]

A sweep that is stopped, or killed, goes on where it was when it is started again. The numbers do not depend on the
executor, on how many workers it has, or on the order: each run has its own seeds, and is computed by one thread. They
are the same bit for bit on machines of one kind; another processor may take sums in another order.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import threading
import time
import tomllib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from itertools import product
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.diagnosis import signal_ratio
from core.fields import Field, Integer, Number
from core.registry import one_of
from core.spec import FIELDS, RunSpec
from core.training import TRACES, TraceKey, train
from core.trials import Ended

TASK_SECONDS = 1.0  # so long a task is to take: handing it over costs little beside that, and little is lost with it
IN_FLIGHT = 8  # tasks that an executor is given ahead
DEATHS = 3  # of the worker at one run, until that run is given up
MOST_RUNS = 100_000  # of a grid
STORED_EVERY = 60.0  # seconds, at least, between two rewritings of the results file
# Seconds of a run, about: what it takes to begin, to make a step of one layer, and a multiply-add. What tasks really
# took corrects them while a sweep goes on.
_BEGIN, _LAYER_STEP, _MULTIPLY_ADD = 0.1, 1e-5, 2e-10

Batch = tuple[RunSpec, ...]


@dataclass(frozen=True)
class Outcome:
    """How one run ended: one row of the results.

    verdict: the kind of `core.diagnosis` at the end. step: updates made, fewer than asked for after an overflow.
    batch_loss: of the batch at the end; training_loss, accuracy: of all training examples; left: what is left of what
    a guess has to lose, 1 for a guess. signal_start, signal_end: signal of the first hidden layer over the last one's
    at step 0 and at the end. failure, failed_layer, failed_step: those of the last `core.training.Snapshot`. None:
    there is no such number (accuracy of a regression, validation of nothing, signal of one hidden layer). error: why
    there is no outcome at all, one sentence; the rest is then empty.
    """

    spec: RunSpec
    verdict: str = ""
    step: int = 0
    batch_loss: float | None = None
    training_loss: float | None = None
    left: float | None = None
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    signal_start: float | None = None
    signal_end: float | None = None
    failure: str = ""
    failed_layer: int | None = None
    failed_step: int | None = None
    error: str = ""

    @classmethod
    def of(cls, spec: RunSpec) -> Outcome:
        """Trains the run; what it raises is the outcome's error."""
        try:
            history = list(train(spec))
            end, last = Ended.of(spec, history), history[-1]
            kind, layer, step = last.failure or ("", None, None)
            return cls(spec, end.kind, last.step, last.loss, end.loss, end.left, end.accuracy, last.validation_loss,
                       last.validation_accuracy, signal_ratio(history[0].layers), signal_ratio(last.layers), kind,
                       layer, step)
        except Exception as error:
            return cls(spec, error=f"{type(error).__name__}: {error}")

    def row(self) -> dict[str, Any]:
        """Flat: `run` is the run as a link has it, from which it is read again; then its fields, then the outcome's."""
        asked = {name: _cell(one, getattr(self.spec, name)) for name, one in FIELDS.items()}
        return {"run": urlencode(self.spec.to_query())} | asked | {
            name: getattr(self, name) for name in _MEASURED}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Outcome:
        """From what `row` gave.

        Raises:
            ValueError: the row is not of a sweep, or its run is none that this version knows.
        """
        if missing := [name for name in ("run", *_MEASURED) if name not in row]:
            raise ValueError(f"The results must have the columns of a sweep. Missing: {', '.join(missing)}.")
        if not isinstance(row["run"], str):
            raise ValueError(f"The results must have runs as text. Received: {row['run']!r}.")
        spec, notes = RunSpec.from_query(dict(parse_qsl(row["run"])))
        if notes:
            raise ValueError(f"The results have a run that this version reads otherwise: {' '.join(notes)}")
        return cls(spec, **{name: row[name] for name in _MEASURED})


_MEASURED = tuple(one.name for one in fields(Outcome) if one.name != "spec")
_WHOLE, _TEXT = ("step", "failed_layer", "failed_step"), ("verdict", "failure", "error")


def _cell(field: Field, value: Any) -> Any:
    """A field's value in a table: numbers as they are, all else as text."""
    return value if _numeric(field) else field.written(value)


def _numeric(field: Field) -> bool:
    return field.value_type in (Number.value_type, Integer.value_type)


# --- the sweep --------------------------------------------------------------------------------------------------------


def sweep(specs: Iterable[RunSpec], executor: Executor | Callable[[], Executor], results: str | Path, *,
          in_flight: int = IN_FLIGHT) -> Iterator[Outcome]:
    """Trains every run, stores its outcome, and yields it: first those that were stored, then each as it ends.

    Runs that are equal are trained once; one whose outcome is an error is tried again.

    Args:
        executor: one that is there, which is left running; or a function that makes one, and makes another when a
            worker's death has broken it. The sweep shuts down those it had made.
        results: a file for the outcomes, .parquet or .jsonl. One sweep at a time writes to it.
        in_flight: tasks given ahead; at least the number of workers.

    Raises:
        ValueError: the file is no file of results.
        BrokenExecutor: a worker died and there is no function to make another executor. What ended before is stored.
    """
    with Results(results) as store:
        wanted = dict.fromkeys(specs)
        stored = {outcome.spec: outcome for outcome in store.read() if not outcome.error}
        yield from (stored[spec] for spec in wanted if spec in stored)
        with _Workers(executor) as workers:
            for outcomes in _trained([spec for spec in wanted if spec not in stored], workers, in_flight):
                store.add(outcomes)
                yield from outcomes


def work(batch: Batch) -> tuple[list[Outcome], float]:
    """The task of a worker: the outcomes of some runs, and the seconds that they took, without those of compiling."""
    from threadpoolctl import threadpool_limits

    seconds, outcomes = 0.0, []
    with threadpool_limits(1):  # NumPy takes a sum in as many parts as it has threads
        for spec in batch:
            with suppress(Exception):  # it fails again in the run itself, which says so
                TRACES.get(TraceKey.of(spec))
            start = time.perf_counter()
            outcomes.append(Outcome.of(spec))
            seconds += time.perf_counter() - start
    return outcomes, seconds


class _Workers:
    """The executor, made anew when it breaks if that is known how."""

    def __init__(self, executor: Executor | Callable[[], Executor]) -> None:
        self._make = None if isinstance(executor, Executor) else executor
        self._executor = executor if isinstance(executor, Executor) else executor()

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._make:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def begin(self, batch: Batch, deaths: int = 0) -> _Task:
        """Hands a task over."""
        try:
            future = self._executor.submit(work, batch)
        except BrokenExecutor:  # a worker has died since
            self.replace(self._executor)
            future = self._executor.submit(work, batch)
        return _Task(batch, deaths, self._executor, future)

    def replace(self, broken: Executor) -> None:
        """Makes another executor, unless that has been done."""
        if broken is not self._executor:
            return
        if self._make is None:
            raise BrokenExecutor("A worker died, and with it the executor. The outcomes so far are stored: start the "
                                 "sweep again, or give it a function that makes an executor, and it goes on by itself.")
        broken.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()


@dataclass(frozen=True, eq=False)
class _Task:
    """Runs handed over together; of how many tries a worker has died so far."""

    batch: Batch
    deaths: int
    executor: Executor
    future: Future[tuple[list[Outcome], float]]


def _trained(specs: Sequence[RunSpec], workers: _Workers, in_flight: int) -> Iterator[list[Outcome]]:
    """The outcomes, task by task.

    Whoever was in flight when a worker died is a suspect, and trained with nothing beside it: a task that survives was
    none; one that does not is taken apart, and a single run that its worker does not survive has that as its outcome.
    """
    batches = _Batches(specs)
    suspects: deque[tuple[Batch, int]] = deque()  # with of how many tries a worker has died
    flying: dict[Future[tuple[list[Outcome], float]], _Task] = {}
    while True:
        begun = []
        if suspects and not flying:
            begun.append(workers.begin(*suspects.popleft()))
        elif not suspects and not any(task.deaths for task in flying.values()):
            while len(flying) + len(begun) < in_flight and (batch := batches.next()):
                begun.append(workers.begin(batch))
        flying |= {task.future: task for task in begun}
        if not flying:
            return
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            task = flying.pop(future)
            try:
                outcomes, seconds = future.result()
            except Exception as error:  # the worker's death, or what the executor itself could not do
                deaths = task.deaths + 1
                if len(task.batch) == 1 and deaths >= DEATHS:
                    yield [Outcome(task.batch[0], error=f"Given up after {deaths} tries: {type(error).__name__}: "
                                                        f"{error}")]
                else:
                    again = [task.batch] if deaths == 1 else [(spec,) for spec in task.batch]
                    suspects.extend((one, deaths) for one in again)
                if isinstance(error, BrokenExecutor):  # all that it had in flight fails with it
                    workers.replace(task.executor)
            else:
                batches.took(task.batch, seconds)
                yield outcomes


class _Batches:
    """Runs in tasks of about TASK_SECONDS, those of one architecture after each other: a worker compiles it once."""

    def __init__(self, specs: Sequence[RunSpec]) -> None:
        alike: dict[TraceKey, list[RunSpec]] = {}
        for spec in specs:
            alike.setdefault(TraceKey.of(spec), []).append(spec)
        self._left = deque(spec for group in alike.values() for spec in group)
        self._pace = 1.0  # seconds that runs take over those expected

    def next(self) -> Batch:
        """The next task; empty when there is none."""
        batch, expected = [], 0.0
        while self._left and expected * self._pace < TASK_SECONDS:
            batch.append(self._left.popleft())
            expected += seconds_expected(batch[-1])
        return tuple(batch)

    def took(self, batch: Batch, seconds: float) -> None:
        """Learns from a task."""
        self._pace = max(0.5 * self._pace + 0.5 * seconds / sum(map(seconds_expected, batch)), 1e-3)


def seconds_expected(spec: RunSpec) -> float:
    """About how long a run takes, on a slow core."""
    return _BEGIN + spec.steps * (spec.depth + 1) * _LAYER_STEP + spec.cost * _MULTIPLY_ADD


# --- the results ------------------------------------------------------------------------------------------------------


class Results:
    """A file of outcomes that a sweep adds to: .jsonl, or .parquet with what is new beside it until it is closed.

    Parquet cannot be added to. So outcomes are written at once to <file>.jsonl, a line each, and put into the parquet
    file once in a while and at the end; whatever kills the process, at most the line being written is lost.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix not in (".parquet", ".jsonl"):
            raise ValueError(f"The results must go to a file .parquet or .jsonl. Received: {str(path)!r}.")
        self._parquet = self.path.suffix == ".parquet"
        self._lines = self.path.with_name(self.path.name + ".jsonl") if self._parquet else self.path
        self._merged = time.monotonic()

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        if self._parquet and self._lines.exists():
            self._merge()

    def read(self) -> list[Outcome]:
        """What is stored, the last outcome of each run.

        Raises:
            ValueError: a file is no file of results.
        """
        found = [Outcome.from_row(row) for row in (*self._table(), *self._rows())]
        return list({outcome.spec: outcome for outcome in found}.values())

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Stores them before it returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._mend()
        with self._lines.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(outcome.row())}\n" for outcome in outcomes)
        if self._parquet and time.monotonic() - self._merged > STORED_EVERY:
            self._merge()

    def _mend(self) -> None:
        """Cuts off a line whose writing was interrupted."""
        if not self._lines.exists():
            return
        with self._lines.open("r+b") as file:
            if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)

    def _rows(self) -> list[dict[str, Any]]:
        if not self._lines.exists():
            return []
        text = self._lines.read_text(encoding="utf-8")
        try:
            rows = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
        except json.JSONDecodeError:
            raise ValueError(f"{self._lines} must have one row of a sweep in each line, and has others.") from None
        if not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"{self._lines} must have one row of a sweep in each line, and has others.")
        return rows

    def _table(self) -> list[dict[str, Any]]:
        if not self._parquet or not self.path.exists():
            return []
        import pyarrow
        from pyarrow import parquet

        try:
            return parquet.read_table(self.path).to_pylist()
        except pyarrow.ArrowInvalid:
            raise ValueError(f"{self.path} must be a parquet file of a sweep, and is none.") from None

    def _merge(self) -> None:
        """Puts all into the parquet file, and only then removes the lines."""
        import pyarrow
        from pyarrow import parquet

        new = self.path.with_name(self.path.name + ".new")
        rows = [outcome.row() for outcome in self.read()]
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema=_schema()), new)
        os.replace(new, self.path)
        self._lines.unlink()
        self._merged = time.monotonic()


def _schema() -> Any:
    """The kinds of the columns, so that a column without numbers has one too."""
    import pyarrow

    def of_field(field: Field) -> Any:
        if not _numeric(field):
            return pyarrow.string()
        return pyarrow.int64() if isinstance(field, Integer) else pyarrow.float64()

    def of_measured(name: str) -> Any:
        return pyarrow.int64() if name in _WHOLE else pyarrow.string() if name in _TEXT else pyarrow.float64()

    return pyarrow.schema([("run", pyarrow.string()), *((name, of_field(one)) for name, one in FIELDS.items()),
                           *((name, of_measured(name)) for name in _MEASURED)])


# --- the grid ---------------------------------------------------------------------------------------------------------


def read_grid(path: str | Path) -> list[RunSpec]:
    """The runs that a grid.toml asks for; see the head of this module. Equal ones once, in the order of the grid.

    Raises:
        ValueError: what is wrong with the file, what is allowed, and what arrived.
    """
    try:
        asked = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"The grid {str(path)!r} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"The grid {str(path)!r} must be TOML. {error}.") from None
    return grid(asked)


def grid(asked: Mapping[str, Any]) -> list[RunSpec]:
    """The same from what the file says: `run`, field by field, and `grid`, a list for each field that is varied."""
    for name, table in asked.items():
        if name not in ("run", "grid"):
            raise ValueError(one_of("A table of the grid", ("[run]", "[grid]"), name))
        if not isinstance(table, Mapping):
            raise ValueError(f"[{name}] must be a table of fields. Received: {table!r}.")
    fixed, varied = asked.get("run", {}), asked.get("grid", {})
    for name in (*fixed, *varied):
        if name not in FIELDS:
            raise ValueError(one_of("A field of the grid", FIELDS, name))
    if both := [name for name in fixed if name in varied]:
        raise ValueError(f"A field stands in [run] or in [grid]. In both: {', '.join(both)}.")
    for name, values in varied.items():
        if not isinstance(values, list) or not values:
            raise ValueError(f"{name} in [grid] must be a list of one value or more. Received: {values!r}.")
    runs = math.prod(len(values) for values in varied.values())
    if runs > MOST_RUNS:
        raise ValueError(f"A grid must have at most {MOST_RUNS} runs. Received: {runs}.")
    common = {name: _value(name, value) for name, value in fixed.items()}
    columns = [[_value(name, value) for value in values] for name, values in varied.items()]
    return list(dict.fromkeys(_spec(common | dict(zip(varied, one, strict=True))) for one in product(*columns)))


def _value(name: str, value: Any) -> Any:
    """A value of TOML as its field has it: texts as in a link, lists as one value a layer."""
    field = FIELDS[name]
    return field.checked(name, field.parsed(value) if isinstance(value, str) else _tuples(value))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _spec(values: Mapping[str, Any]) -> RunSpec:
    try:
        return RunSpec(**values)
    except ValueError as error:
        said = ", ".join(f"{name} = {FIELDS[name].written(value)}" for name, value in values.items())
        raise ValueError(f"{error} In the run with {said}.") from None


# --- the command ------------------------------------------------------------------------------------------------------


def processes(workers: int) -> ProcessPoolExecutor:
    """So many fresh processes; each imports TensorFlow for itself, and ends when the one that made it does.

    As always with fresh processes, a script that calls this does so under `if __name__ == "__main__":`.
    """
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_the_parent)


def _end_with_the_parent() -> None:
    """A process whose parent was killed would wait for a task for ever."""
    parent = parent_process()

    def wait_for_the_end() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


@contextmanager
def of_dask(address: str) -> Iterator[tuple[Executor, int]]:
    """The executor of a running scheduler of Dask, and its number of threads. Its workers must be able to import core.

    A worker that dies there is replaced, and its tasks repeated, by the scheduler.

    Raises:
        ValueError: Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--dask needs the packages of requirements-dask.txt, which are not installed.") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ValueError("--dask must be the address of a running scheduler, as tcp://host:8786. Received: "
                         f"{address!r}. {error}") from None
    with client:
        yield client.get_executor(), sum(client.nthreads().values())


@contextmanager
def _here(workers: int) -> Iterator[tuple[Callable[[], Executor], int]]:
    """So many processes of this machine."""
    yield lambda: processes(workers), workers


def bar(done: int, of: int, before: int, seconds: float) -> str:
    """The progress of a sweep in a line; `before` were stored when it began, so many seconds ago."""
    filled = 30 * done // of
    text = f"[{'#' * filled}{'.' * (30 - filled)}] {done} of {of}"
    if done in (of, before):
        return text
    left = seconds / (done - before) * (of - done)
    return f"{text}, about {left:.0f} s left" if left < 100 else f"{text}, about {left / 60:.0f} min left"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; what it is to be given is at the head of this module."""
    parser = argparse.ArgumentParser(prog="python -m core.sweeps", description="Trains every run of a grid and stores "
                                     "how it ended; goes on where it was if it is started again.")
    parser.add_argument("grid", help="a TOML file: [run] has what all runs share, [grid] a list for each field varied")
    parser.add_argument("--out", required=True, help="the file for the outcomes, .parquet or .jsonl")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--dask", metavar="ADDRESS", help="a scheduler of Dask in place of processes of its own")
    given = parser.parse_args(arguments)
    try:
        if given.workers < 1:
            raise ValueError(f"--workers must be 1 or more. Received: {given.workers}.")
        specs, stored = read_grid(given.grid), Results(given.out).read()
        before = len({*specs} & {outcome.spec for outcome in stored if not outcome.error})
        with of_dask(given.dask) if given.dask else _here(given.workers) as (executor, workers):
            failed = _shown(sweep(specs, executor, given.out, in_flight=2 * max(workers, 1)), before, len(specs))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nStopped. The outcomes so far are in {given.out}; the same command goes on from here.",
              file=sys.stderr)
        return 130
    print(f"{len(specs)} runs in {given.out}" + (f", {failed} of them without an outcome" if failed else ""))
    return 1 if failed else 0


def _shown(outcomes: Iterator[Outcome], before: int, of: int) -> int:
    """Draws the bar while they come; how many are errors."""
    failed, start = 0, time.monotonic()
    for done, outcome in enumerate(outcomes, 1):
        failed += bool(outcome.error)
        if done >= before:
            print(f"\r{bar(done, of, before, time.monotonic() - start):<70}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return failed


if __name__ == "__main__":
    from core import sweeps  # what workers are sent is of that module, not of __main__

    sys.exit(sweeps.main())
