"""What the recorder costs: `model.fit` with and without it, in turn, in processor time.

Processor time, because the machine may be shared: what others do then moves the figures less. A long run has 10,000
steps and 200 records on top of the first 21; its cost is the share of processor time that the recorder adds. A short
run has 100 steps, each recorded where it can be, and its cost is in milliseconds a record, the tracing of the pass
apart.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LONG, SHORT, BATCH, ROUNDS = 10_000, 100, 32, 3


def dense(keras: Any) -> tuple[Any, np.ndarray]:
    return [keras.Input((64,)), *(keras.layers.Dense(64, "relu") for _ in range(3))], _values(64)


def convolutional(keras: Any) -> tuple[Any, np.ndarray]:
    of = keras.layers
    return [keras.Input((16, 16, 1)), of.Conv2D(8, 3, activation="relu"), of.MaxPooling2D(),
            of.Conv2D(16, 3, activation="relu"), of.Flatten()], _values(16, 16, 1)


def recurrent(keras: Any) -> tuple[Any, np.ndarray]:
    return [keras.Input((16, 8)), keras.layers.LSTM(32)], _values(16, 8)


ROWS: dict[str, Callable[[Any], tuple[Any, np.ndarray]]] = {
    "64 → 64 → 64 → 64 → 10, batch 32": dense, "two convolutions on 16 × 16, batch 32": convolutional,
    "LSTM of 32 on 16 steps, batch 32": recurrent}


def _values(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3200, *shape)).astype(np.float32)


class Fitted:
    """A compiled model with its data; trained for so many steps, with the recorder or without."""

    def __init__(self, make: Callable[[Any], tuple[Any, np.ndarray]]) -> None:
        import keras

        layers, self.x = make(keras)
        self.y = np.arange(len(self.x)) % 10
        self.model = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
        self.model.compile("adam", "sparse_categorical_crossentropy")
        self.seconds(BATCH, None)  # traced

    def seconds(self, steps: int, path: Path | None) -> float:
        from core.watch import Watch

        callbacks = [Watch(path, self.x, self.y)] if path else []
        start = time.process_time()
        self.model.fit(self.x, self.y, batch_size=BATCH, steps_per_epoch=100, epochs=max(1, steps // 100), verbose=0,
                       callbacks=callbacks)
        return time.process_time() - start


def report(long: int = LONG, rounds: int = ROUNDS) -> None:
    print(f"{'network':<40}{'fit':>9}{'recorder':>10}{'share':>8}{'first record':>14}{'later ones':>12}{'file':>9}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.watch.json"
        for name, make in ROWS.items():
            one = Fitted(make)
            plain, watched, short = [], [], []
            for _ in range(rounds):
                plain.append(one.seconds(long, None))
                watched.append(one.seconds(long, path))
                short.append((one.seconds(SHORT, path) - one.seconds(SHORT, None), len(_steps(path))))
            added = statistics.median(later - earlier for earlier, later in zip(plain, watched, strict=True))
            fit = statistics.median(plain)
            one.seconds(long, path)
            records, size = len(_steps(path)), path.stat().st_size
            # both runs trace the pass once: what they differ in is the number of records
            first, few = statistics.median(cost for cost, _ in short), short[0][1]
            each = max(0.0, added - first) / (records - few)
            print(f"{name:<40}{fit:>7.2f} s{added:>8.2f} s{added / fit:>8.1%}{first - few * each:>12.2f} s"
                  f"{each * 1e3:>9.1f} ms{size / 1e3:>6.0f} kB", flush=True)


def _steps(path: Path) -> list[int]:
    content = json.loads(path.read_text())
    assert content["stopped"] == "", content["stopped"]
    return [moment["step"] for moment in content["moments"]]
