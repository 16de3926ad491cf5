"""`make bench`: the engine, with everything measured, beside a NumPy loop and `model.fit`, in turn in one process.

Times are of this machine and of this minute; what carries over are the ratios. The engine and the NumPy loop take turns
every half second, step for step, so that a slow moment of the machine hits both.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from core.network import initial_weights
from core.spec import RunSpec
from core.sweeps import processes, sweep
from core.training import TRACES, TraceKey, Trainer, batch_rows, recorded_steps, train
from tests.benchmarks import hand_numpy, keras_fit

ROWS = {
    "20 × 32, batch 256, a long run": RunSpec(widths=(32,) * 20, activation="tanh", samples=256, test_fraction=0,
                                              steps=20_000),
    "20 × 32, batch 256": RunSpec(widths=(32,) * 20, activation="tanh", samples=256, test_fraction=0, steps=2000),
    "2 × 4, batch 10": RunSpec(widths=(4, 4), activation="tanh", samples=200, test_fraction=0, batch_size=10,
                               steps=2000),
    "6 × 8, batch 250": RunSpec(widths=(8,) * 6, activation="tanh", samples=250, test_fraction=0, steps=2000),
    "50 × 64, batch 256": RunSpec(widths=(64,) * 50, activation="tanh", samples=256, test_fraction=0, steps=500),
    "digits 64 → 64 → 32 → 10, batch 32": RunSpec(dataset="digits", widths=(64, 32), activation="tanh", batch_size=32,
                                                 test_fraction=0, steps=2000),
}
STEPS_IN_TURN = 8000  # or one whole run
TURN = 0.5  # seconds
FIT_STEPS = 20


def milliseconds(work, steps: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3 / steps


def engine(spec: RunSpec) -> None:
    for _ in train(spec):
        pass


def compare(name: str, spec: RunSpec) -> None:
    """One row: milliseconds a step of the three ways, and the ratios."""
    split = spec.data()
    TRACES.get(TraceKey.of(spec))
    weights, x, y = initial_weights(spec), split.x_train, split.y_train
    ours, numpy_ = in_turn(spec, weights, x, y)
    fit = milliseconds(lambda: keras_fit.train(spec, weights, x, y, FIT_STEPS), FIT_STEPS)
    print(f"{name:<36}{ours:>9.3f}{numpy_:>9.3f}{fit:>9.1f}{numpy_ / ours:>10.2f}×{fit / ours:>9.0f}×"
          f"{len(recorded_steps(spec.steps)):>8} of {spec.steps}", flush=True)


def in_turn(spec: RunSpec, weights: list[tuple[np.ndarray, ...]], x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Milliseconds a step of whole runs of the engine, and of the NumPy loop over the same steps."""
    batches = [None if spec.batch_size is None else batch_rows(spec, update) for update in range(1, spec.steps + 1)]
    rounds = max(1, STEPS_IN_TURN // spec.steps)
    ours = numpy_ = 0.0
    for _ in range(rounds):
        copies = [(kernel.copy(), bias.copy()) for kernel, bias in weights]
        start = time.perf_counter()
        trainer = Trainer(spec)
        ours += time.perf_counter() - start
        while not trainer.finished:
            first, start = trainer.step, time.perf_counter()
            while not trainer.finished and time.perf_counter() - start < TURN:
                trainer.advance()
            turned = time.perf_counter()
            hand_numpy.train(copies, x, y, batches[first:trainer.step], spec.learning_rate)
            ours += turned - start
            numpy_ += time.perf_counter() - turned
    return ours * 1e3 / (rounds * spec.steps), numpy_ * 1e3 / (rounds * spec.steps)


def scaling(title: str, specs: dict[int, RunSpec]) -> None:
    """How time grows: ms a step and the ratio to the first."""
    for spec in specs.values():
        TRACES.get(TraceKey.of(spec))
    rounds = [[milliseconds(lambda spec=spec: engine(spec), spec.steps) for spec in specs.values()]
              for _ in range(3)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print(f"{title:<8}" + "".join(f"{size:>6}: {ms:6.3f} ms ({ms / medians[0]:4.1f}×)"
                                  for size, ms in zip(specs, medians, strict=True)), flush=True)


def resident() -> float:
    """Megabytes this process has in memory."""
    gc.collect()
    return psutil.Process(os.getpid()).memory_info().rss / 1e6


def memory() -> None:
    """30 runs, then 300 more of other architectures, in a process that has loaded what the app loads."""
    import streamlit  # noqa: F401

    import core.charts  # noqa: F401

    rng = np.random.default_rng(0)

    def some(count: int) -> None:
        for _ in range(count):
            widths = (int(rng.integers(8, 65)),) * int(rng.integers(2, 21))
            engine(RunSpec(widths=widths, activation="tanh", steps=30, seed=int(rng.integers(1000))))

    some(30)
    after_30 = resident()
    some(300)
    after_330 = resident()
    print(f"resident after 30 runs {after_30:.0f} MB, after 300 more {after_330:.0f} MB: "
          f"{after_330 - after_30:+.0f} MB")


def seeds() -> None:
    """50 seeds of 10 × 32 at step 0: forward, backward and all that is measured."""
    specs = RunSpec(widths=(32,) * 10, activation="relu", initializer="he_normal").with_seeds(51)
    Trainer(specs[-1])
    seconds = milliseconds(lambda: [Trainer(spec) for spec in specs[:-1]], 1) / 1e3
    print(f"50 seeds of 10 × 32 at step 0: {seconds:.1f} s")


def many(runs: int) -> None:
    """So many runs by one worker process and by two; that each imports TensorFlow is part of the time."""
    specs = [RunSpec(widths=(16,) * depth, activation="tanh", samples=128, steps=200, seed=seed)
             for depth in (4, 8) for seed in range(runs // 2)]
    spent = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            ended = list(sweep(specs, partial(processes, workers), Path(folder) / "results.parquet"))
            spent[workers] = time.perf_counter() - start
        assert len(ended) == len(specs)
        print(f"{runs} runs by {workers} workers: {spent[workers]:6.1f} s ({spent[1] / spent[workers]:.2f}×)",
              flush=True)


def main() -> None:
    what = sys.argv[1:] or ["speed", "scaling", "memory", "recorder", "many", "room", "browser"]
    if "speed" in what:
        print(f"\nms a step, engine and NumPy in turn (model.fit once, {FIT_STEPS} steps, its trace included)")
        print(f"{'network':<36}{'engine':>9}{'NumPy':>9}{'fit':>9}{'NumPy/engine':>11}{'fit/engine':>11}"
              f"{'  measured':>10}")
        for name, spec in ROWS.items():
            compare(name, spec)
    if "scaling" in what:
        base = dict(activation="tanh", samples=256, test_fraction=0, steps=500)
        print("\nhow a step grows, everything measured")
        scaling("depth", {n: RunSpec(widths=(32,) * n, **base) for n in (5, 10, 20, 40)})
        scaling("width", {n: RunSpec(widths=(n,) * 10, **base) for n in (16, 32, 64, 128)})
        scaling("batch", {n: RunSpec(widths=(32,) * 10, **base | {"samples": n}) for n in (32, 64, 128, 256, 512)})
    if "memory" in what:
        print("\nmemory of a process that has loaded what the app loads")
        memory()
    if "recorder" in what:
        from tests.benchmarks import watching

        print("\nwhat the recorder adds to `model.fit`, in turn with it and without, in processor time")
        watching.report()
    if "many" in what:
        print("\nmany seeds, and a sweep")
        seeds()
        many(400)
    if "room" in what:
        from tests.benchmarks import room

        print("\na hall in one room, each phone asking once a second")
        room.report()
    if "browser" in what:
        from tests.benchmarks import browser

        print("\nin Chromium")
        browser.report()


if __name__ == "__main__":
    main()
