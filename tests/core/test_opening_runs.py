"""The runs that come with the app are those that the engine computes."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from dataclasses import fields
from functools import partial
from itertools import islice
from urllib.parse import parse_qsl

import numpy as np
import pytest

from core import datasets
from core.probes import Layers
from core.shipped import opening_runs
from core.spec import RunSpec
from core.training import recorded_steps, train
from tests import shipped
from tests.tiers import only_nightly

RUNS = {run.spec: run for run in shipped.runs()}
STEPS = 21  # far enough to see another engine, early enough for another processor's rounding not to have grown


def test_the_file_holds_what_the_pages_open_with():
    assert set(RUNS) == set(opening_runs.SPECS)
    assert RunSpec() in RUNS
    assert all(run.finished and run.shipped for run in RUNS.values())


def one_of_each_architecture() -> set[RunSpec]:
    """The first of the runs whose networks compute alike: same sizes, activations, norms, loss and optimizer."""
    first: dict[tuple, RunSpec] = {}
    for spec in opening_runs.SPECS:
        kind = (len(set(spec.widths)), spec.activation, spec.batch_norm, spec.dropout > 0, spec.loss_name,
                spec.optimizer)
        first.setdefault(kind, spec)
    return set(first.values())


@pytest.mark.parametrize("spec", only_nightly(dict.fromkeys(opening_runs.SPECS), one_of_each_architecture()),
                         ids=lambda spec: "&".join(spec.to_query().values()))
def test_training_it_again_gives_the_same_numbers(spec):
    history = RUNS[spec].history
    ended = not history[-1].finite
    assert [s.step for s in history] == list(recorded_steps(spec.steps))[:len(history)]
    assert ended or history[-1].step == spec.steps
    for old, new in zip(history[:STEPS], islice(train(spec), STEPS), strict=True):
        assert (old.step, old.finite, old.failure) == (new.step, new.finite, new.failure)
        for name in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
            a, b = getattr(old, name), getattr(new, name)
            assert a == b if b is None else a == pytest.approx(b, rel=0.01, abs=0.02, nan_ok=True), name
        for field in fields(Layers):
            a, b = getattr(old.layers, field.name), getattr(new.layers, field.name)
            small = 0.02 * np.abs(b[np.isfinite(b)]).max(initial=0)
            assert np.allclose(a, b, rtol=0.02, atol=small, equal_nan=True), field.name


def test_packing_loses_nothing(tmp_path):
    spec = RunSpec(widths=(4, 4), activation="relu", initializer="he_normal", gain=20.0, learning_rate=100.0, steps=30)
    opening_runs.write([spec, RunSpec(dataset="sine", test_fraction=0.0, steps=5)], tmp_path / "two.npz")
    overflow, sine = shipped.runs(tmp_path / "two.npz")
    for run in (overflow, sine):
        for old, new in zip(run.history, train(run.spec), strict=True):
            assert str(old) == str(new)  # NaN is no equal of itself, its text is
    assert overflow.history[-1].failure is not None
    assert sine.history[-1].accuracy is None
    assert sine.history[-1].validation_loss is None


@pytest.mark.parametrize("name", opening_runs.names(part="x_train"))
def test_the_examples_that_come_with_the_app_are_those_that_would_be_made(name, monkeypatch):
    """So it changes no answer whether a page has brought them, and whether they had to make room."""
    monkeypatch.setattr(datasets, "_elsewhere", OrderedDict())
    spec, notes = RunSpec.from_query(dict(parse_qsl(name)))
    made = spec.data()
    datasets.put(spec.data_key, partial(opening_runs.examples, name))
    ours = spec.data()
    assert not notes
    assert ours is not made
    assert ours.stratified is made.stratified
    for part in ("x_train", "y_train", "x_validation", "y_validation"):
        a, b = getattr(ours, part), getattr(made, part)
        assert (a is None) == (b is None), part
        assert a is None or (a.dtype == b.dtype and np.array_equal(a, b)), part


def test_the_examples_of_every_shipped_run_come_with_it():
    specs = [RunSpec.from_query(dict(parse_qsl(name)))[0] for name in opening_runs.names(part="x_train")]
    assert {spec.data_key for spec in specs} == {spec.data_key for spec in opening_runs.SPECS}
    assert len(specs) == len({spec.data_key for spec in specs})


def test_the_examples_of_every_shipped_run_are_there_without_scikit_learn():
    code = ("import sys\n"
            "from core.shipped import opening_runs\n"
            "opening_runs.install()\n"
            "assert all(len(spec.data().x_train) for spec in opening_runs.SPECS)\n"
            "sys.exit('sklearn' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
