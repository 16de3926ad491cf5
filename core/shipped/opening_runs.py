"""Finished runs that come with the app, so that a page opens with a result before TensorFlow has been imported.

`python -m core.shipped.opening_runs` trains them anew and writes the file; a test does the same and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from core.architecture import Architecture
from core.custom_loss import FIRST
from core.datasets import Split, put
from core.lessons.activations import slopes
from core.lessons.anatomy.report import OPENS, SOURCE
from core.lessons.curves import report as curves
from core.lessons.initializers.setups import DEEP_RELU
from core.lessons.losses import confident_mistake, typed_report
from core.lessons.optimizers import experiments
from core.lessons.perceptron import rule
from core.lessons.regularization import report as regularization
from core.probes import LAYER_FIELDS, Layers
from core.runs import RUNS, Run
from core.side_by_side import under_each_initializer
from core.spec import RunSpec
from core.training import Snapshot, kept_parameters, train

FILE = Path(__file__).with_name("opening_runs.npz")
SHALLOW = RunSpec(dataset="spirals", widths=(220,), activation="tanh", optimizer="adam", learning_rate=0.01)
DEEP = replace(SHALLOW, widths=(16,) * 4)  # 881 parameters, as many as SHALLOW
SPECS = (  # what the pages open with
    RunSpec(), SHALLOW, DEEP, *under_each_initializer(DEEP_RELU).values(),
    *slopes.alternatives(slopes.DEEP, slopes.SHOWN, slopes.USUAL).values(), *slopes.seeds(slopes.XOR).values(),
    *confident_mistake.pair(confident_mistake.CONFIDENT)[0], *typed_report.pair(typed_report.RUN, FIRST).values(),
    *curves.SHOWN, *regularization.OPENING, rule.NETWORK, OPENS, SOURCE, *experiments.opening())
MOST_PARAMETERS = 400  # a shipped network of no more brings its parameters along, for the picture of its boundary
NONE = -np.inf  # stands for None among the figures, where NaN is a result
_EXAMPLES = ("x_train", "y_train", "x_validation", "y_validation", "stratified")
_FIGURES = ("step", "loss", "accuracy", "validation_loss", "validation_accuracy", "finite", "training_loss")


def packed(spec: RunSpec, history: Sequence[Snapshot]) -> dict[str, np.ndarray]:
    """The run as arrays, without loss: figures `(steps, 7)`, layers `(steps, fields, layers)`, failures `(steps, 3)`,
    and the shares of dead and saturated units for all training examples `(steps, 2, layers)`.

    Of a small network also its parameters, θ and the moving statistics in one row `(steps, numbers)`.
    What TensorFlow measured is float32, so float32 holds it.
    """
    name = urlencode(spec.to_query())
    figures = [[NONE if (value := getattr(s, field)) is None else value for field in _FIGURES] for s in history]
    layers = [[getattr(s.layers, field) for field in LAYER_FIELDS] for s in history]
    failures = [[str(part) for part in s.failure or ("", 0, 0)] for s in history]
    arrays: dict[str, np.ndarray] = {
        "figures": np.array(figures, np.float64), "layers": np.array(layers, np.float32),
        "shares": np.array([[s.dead_for_all, s.saturated_for_all] for s in history], np.float32),
        "failures": np.array(failures)}
    if 0 < kept_parameters(spec) <= MOST_PARAMETERS:
        arrays["parameters"] = np.array([np.append(s.theta, s.moving) for s in history])  # type: ignore[arg-type]
    return {f"{name}|{part}": array for part, array in arrays.items()}


def packed_examples(spec: RunSpec) -> dict[str, np.ndarray]:
    """What the run learns from, as arrays."""
    name = urlencode(spec.to_query())
    return {f"{name}|{part}": array for part in _EXAMPLES if (array := getattr(spec.data(), part)) is not None}


def _spec(name: str) -> RunSpec:
    spec, notes = RunSpec.from_query(dict(parse_qsl(name)))
    assert not notes, f"{FILE.name} was made for other defaults: {notes}"
    return spec


def examples(name: str, file: Path = FILE) -> Split:
    """The examples of the run of that name."""
    with np.load(file) as arrays:
        found = {part: arrays[key] for part in _EXAMPLES if (key := f"{name}|{part}") in arrays}
    return Split(found["x_train"], found["y_train"], found.get("x_validation"), found.get("y_validation"),
                 bool(found["stratified"]))


def unpacked(name: str, file: Path = FILE) -> Run:
    """The run of that name in the file, as `packed` made its arrays."""
    with np.load(file) as arrays:
        return _unpacked(name, _spec(name), arrays)


def _unpacked(name: str, spec: RunSpec, arrays: Any) -> Run:
    history = []
    kept: Any = [(None, None)] * len(arrays[f"{name}|figures"])
    if f"{name}|parameters" in arrays:
        parameters = np.split(arrays[f"{name}|parameters"], [Architecture.of(spec).parameters], axis=1)
        kept = list(zip(*parameters, strict=True))
    parts = (arrays[f"{name}|{part}"] for part in ("figures", "layers", "shares", "failures"))
    for (step, loss, *known, finite, training_loss), layers, shares, (kind, layer, at), (theta, moving) in zip(
            *parts, kept, strict=True):
        dead, saturated = shares.astype(np.float64)
        accuracy, validation_loss, validation_accuracy = (None if one == NONE else float(one) for one in known)
        history.append(Snapshot(int(step), float(loss), accuracy, validation_loss, validation_accuracy,
                                Layers.of(layers), bool(finite), (str(kind), int(layer), int(at)) if kind else None,
                                theta=theta, moving=moving, training_loss=float(training_loss),
                                dead_for_all=dead, saturated_for_all=saturated))
    return Run(spec, history, phase="finished", shipped=True)


def names(file: Path = FILE, part: str = "figures") -> list[str]:
    """The runs of which the file has that part, each as the query of its link."""
    with np.load(file) as arrays:
        return [key.partition("|")[0] for key in arrays.files if key.endswith(f"|{part}")]


@cache
def install() -> None:
    """Puts the shipped runs and their examples where this process looks for them, once; each is read when needed."""
    for name in names():
        RUNS.offer(_spec(name), partial(unpacked, name))
    for name in names(part="x_train"):
        put(_spec(name).data_key, partial(examples, name))


def write(specs: Sequence[RunSpec] = SPECS, file: Path = FILE) -> None:
    """Trains the runs and writes them."""
    arrays: dict[str, Any] = {}
    for spec in specs:
        arrays |= packed(spec, list(train(spec)))
    for spec in {spec.data_key: spec for spec in specs}.values():  # several runs learn from the same examples
        arrays |= packed_examples(spec)
    np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    write()
