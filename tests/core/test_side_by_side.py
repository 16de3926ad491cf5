"""Several runs side by side: the order they stand in, and what is said of them."""

from dataclasses import fields, replace

import numpy as np
import pytest

from core.diagnosis import HEALTHY, diagnose
from core.initializers import INITIALIZERS
from core.lessons.initializers.setups import DEEP_RELU
from core.probes import LAYER_FIELDS, Layers
from core.shipped import opening_runs
from core.side_by_side import Entry, ranked, shares_right, under_each_initializer, verdicts_sentence, verdicts_sentences
from core.spec import RunSpec
from core.training import Snapshot
from tests import shipped

SPEC = RunSpec(widths=(8,) * 4, activation="relu")


def state(step: int, first: float, last: float = 1.0, loss: float = 0.7, finite: bool = True) -> Snapshot:
    """A snapshot whose signal goes evenly from `first` in layer 1 to `last` in the last hidden one."""
    values = {name: np.full(5, 0.1) for name in LAYER_FIELDS}
    values["signal_rms"] = np.append(np.geomspace(first, last, 4), 1.0)
    return Snapshot(step, loss, 0.5, None, None, Layers(**values), finite, None if finite else ("overflow", 2, step),
                    training_loss=loss)


def entry(label: str, *history: Snapshot, **changes) -> Entry:
    return Entry(label, replace(SPEC, **changes), history)


@pytest.fixture(scope="module")
def deep_relu() -> list[Entry]:
    histories = shipped.histories()
    each = under_each_initializer(DEEP_RELU)
    return [Entry(label, spec, histories[spec]) for label, spec in each.items()]


def test_the_runs_differ_in_their_initializer_alone():
    runs = under_each_initializer(SPEC)
    assert list(runs) == [entry.label for entry in INITIALIZERS.values()]
    assert [run.initializer for run in runs.values()] == list(INITIALIZERS)
    same = [field.name for field in fields(RunSpec) if field.name != "initializer"]
    assert all(getattr(run, name) == getattr(SPEC, name) for run in runs.values() for name in same)


def test_the_order_is_that_of_the_verdicts():
    runs = [entry("overflow", state(0, 1.0, finite=False)), entry("symmetric", state(0, 1.0), initializer="ones"),
            entry("vanishing", state(0, 1e-4)), entry("exploding", state(0, 1e4)), entry("waiting"),
            entry("learning", state(0, 0.5))]
    assert [run.label for run in ranked(runs)] == [
        "learning", "vanishing", "exploding", "symmetric", "overflow", "waiting"]


def test_equal_verdicts_stand_in_the_order_of_how_level_they_started():
    runs = [entry("fades", state(0, 1e-3)), entry("gone", state(0, 1e-9)), entry("fades less", state(0, 1e-2))]
    assert [run.label for run in ranked(runs)] == ["fades less", "fades", "gone"]
    later = [run._replace(history=[*run.history, state(9, 10.0 ** -(3 + i))]) for i, run in enumerate(runs)]
    assert [run.label for run in ranked(later)] == ["fades less", "fades", "gone"]  # nothing jumps while they train


def test_a_signal_that_is_nowhere_or_endless_can_be_ranked():
    runs = [entry("nothing", state(0, 1.0, 1.0), widths=(8,)), entry("zero", state(0, 5e-324)),
            entry("level", state(0, 1.0))]
    assert {run.label for run in ranked(runs)} == {"nothing", "zero", "level"}


def test_the_summary_counts_verdicts_and_names_the_extremes():
    runs = [entry("A", state(0, 1e-4)), entry("B", state(0, 0.5)), entry("C", state(0, 2.0)),
            entry("D", state(0, np.nan, finite=False))]
    assert verdicts_sentence(runs) == (
        "2 learning, 1 vanishing, 1 overflow. With C, layer 1 gets 2.0 times what layer 4 gets; "
        "with A, 1/10\N{NARROW NO-BREAK SPACE}000 of it.")
    assert verdicts_sentence(runs[:1]) == "1 vanishing."
    assert verdicts_sentence([entry("waiting")]) == "The first measurements come with TensorFlow."
    assert verdicts_sentence([]) == "The first measurements come with TensorFlow."


def test_the_sentences_of_all_moments_are_those_of_each(deep_relu):
    said = verdicts_sentences(deep_relu)
    assert len(said) == max(len(entry.history) for entry in deep_relu)
    for moment in (0, 1, 40, 150, len(said) - 1):
        assert said[moment] == verdicts_sentence(
            [entry._replace(history=entry.history[:moment + 1]) for entry in deep_relu])
    assert verdicts_sentences([]) == ()


def test_thirty_layers_of_relu_train_with_he_and_nothing_else(deep_relu):
    """The lesson of the page, on the runs that come with the app."""
    verdicts = {run.label: diagnose(run.spec, run.history).kind for run in deep_relu}
    assert {label for label, kind in verdicts.items() if kind in HEALTHY} == {"He normal", "He uniform"}
    losses = {run.label: run.history[-1].loss for run in deep_relu}
    assert max(losses["He normal"], losses["He uniform"]) < 0.05
    assert all(loss > 0.69 for label, loss in losses.items() if "He " not in label and label != "Ones")
    assert [run.label for run in ranked(deep_relu)][-2:] == ["Zeros", "Ones"]


def test_depth_beats_width_at_the_same_number_of_parameters():
    """The result on the start page."""
    histories = shipped.histories()
    shallow, deep = (Entry(label, spec, histories[spec]) for label, spec in
                     (("1 layer", opening_runs.SHALLOW), ("4 layers", opening_runs.DEEP)))
    assert deep.history[-1].accuracy > shallow.history[-1].accuracy + 0.1
    right = f"{shallow.history[-1].accuracy:.0%}"
    assert shares_right([shallow, deep]) == (
        f"On the right side after 300 steps: **{right}** with 1 layer, **100%** with 4 layers; 881 parameters each.")
    assert shares_right([]) == "The first measurements come with TensorFlow."
