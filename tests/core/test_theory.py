"""Theory against integrals by another rule, against published numbers, and against networks that were measured."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.losses import LOSSES
from core.network import backpropagate, initial_weights
from core.spec import RunSpec
from core.theory import (
    _output_errors,
    chi,
    gaussian_mean,
    length_map,
    predict,
)
from tests.tiers import ALL

ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.elementwise]
RANDOM = [name for name, entry in INITIALIZERS.items() if entry.random]
PLANE = ("xor", "circles", "moons", "spirals", "blobs")
SEEDS = range(10 if ALL else 5)
EXAMPLES = 64  # of each set
TOLERANCE = 0.1 if ALL else 0.15  # decades; a median of fewer seeds scatters more


def plain(**choices) -> RunSpec:
    """Ten layers of 256 on all of a small data set."""
    fixed = {"dataset": "circles", "samples": EXAMPLES, "test_fraction": 0.0, "widths": (256,) * 10, "steps": 1}
    return RunSpec(**fixed | choices)


def rms(arrays, rows=slice(None)) -> np.ndarray:
    return np.array([np.sqrt(np.mean(np.square(array[rows].astype(np.float64)))) for array in arrays])


def deviations(spec: RunSpec, seeds) -> tuple[np.ndarray, np.ndarray]:
    """Measured over expected in decades, signal and z, (seeds, hidden layers); data are those of the spec's seed."""
    data, theory = spec.data(), predict(spec)
    assert theory.reason == ""
    x, y = data.x_train[: spec.batch], data.y_train[: spec.batch]
    signal, forward = [], []
    for seed in seeds:
        passed = backpropagate(spec, initial_weights(replace(spec, seed=seed)), x, y)
        measured = rms(passed.signals[:-1])
        signal.append(np.log10(measured / measured[-1] / theory.signal))
        forward.append(np.log10(rms(passed.pre_activations[:-1]) / theory.forward))
    return np.array(signal), np.array(forward)


# --- one layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", [1e-6, 0.1, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("facet", ["fn", "derivative"])
def test_expectations_are_those_of_adaptive_quadrature(name, facet, q):
    function = getattr(ACTIVATIONS[name], facet)

    def integrand(z):
        return float(function(np.array(np.sqrt(q) * z))) ** 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    inner = [z / np.sqrt(q) for z in (1, 5, 30) if z / np.sqrt(q) < 12]
    ends = sorted({0.0, 1.0, 4.0, 12.0, *inner})
    ends = [-end for end in ends[:0:-1]] + ends
    pieces = [quad(integrand, a, b, epsabs=0, epsrel=1e-10, limit=200)[0] for a, b in pairwise(ends)]
    assert float(gaussian_mean(lambda z: function(z) ** 2, q)) == pytest.approx(
        sum(pieces), rel=1e-7 if q < 1e4 else 1e-5)


def test_piecewise_linear_activations_have_closed_forms():
    q = np.array([1e-6, 1.0, 1e6])
    np.testing.assert_allclose(length_map("relu", q, 2.0), q, rtol=1e-10)
    np.testing.assert_allclose(chi("relu", q, 2.0), 1, rtol=1e-10)  # He: exactly 1 a layer
    np.testing.assert_allclose(chi("relu", q, 1.0), 0.5, rtol=1e-10)  # Glorot: 1/2 in variance
    np.testing.assert_allclose(length_map("leaky_relu", q, 1.0, alpha=0.3), q * (1 + 0.3**2) / 2, rtol=1e-10)
    np.testing.assert_allclose(chi("leaky_relu", q, 1.0, alpha=0.3), (1 + 0.3**2) / 2, rtol=1e-10)
    np.testing.assert_allclose(length_map("linear", q, 1.5, 0.5), 1.5 * q + 0.5, rtol=1e-10)


def settled(activation: str, variance_times_fan_in: float, bias_variance: float = 0.0, q: float = 2.0) -> float:
    """The variance of z in the hundredth layer, when it is q in the first."""
    for _ in range(100):
        q = float(length_map(activation, q, variance_times_fan_in, bias_variance))
    return q


def test_tanh_of_schoenholz():
    """Schoenholz et al. 2017: with σ_b² = 0.05 deep layers keep the signal at σ_w² = 1.7610."""
    assert chi("tanh", settled("tanh", 1.0, 0.05), 1.0) == pytest.approx(0.75903, abs=5e-6)
    assert chi("tanh", settled("tanh", 1.7610, 0.05), 1.7610) == pytest.approx(1, abs=5e-5)
    assert chi("tanh", settled("tanh", 1.75, 0.05), 1.75) < 0.999
    assert chi("tanh", settled("tanh", 1.77, 0.05), 1.77) > 1.001


def test_a_sigmoid_layer_keeps_a_quarter_of_the_signal_at_most():
    assert chi("sigmoid", settled("sigmoid", 1.0), 1.0) ** 0.5 == pytest.approx(0.236, abs=5e-4)


def test_selu_keeps_variance_one():
    assert settled("selu", 1.0) == pytest.approx(1, abs=1e-6)  # Klambauer et al. 2017
    mean = float(gaussian_mean(ACTIVATIONS["selu"].fn, 1.0))
    assert mean == pytest.approx(0, abs=1e-6)


# --- every pair of activation and initializer -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """For each pair and data set the decades by which each seed's signal is off, (seeds, hidden layers)."""
    result: dict = {}
    for initializer in RANDOM:
        for group in (PLANE[:-1], PLANE[-1:]):  # sets with one output share a pass, each in rows of its own
            specs = {name: plain(dataset=name, initializer=initializer) for name in group}
            x, y = (
                np.concatenate([getattr(spec.data(), part) for spec in specs.values()])
                for part in ("x_train", "y_train")
            )
            expected = {
                (activation, name): predict(replace(spec, activation=activation)).signal
                for activation in ELEMENTWISE
                for name, spec in specs.items()
            }
            for seed in SEEDS:
                weights = initial_weights(replace(specs[group[0]], seed=seed))
                for activation in ELEMENTWISE:
                    signals = backpropagate(replace(specs[group[0]], activation=activation), weights, x, y).signals
                    for k, name in enumerate(group):
                        measured = rms(signals[:-1], slice(k * EXAMPLES, (k + 1) * EXAMPLES))
                        off = np.log10(measured / measured[-1] / expected[activation, name])
                        result.setdefault((activation, initializer), {}).setdefault(name, []).append(off)
    return {pair: {name: np.array(rows) for name, rows in sets.items()} for pair, sets in result.items()}


def worst(off: np.ndarray) -> tuple[float, int]:
    """The median over seeds that is furthest off, in decades, and its layer, counted from 1."""
    median = np.median(off, axis=0)
    layer = int(np.abs(median).argmax())
    return float(median[layer]), layer + 1


def test_the_table_of_all_pairs(table, capsys):
    lines = [
        "",
        f"Signal, measured over expected in decades: median of {len(SEEDS)} seeds in the layer that is furthest off;",
        "ten layers of 256, first over all five sets, then in the set that is furthest off.",
        f"{'activation':<12}{'initializer':<17}{'all sets':>9} {'layer':>6}   {'worst set':<10}{'off':>7} {'layer':>6}",
    ]
    for (activation, initializer), sets in table.items():
        off, layer = worst(np.concatenate(list(sets.values())))
        name, (off_set, layer_set) = max(
            ((name, worst(rows)) for name, rows in sets.items()), key=lambda item: abs(item[1][0])
        )
        lines.append(
            f"{activation:<12}{initializer:<17}{off:>+9.3f} {layer:>6}   {name:<10}{off_set:>+7.3f} {layer_set:>6}"
        )
    with capsys.disabled():
        print("\n".join(lines))
    assert len(table) == len(ELEMENTWISE) * len(RANDOM)


@pytest.mark.parametrize("initializer", RANDOM)
@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_a_pair_is_within_a_tenth_of_a_decade_in_every_layer(table, activation, initializer):
    off, layer = worst(np.concatenate(list(table[activation, initializer].values())))
    assert abs(off) < TOLERANCE, f"layer {layer}"


@pytest.mark.parametrize("initializer", RANDOM)
@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_no_single_set_is_further_off_than_the_scatter_of_ten_seeds_explains(table, activation, initializer):
    for name, rows in table[activation, initializer].items():
        scatter = 1.2533 * rows.std(axis=0, ddof=1) / np.sqrt(len(rows))  # standard error of a median
        assert (np.abs(np.median(rows, axis=0)) < TOLERANCE + scatter).all(), name


# --- what else a network may have -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choices",
    [
        {"dropout": 0.5, "activation": "relu", "initializer": "he_normal"},
        {"dropout": 0.3, "activation": "tanh"},
        {"bias_std": 0.3, "activation": "tanh"},
        {"gain": 1.5, "activation": "tanh", "initializer": "orthogonal"},
        {"activation": ("relu", "tanh", "sigmoid", "selu", "linear") * 2, "initializer": "lecun_normal"},
        {"activation": "elu", "alpha": 0.5},
        {"widths": (64, 256, 128, 512, 256), "activation": "tanh"},
        {"dataset": "digits", "activation": "tanh"},
        {"dataset": "sine", "activation": "selu", "initializer": "lecun_normal"},
        {"loss": "mse", "activation": "tanh", "gain": 2.0},
        {"loss": "hinge", "activation": "tanh", "gain": 2.0},
        {"dataset": "blobs", "loss": "cosine_similarity", "activation": "tanh"},
        {"skip": True, "activation": "tanh"},
        {"skip": True, "activation": "linear"},
        {"skip": True, "activation": "sigmoid"},
        {"skip": True, "activation": "tanh", "dropout": 0.3, "widths": (128,) * 5 + (256,) * 5},
        {"batch_norm": True, "activation": "relu", "initializer": "he_normal"},
        {"batch_norm": True, "activation": "tanh"},
        {"batch_norm": True, "activation": "gelu"},
        {"batch_norm": True, "activation": "relu", "batch_size": 32},
        {"batch_norm": True, "dataset": "digits", "samples": 256, "activation": "linear"},
        {"batch_norm": (True, False) * 5, "activation": "tanh"},
        {"batch_norm": True, "activation": "relu", "skip": True},
        {"batch_norm": True, "activation": "tanh", "skip": True, "dropout": 0.3},
    ],
    ids=lambda choices: " ".join(f"{name}={value}" for name, value in choices.items()),
)
def test_a_network_of_any_kind_is_within_a_tenth_of_a_decade_but_for_scatter(choices):
    for off in deviations(plain(**choices), SEEDS):
        scatter = 1.2533 * off.std(axis=0, ddof=1) / np.sqrt(len(off))
        assert (np.abs(np.median(off, axis=0)) < TOLERANCE + scatter).all(), np.median(off, axis=0)


def test_relu_with_batch_norm_grows_the_signal_as_yang_found():
    factor = np.sqrt(np.pi / (np.pi - 1))  # of the RMS of the signal a layer, deep down (Yang et al. 2019)
    spec = plain(dataset="digits", samples=256, activation="relu", batch_norm=True, widths=(256,) * 20)
    signal = predict(spec).signal
    assert (signal[4] / signal[14]) ** 0.1 == pytest.approx(factor, rel=0.01)
    measured = rms(backpropagate(spec, initial_weights(spec), spec.data().x_train, spec.data().y_train).signals)
    assert (measured[4] / measured[14]) ** 0.1 == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize(
    ("dataset", "loss"),
    [
        (dataset, loss)
        for dataset, task in (("circles", "binary"), ("blobs", "multiclass"), ("sine", "regression"))
        for loss, entry in LOSSES.items()
        if task in entry.outputs
    ],
)
def test_the_error_of_an_output_is_what_back_propagation_gives(dataset, loss):
    spec = plain(dataset=dataset, loss=loss, widths=(16,), activation="tanh", gain=3.0)
    data = spec.data()
    passed = backpropagate(spec, initial_weights(spec), data.x_train, data.y_train)
    errors = _output_errors(spec, passed.pre_activations[-1][None].astype(np.float64), data.y_train)
    np.testing.assert_allclose(errors[0], passed.signals[-1] * EXAMPLES, rtol=1e-3, atol=1e-5)


# --- where there is no theory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"initializer": "zeros"}, "all weights of a kernel are equal"),
        ({"initializer": "ones"}, "all weights of a kernel are equal"),
        ({"gain": 0.0}, "all weights of a kernel are equal"),
        ({"skip": True, "activation": "relu"}, "same slope on both sides"),
        ({"skip": True, "activation": "relu", "batch_norm": (True, False) * 5}, "same slope on both sides"),
        ({"batch_norm": True, "activation": "linear"}, "few dimensions"),
        ({"batch_norm": True, "activation": "relu", "batch_size": 4}, "fewer than 8 examples"),
        ({"activation": "relu", "initializer": "he_normal", "gain": 20.0, "widths": (256,) * 50}, "float32"),
    ],
)
def test_a_network_without_a_theory_gets_a_reason(choices, reason):
    theory = predict(plain(**choices))
    assert theory.signal is None
    assert theory.forward is None
    assert reason in theory.reason


def test_one_sided_activations_with_skip_connections_do_drift():
    spec = plain(skip=True, activation="relu", initializer="he_normal", widths=(32,) * 30)
    passed = [
        backpropagate(spec, initial_weights(replace(spec, seed=seed)), spec.data().x_train, spec.data().y_train)
        for seed in SEEDS
    ]
    measured = np.median([rms(p.signals[:-1])[[0, -1]] for p in passed], axis=0)
    without_drift = 2 ** (29 / 2)  # a skip connection adds 1 to the χ = 1 of ReLU with He's variance
    assert measured[0] / measured[1] > 5 * without_drift


def test_what_underflows_in_float32_still_has_a_theory():
    signal = predict(plain(activation="sigmoid", gain=0.1, widths=(256,) * 50)).signal
    assert 0 < signal[0] < 1e-60
    assert signal[-1] == 1


def test_examples_at_the_origin_carry_no_signal_through_relu():
    spec = plain(dataset="xor", samples=4, noise=0.0, activation="relu", initializer="he_normal", widths=(256,) * 3)
    off, _ = deviations(spec, SEEDS)
    assert (np.abs(np.median(off, axis=0)) < TOLERANCE).all()


def test_viewers_share_a_prediction_that_cannot_be_written_to():
    theory = predict(plain())
    assert predict(plain()) is theory
    with pytest.raises(ValueError, match="read-only"):
        theory.signal[0] = 1


def test_predicting_imports_no_tensorflow():
    code = (
        "import sys; from core.spec import RunSpec; from core.theory import predict; predict(RunSpec()); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
