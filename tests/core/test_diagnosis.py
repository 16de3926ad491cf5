"""The verdict: real runs get the word that fits them, and every sentence says numbers of the run itself."""

from dataclasses import replace

import numpy as np
import pytest

from core.diagnosis import EXPLODING, KINDS, VANISHING, diagnose, signal_ratio, symmetric
from core.probes import LAYER_FIELDS, Layers
from core.spec import RunSpec
from core.theory import predict
from core.training import Snapshot, Trainer, train
from core.words import say, say_ratio, say_share

DEEP_SIGMOID = RunSpec(steps=60)
TANH_GLOROT = RunSpec(activation="tanh", steps=60)
RELU_HE_50 = RunSpec(widths=(32,) * 50, activation="relu", initializer="he_normal", learning_rate=0.01, steps=30)
RELU_GAIN_4 = RunSpec(activation="relu", initializer="he_normal", gain=4.0, steps=20)
ZEROS = RunSpec(activation="tanh", initializer="zeros", steps=20)
ONES = RunSpec(activation="tanh", initializer="ones", widths=(8,) * 3, steps=20)
DEAD_RELU = RunSpec(activation="relu", initializer="he_normal", widths=(8,) * 5, learning_rate=100.0, steps=20)
NO_RATE = RunSpec(widths=(4, 4), learning_rate=0.0, steps=20)
LEARNS = RunSpec(dataset="blobs", activation="relu", initializer="he_normal", widths=(16,) * 3, steps=200)


@pytest.fixture(scope="module")
def runs():
    """A run's history, trained when first asked for."""
    histories: dict[RunSpec, list[Snapshot]] = {}

    def history(spec: RunSpec) -> list[Snapshot]:
        if spec not in histories:
            histories[spec] = list(train(spec))
        return histories[spec]

    return history


@pytest.mark.parametrize(
    ("spec", "at_start", "at_end"),
    [
        (DEEP_SIGMOID, "vanishing", "vanishing"),
        (TANH_GLOROT, "healthy", "healthy"),
        (RELU_HE_50, "healthy", "healthy"),
        (RELU_GAIN_4, "exploding", "overflow"),
        (ZEROS, "symmetric", "symmetric"),
        (ONES, "symmetric", "symmetric"),
        (DEAD_RELU, "healthy", "dead"),
        (NO_RATE, "healthy", "stuck"),
        (LEARNS, "healthy", "healthy"),
        (RunSpec(widths=(8,), activation="tanh", steps=20), "healthy", "healthy"),
        (RunSpec(dataset="diabetes", widths=(16,) * 3, activation="tanh", steps=20), "healthy", "healthy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_real_run_gets_the_verdict_that_fits_it(runs, spec, at_start, at_end):
    history = runs(spec)
    assert diagnose(spec, history[:1]).kind == at_start
    assert diagnose(spec, history).kind == at_end


def test_the_first_sentences_say_the_measured_ratio_and_that_of_theory(runs):
    history = runs(DEEP_SIGMOID)
    signal = history[-1].layers.signal_rms
    what, theory, kernel, _ = diagnose(DEEP_SIGMOID, history).sentences
    assert what == f"Signal: layer 1 gets {say_share(signal[0] / signal[9])} what layer 10 gets."
    assert "1/" in what
    expected = predict(DEEP_SIGMOID).signal
    assert theory == f"Theory says {say_ratio(expected[0] / expected[-1])} for the initial weights."
    gradient = history[-1].layers.kernel_gradient_norm
    assert kernel == f"Kernel gradient: {say(gradient[0])} in layer 1, {say(gradient[9])} in layer 10."


def test_a_signal_that_shrinks_is_told_apart_from_a_kernel_gradient_that_does_not():
    """Glorot & Bengio 2010 saw it with tanh; ReLU with Glorot's weights loses half the variance a layer, both ways."""
    spec = RunSpec(widths=(32,) * 20, activation="relu")
    start = Trainer(spec).snapshot
    signal, kernel = start.layers.signal_rms[:-1], start.layers.kernel_gradient_norm[:-1]
    assert signal[0] < signal[-1] / 100
    assert kernel[0] > kernel[-1] / 3
    verdict = diagnose(spec, [start])
    assert verdict.kind == "vanishing"
    assert verdict.sentences[0].startswith("Signal: layer 1 gets 1/")
    assert verdict.sentences[2] == f"Kernel gradient: {say(kernel[0])} in layer 1, {say(kernel[-1])} in layer 20."


def test_without_a_theory_its_sentence_says_why():
    spec = ZEROS
    assert diagnose(spec, [Trainer(spec).snapshot]).sentences[1] == predict(spec).reason != ""


def test_an_overflow_names_layer_and_step(runs):
    last = runs(RELU_GAIN_4)[-1]
    kind, layer, step = last.failure
    sentence = diagnose(RELU_GAIN_4, runs(RELU_GAIN_4)).sentences[0]
    assert kind == "overflow"
    assert f"at step {step}" in sentence
    assert ("output" if layer == 11 else f"Layer {layer} ") in sentence


def test_a_dead_layer_is_named_with_the_step_since_when(runs):
    history = runs(DEAD_RELU)
    _, layer, step = history[-1].failure
    what, _, kernel, _ = diagnose(DEAD_RELU, history).sentences
    assert what.startswith(f"Layer {layer}: since step {step} ")
    assert history[-1].layers.dead_fraction[layer - 1] == 1
    assert kernel == "Kernel gradients: exactly 0 in 5 of 5 hidden layers."


@pytest.mark.parametrize("spec", [ZEROS, ONES, replace(ONES, activation="sigmoid", optimizer="adam"),
                                  replace(ONES, activation="relu", gain=0.3, batch_norm=True),
                                  replace(ONES, skip=True), replace(ONES, initializer="he_normal", gain=0.0)],
                         ids=["zeros", "ones", "sigmoid", "batch norm", "skip", "gain 0"])
def test_what_is_called_symmetric_has_equal_units_after_training(spec):
    assert symmetric(spec)
    trainer = Trainer(spec)
    while not trainer.finished:
        trainer.advance()
    for kernel, bias, *_ in trainer.weights[:-1]:
        assert (kernel == kernel[:, :1]).all()
        assert (bias == bias[0]).all()


@pytest.mark.parametrize("change", [{"initializer": "he_normal"}, {"bias_std": 0.1}, {"widths": (1, 1)},
                                    {"skip": True, "widths": (2, 2)}], ids=lambda change: next(iter(change)))
def test_what_has_unequal_units_or_only_one_is_not_called_symmetric(change):
    spec = replace(ONES, **change)
    assert not symmetric(spec)
    if max(spec.widths) > 1:
        trainer = Trainer(spec)
        while not trainer.finished:
            trainer.advance()
        assert any((kernel != kernel[:, :1]).any() or (bias != bias[0]).any() for kernel, bias in trainer.weights[:-1])


# --- made-up snapshots: the edges of the rules ----------------------------------------------------------------------


def snapshot(step=0, loss=0.7, signal=(0.1, 0.1, 0.1), kernel=None, finite=True, failure=None) -> Snapshot:
    """A snapshot with that signal in its layers (hidden ones and the output), and ones elsewhere."""
    n = len(signal)
    fields = {name: np.ones(n) for name in LAYER_FIELDS} | {"signal_rms": np.array(signal, float)}
    fields["kernel_gradient_norm"] = np.array(kernel if kernel is not None else [1.0] * n, float)
    return Snapshot(step, loss, 0.5, None, None, Layers(**fields), finite, failure)


TWO = RunSpec(widths=(4, 4), activation="tanh")


@pytest.mark.parametrize(
    ("ratio", "kind"),
    [(VANISHING, "vanishing"), (VANISHING * 1.01, "healthy"), (EXPLODING * 0.99, "healthy"), (EXPLODING, "exploding"),
     (0.0, "vanishing"), (1e-300, "vanishing"), (1e300, "exploding")],
)
def test_the_thresholds_are_where_they_are_said_to_be(ratio, kind):
    assert diagnose(TWO, [snapshot(signal=(ratio, 1.0, 1.0))]).kind == kind


@pytest.mark.parametrize(
    ("start", "now", "kind"),
    [
        ({}, {"loss": 7.0}, "exploding"),
        ({}, {"loss": 6.9}, "healthy"),
        ({}, {"loss": 0.069, "signal": (1e-9, 1, 1)}, "healthy"),
        ({}, {"loss": 0.08, "signal": (1e-9, 1, 1)}, "vanishing"),
        ({}, {"loss": 0.0, "failure": ("stuck", 1, 1)}, "healthy"),
        ({}, {"failure": ("stuck", 1, 1)}, "stuck"),
        ({}, {"failure": ("dead", 2, 1), "signal": (0, 0, 1)}, "dead"),
        ({}, {"loss": np.nan, "finite": False, "failure": ("overflow", 3, 1), "signal": (np.nan,) * 3}, "overflow"),
        ({}, {"loss": np.inf, "finite": False, "failure": ("overflow", 2, 1), "signal": (np.inf, 1, 1)}, "overflow"),
        ({"loss": 0.0}, {"loss": 0.0}, "healthy"),
        ({}, {"signal": (0.0, 0.0, 1.0)}, "vanishing"),
    ],
)
def test_what_outranks_what(start, now, kind):
    assert diagnose(TWO, [snapshot(**start), snapshot(step=30, **now)]).kind == kind


def test_a_cosine_loss_is_low_near_minus_one():
    spec = RunSpec(dataset="digits", loss="cosine_similarity", widths=(4, 4), activation="tanh")
    vanished = {"signal": (1e-9, 1.0, 1.0), "step": 50}
    assert diagnose(spec, [snapshot(loss=-0.1), snapshot(loss=-0.95, **vanished)]).kind == "healthy"
    assert diagnose(spec, [snapshot(loss=-0.1), snapshot(loss=-0.2, **vanished)]).kind == "vanishing"


@pytest.mark.parametrize(
    ("losses", "sentence"),
    [
        ({0: 0.7123}, "Loss 0.712 before the first step."),
        ({0: 0.7, 10: 0.6932, 200: 0.69315, 300: 0.69314}, "Loss 0.693, unchanged in the last 290 steps."),
        ({0: 0.6931, 1: 0.6931}, "Loss 0.693, unchanged in 1 step."),
        ({0: 0.7, 1: 0.3, 2: 0.1}, "Loss 0.100 after 2 steps, down from 0.700."),
        ({0: 0.7, 1: 1.3}, "Loss 1.30 after 1 step, up from 0.700."),
        ({0: 0.7, 1: 0.9, 1200: 0.70001}, "Loss 0.700 after 1\u202f200 steps, as at step 0."),
        ({0: 0.7, 1: np.nan}, "Loss NaN after 1 step, at step 0 it was 0.700."),
        ({0: 0.0, 5: 0.0}, "Loss 0, unchanged in 5 steps."),
    ],
)
def test_the_loss_in_words(losses, sentence):
    history = [snapshot(step, loss, finite=bool(np.isfinite(loss))) for step, loss in losses.items()]
    assert diagnose(TWO, history).sentences[3] == sentence


def test_a_ratio_needs_two_hidden_layers():
    assert signal_ratio(snapshot(signal=(0.1, 0.5)).layers) is None
    assert signal_ratio(snapshot(signal=(1, 2, 4, 5)).layers) == 0.25
    assert signal_ratio(snapshot(signal=(0, 0, 5)).layers) == 0
    assert signal_ratio(snapshot(signal=(1, 0, 5)).layers) == np.inf


def test_every_verdict_has_a_word_an_icon_a_rule_and_four_short_sentences(runs):
    for spec in (DEEP_SIGMOID, RELU_GAIN_4, ZEROS, DEAD_RELU, NO_RATE, RELU_HE_50):
        for end in range(1, len(runs(spec)) + 1):
            verdict = diagnose(spec, runs(spec)[:end])
            assert verdict.kind in KINDS
            assert verdict.word
            assert verdict.rule
            assert verdict.icon.startswith(":material/")
            assert len(verdict.sentences) == 4
            assert all(sentence.endswith(".") and 10 < len(sentence) < 110 for sentence in verdict.sentences)


def test_a_loss_that_is_not_a_number_is_not_blamed_on_the_network():
    spec = RunSpec(dataset="sine", widths=(4,), activation="tanh", loss="custom", formula="log(y_pred - 9)", steps=3)
    (only,) = train(spec)
    assert (only.failure, only.finite) == (("overflow", 2, 0), False)
    found = diagnose(spec, [only])
    assert found.kind == "overflow"
    assert found.sentences[0] == "Every prediction is finite, but the loss of them is NaN, at step 0."
