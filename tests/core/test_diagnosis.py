"""The verdict: real runs get the word that fits them, and every sentence says numbers of the run itself."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.causes import CAUSES, symmetric
from core.diagnosis import (
    BETTER,
    EXPLODING,
    KINDS,
    LEARNED,
    VANISHING,
    diagnose,
    kinds,
    signal_ratio,
    verdicts,
)
from core.lessons.gradients.xor_seeds import XOR
from core.probes import LAYER_FIELDS, Layers
from core.spec import RunSpec
from core.theory import predict
from core.training import Snapshot, Trainer, train
from core.words import say, say_share

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
        (RELU_GAIN_4, "exploding", "overflow"),
        (ZEROS, "symmetric", "symmetric"),
        (ONES, "symmetric", "symmetric"),
        (DEAD_RELU, "learning", "dead"),
        (NO_RATE, "learning", "stuck"),
        (LEARNS, "learning", "learned"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_real_run_gets_the_verdict_that_fits_it(runs, spec, at_start, at_end):
    history = runs(spec)
    assert diagnose(spec, history[:1]).kind == at_start
    assert diagnose(spec, history).kind == at_end


@pytest.mark.parametrize("spec", [DEEP_SIGMOID, LEARNS, DEAD_RELU, RELU_GAIN_4], ids=lambda spec: spec.activation)
def test_all_verdicts_of_a_run_are_those_of_its_beginnings(runs, spec):
    history = runs(spec)
    for end, verdict in enumerate(verdicts(spec, history), 1):
        alone = diagnose(spec, history[:end])
        assert (alone.kind, alone.sentences, alone.cause) == (verdict.kind, verdict.sentences, verdict.cause)


def test_the_sentences_say_the_measured_ratio_and_that_of_theory(runs):
    history = runs(DEEP_SIGMOID)
    signal = history[-1].layers.signal_rms
    sentences = diagnose(DEEP_SIGMOID, history).sentences
    assert f" {say(signal[9] / signal[0])} times less than layer 10." in sentences[0]
    expected = predict(DEEP_SIGMOID).signal
    assert (f"For the initial weights theory expects layer 1 to get {say_share(expected[0] / expected[-1])} what layer "
            "10 gets.") in sentences
    gradient = history[-1].layers.kernel_gradient_norm
    assert f"Kernel gradient: {say(gradient[0])} in layer 1, {say(gradient[9])} in layer 10." in sentences


def test_a_signal_that_shrinks_is_told_apart_from_a_kernel_gradient_that_does_not():
    """Glorot & Bengio 2010 saw it with tanh; ReLU with Glorot's weights loses half the variance a layer, both ways."""
    spec = RunSpec(widths=(32,) * 20, activation="relu")
    start = Trainer(spec).snapshot
    signal, kernel = start.layers.signal_rms[:-1], start.layers.kernel_gradient_norm[:-1]
    assert signal[0] < signal[-1] / 100
    assert kernel[0] > kernel[-1] / 3
    verdict = diagnose(spec, [start])
    assert (verdict.kind, verdict.cause) == ("vanishing", "scale_small")
    assert f"Kernel gradient: {say(kernel[0])} in layer 1, {say(kernel[-1])} in layer 20." in verdict.sentences


def test_without_a_theory_its_sentence_says_why():
    assert predict(ZEROS).reason in diagnose(ZEROS, [Trainer(ZEROS).snapshot]).sentences


def test_an_overflow_names_layer_and_step(runs):
    last = runs(RELU_GAIN_4)[-1]
    kind, layer, step = last.failure
    sentence = diagnose(RELU_GAIN_4, runs(RELU_GAIN_4)).sentences[0]
    assert kind == "overflow"
    assert f"at step {step}" in sentence
    assert ("output" if layer == 11 else f"Layer {layer} ") in sentence


def test_a_dead_layer_is_named(runs):
    history = runs(DEAD_RELU)
    layer = int(np.argmax(history[-1].dead_for_all[:-1] == 1)) + 1
    verdict = diagnose(DEAD_RELU, history)
    assert verdict.sentences[0].startswith(f"Layer {layer} is dead")
    assert "Kernel gradients: exactly 0 in 5 of 5 hidden layers." in verdict.sentences
    assert verdict.cause == "rate_large"


def test_one_mini_batch_is_not_judged():
    """XOR's four points, one a batch: some batch or other has every unit off, all four together never do."""
    spec = replace(XOR, batch_size=1)
    found = Counter(kinds(spec, history)[-1] for history in ([*train(replace(spec, seed=seed))] for seed in range(3)))
    assert not found["dead"]


def test_what_is_not_a_number_in_inference_alone_is_an_overflow():
    spec = RunSpec(widths=(32,) * 50, activation="relu", initializer="he_normal", batch_norm=True, learning_rate=10.0,
                   steps=1)
    history = list(train(spec))
    assert history[-1].finite
    verdict = diagnose(spec, history)
    assert verdict.kind == "overflow"
    assert verdict.sentences[0].startswith("At step 1 the loss of the network's answers to all training examples")


def test_with_equal_kernels_of_zero_only_the_last_bias_learns(runs):
    verdict = diagnose(ZEROS, runs(ZEROS))
    assert verdict.cause == "only_output_bias"
    assert not {"batch_norm", "clip"} & {cure.name for cure in verdict.cures}
    trainer = Trainer(ZEROS)
    while not trainer.finished:
        trainer.advance()
    assert not any(kernel.any() or bias.any() for kernel, bias in trainer.weights[:-1])


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


def snapshot(step=0, loss=0.7, signal=(0.1, 0.1, 0.1), finite=True, failure=None, accuracy=0.5, dead=0.0) -> Snapshot:
    """A snapshot with that signal in its layers (hidden ones and the output), and ones elsewhere."""
    n = len(signal)
    fields = {name: np.ones(n) for name in LAYER_FIELDS} | {"signal_rms": np.array(signal, float)}
    return Snapshot(step, loss, accuracy, None, None, Layers(**fields), finite, failure, training_loss=loss,
                    dead_for_all=np.append(np.full(n - 1, dead), 0.0), saturated_for_all=np.zeros(n))


TWO = RunSpec(widths=(4, 4), activation="tanh")
GUESS = np.log(2)  # of circles, half of which are of either class


@pytest.mark.parametrize(
    ("ratio", "kind"),
    [(VANISHING, "vanishing"), (VANISHING * 1.01, "learning"), (EXPLODING * 0.99, "learning"), (EXPLODING, "exploding"),
     (0.0, "vanishing"), (1e-300, "vanishing"), (1e300, "exploding")],
)
def test_the_thresholds_are_where_they_are_said_to_be(ratio, kind):
    assert diagnose(TWO, [snapshot(signal=(ratio, 1.0, 1.0))]).kind == kind


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ({"loss": 7.1}, "exploding"),
        ({"loss": 6.9}, "not_learning"),
        ({"loss": LEARNED * GUESS, "signal": (1e-9, 1, 1)}, "learned"),
        ({"loss": 1.1 * LEARNED * GUESS, "signal": (1e-9, 1, 1)}, "learning"),
        ({"loss": 0.0, "failure": ("stuck", 1, 1)}, "learned"),
        ({"failure": ("stuck", 1, 1)}, "stuck"),
        ({"loss": (1 - 0.9 * BETTER) * GUESS, "signal": (1e-9, 1, 1)}, "vanishing"),
        ({"loss": (1 - 1.1 * BETTER) * GUESS, "signal": (1e-9, 1, 1)}, "learning"),
        ({"loss": 2.0, "accuracy": 0.9, "signal": (1e-9, 1, 1)}, "learning"),
        ({"dead": 1.0, "signal": (0, 0, 1)}, "dead"),
        ({"loss": 0.3, "dead": 1.0, "signal": (0, 0, 1)}, "learning"),
        ({"loss": np.nan, "finite": False, "failure": ("overflow", 3, 1), "signal": (np.nan,) * 3}, "overflow"),
        ({"loss": np.inf, "finite": False, "failure": ("overflow", 2, 1), "signal": (np.inf, 1, 1)}, "overflow"),
        ({"loss": np.nan}, "overflow"),
        ({"signal": (0.0, 0.0, 1.0)}, "vanishing"),
    ],
)
def test_what_outranks_what(now, kind):
    assert kinds(TWO, [snapshot(), snapshot(step=30, **now)])[-1] == kind
    assert diagnose(TWO, [snapshot(), snapshot(step=30, **now)]).kind == kind


def test_a_sign_that_is_away_for_a_moment_is_said_with_the_step_at_which_it_was_there():
    """A run like that once had no sentence at all: what is said lags behind what is seen."""
    dies = [snapshot(step, GUESS, dead=float(step > 0 and step != 80), signal=(0, 0, 1) if step else (1, 1, 1))
            for step in range(81)]
    verdict = diagnose(TWO, dies)
    assert verdict.kind == "dead"
    assert verdict.sentences[0].startswith("At step 79: layer 1 is dead")
    grows = [snapshot(step, GUESS * (1 if step == 0 else 30 if step < 60 else 1.5)) for step in range(61)]
    assert diagnose(TWO, grows).sentences[0].startswith("At step 59: the answers get worse")


def test_a_skip_connection_leads_round_a_dead_layer():
    skipping = replace(TWO, skip=True, widths=(2, 2))
    assert kinds(TWO, [snapshot(dead=1.0)]) == ["dead"]
    assert kinds(skipping, [snapshot(dead=1.0)]) == ["learning"]


def test_a_cosine_loss_is_low_near_minus_one():
    spec = RunSpec(dataset="digits", loss="cosine_similarity", widths=(4, 4), activation="tanh")
    vanished = {"signal": (1e-9, 1.0, 1.0), "step": 50}
    assert diagnose(spec, [snapshot(loss=-0.1), snapshot(loss=-0.95, **vanished)]).kind == "learned"
    assert diagnose(spec, [snapshot(loss=-0.1), snapshot(loss=-0.2, **vanished)]).kind == "vanishing"


@pytest.mark.parametrize(("share", "kind"), [(0.3, "learning"), (0.05, "slow"), (0.0001, "not_learning")])
def test_a_loss_that_falls_is_measured_by_where_it_gets_at_that_pace(share, kind):
    """In 300 steps the loss falls by a share, evenly: to a tenth of a guess it is ln 20 by ln(1 − share) such runs."""
    history = [snapshot(step, 2 * GUESS * (1 - share) ** (step / 300)) for step in range(0, 301, 10)]
    assert kinds(TWO, history)[-1] == kind
    needed = diagnose(TWO, history).evidence["steps_needed"]
    assert needed == pytest.approx(300 * np.log(20 * (1 - share)) / -np.log(1 - share), rel=1e-3)


def test_a_verdict_changes_only_when_all_of_late_says_so():
    """One better moment in forty is no learning, and one worse is none the less."""
    flat = [snapshot(step, GUESS, signal=(1e-9, 1, 1)) for step in range(100)]
    spiked = [snapshot(one.step, 0.9 * GUESS if one.step == 70 else GUESS, signal=(1e-9, 1, 1)) for one in flat]
    assert set(kinds(TWO, spiked)) == {"vanishing"}
    learns = [snapshot(one.step, GUESS * (1.2 if one.step == 70 else 1 if one.step < 30 else 0.5)) for one in flat]
    assert kinds(TWO, learns)[40:] == ["learning"] * 60


def test_one_spike_is_no_forgetting_and_three_are():
    def said(bad: range) -> list[str]:
        return kinds(TWO, [snapshot(step, GUESS * (0.8 if step in bad else 0.05 if step > 30 else 1.0))
                           for step in range(100)])

    assert said(range(60, 62))[31:] == ["learned"] * 69
    assert said(range(60, 64))[61:64] == ["learned", "learning", "learning"]
    assert said(range(60, 64))[64:72] == ["learning"] * 8  # and learns again when a tenth of the steps say so
    assert said(range(60, 64))[-1] == "learned"
    assert "thrown back" in diagnose(TWO, [snapshot(0, GUESS), *(snapshot(step, 0.01) for step in range(1, 50)),
                                           snapshot(50, 0.5)]).sentences[0]


def test_all_right_though_hardly_sure_is_learning():
    """Answers may all be right while every one of them is as good as undecided."""
    history = [snapshot(step, GUESS, accuracy=0.5 if step < 30 else 1.0, signal=(1e-9, 1, 1)) for step in range(100)]
    assert (kinds(TWO, history)[20], kinds(TWO, history)[-1]) == ("vanishing", "learning")


def test_a_mini_batch_that_changes_nothing_is_not_yet_stuck():
    """Hinge has no slope where the margin is kept: for one example, that is no reason to give up."""
    spec = replace(TWO, loss="hinge", batch_size=16)
    still = [snapshot(step, 0.98, failure=("stuck", 1, 1) if step else None) for step in range(40)]
    assert spec.epoch_steps > 5
    found = kinds(spec, still)
    assert (found[spec.epoch_steps - 1], found[spec.epoch_steps + 1]) == ("learning", "stuck")


def test_the_loss_stands_beside_that_of_a_guess():
    said = diagnose(TWO, [snapshot(), snapshot(300, 0.5, accuracy=0.75)]).sentences[1]
    assert said == "Loss 0.500 and 75% right; a guess has 0.693 and 50%."
    endless = replace(TWO, dataset="sine", loss="custom", formula="y_pred")
    assert diagnose(endless, [snapshot(accuracy=None), snapshot(9, -4.0, accuracy=None)]).sentences[1] == (
        "Loss −4.00, at step 0 it was 0.700.")


def test_a_ratio_needs_two_hidden_layers():
    assert signal_ratio(snapshot(signal=(0.1, 0.5)).layers) is None
    assert signal_ratio(snapshot(signal=(1, 2, 4, 5)).layers) == 0.25
    assert signal_ratio(snapshot(signal=(0, 0, 5)).layers) == 0
    assert signal_ratio(snapshot(signal=(1, 0, 5)).layers) == np.inf


def test_every_verdict_has_a_word_an_icon_a_rule_sentences_numbers_and_a_cause(runs):
    for spec in (DEEP_SIGMOID, RELU_GAIN_4, ZEROS, DEAD_RELU, NO_RATE, RELU_HE_50):
        for verdict in verdicts(spec, runs(spec)):
            assert verdict.kind in KINDS
            assert verdict.word
            assert verdict.rule
            assert verdict.icon.startswith(":material/")
            assert all(sentence.endswith(".") and 10 < len(sentence) < 240 for sentence in verdict.sentences)
            assert verdict.cause in CAUSES
            assert all(isinstance(number, int | float) for number in verdict.evidence.values())
            assert all(cure.of(spec) != spec for cure in verdict.cures)


def test_a_loss_that_is_not_a_number_is_not_blamed_on_the_network():
    spec = RunSpec(dataset="sine", widths=(4,), activation="tanh", loss="custom", formula="log(y_pred - 9)", steps=3)
    (only,) = train(spec)
    assert (only.failure, only.finite) == (("overflow", 2, 0), False)
    found = diagnose(spec, [only])
    assert found.kind == "overflow"
    assert found.sentences[0] == "At step 0 every prediction is finite, but their loss is NaN."


# --- outputs of one's own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [
    {"output": "softmax"},  # its loss falls in Keras, and every answer is 1
    {"dataset": "sine", "loss": "binary_crossentropy", "output": "sigmoid"},  # falls without limit
    {"dataset": "blobs", "loss": "binary_crossentropy", "output": "sigmoid", "output_units": 1},
    {"loss": "categorical_crossentropy", "output": "softmax"},
])
def test_a_loss_that_falls_for_nothing_is_not_called_learned(values):
    spec = RunSpec(**values, widths=(16,), activation="tanh", optimizer="adam", learning_rate=0.05, steps=150)
    history = list(train(spec))
    verdict = diagnose(spec, history)
    assert verdict.kind not in ("learned", "learning")
    assert verdict.cause == "output"
    (first, *_) = verdict.cures
    assert first.of(spec) == RunSpec(**{name: value for name, value in values.items() if name == "dataset"},
                                     widths=(16,), activation="tanh", optimizer="adam", learning_rate=0.05, steps=150)
    assert all(sentence.endswith(".") for sentence in verdict.sentences)


def test_two_units_for_two_classes_learn_and_are_called_learned():
    spec = RunSpec(output="softmax", output_units=2, loss="categorical_crossentropy", widths=(16,), activation="tanh",
                   optimizer="adam", learning_rate=0.05, steps=150)
    assert diagnose(spec, list(train(spec))).kind == "learned"
