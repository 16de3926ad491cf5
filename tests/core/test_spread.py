"""The spread over seeds against published numbers, against simulated kernels and against the engine's own networks."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from core.initializers import INITIALIZERS
from core.network import backpropagate, initial_weights
from core.spec import RunSpec
from core.spread import NARROWEST, SHARES, born_dead, log_moments, norm_quantiles, predict

# (layers, width): variance of ln of the squared norm, ratio of the 90 % to the 10 % point of the norm; None: not given.
PUBLISHED = {(20, 20): (6.24, 24.5), (10, 20): (3.12, None), (50, 100): (2.60, None), (10, 32): (None, 5.5),
             (10, 64): (None, 3.2), (50, 128): (None, 6.2)}
LARGE = [(50, 100), (50, 128)]
SIZES = [pytest.param(*size, marks=pytest.mark.nightly) if size in LARGE else size for size in PUBLISHED]
NETWORKS = 2000
NORMAL = RunSpec(dataset="circles", samples=8, test_fraction=0.0, widths=(16,) * 10, activation="relu",
                 initializer="random_normal", batch_size=1, steps=1, gain=np.sqrt(2 / 16) / 0.05)


def simulated(depth: int, width: int, networks: int = NETWORKS, inputs: int = 1) -> np.ndarray:
    """Squared norms of what ReLU layers with He's variance make of vectors (±1, 0, …): (networks, inputs)."""
    rng = np.random.default_rng([depth, width])
    a = np.zeros((networks, inputs, width))
    a[:, :, 0] = np.array([1.0, -1.0])[:inputs]
    for _ in range(depth):
        a = np.maximum(a @ rng.normal(0, np.sqrt(2 / width), (networks, width, width)), 0)
    return (a**2).sum(axis=2)


def deviations_of(alive: np.ndarray, quantiles: np.ndarray, shares=SHARES) -> np.ndarray:
    """How far the share that is below each quantile is from what it should be, in standard deviations."""
    shares = np.array(shares)
    below = (alive[:, None] < quantiles).mean(axis=0)
    return (below - shares) / np.sqrt(shares * (1 - shares) / len(alive))


# --- one norm through the layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("depth", "width"), PUBLISHED)
def test_the_published_numbers_are_reproduced(depth, width):
    """The ratios are those of a log-normal; the exact ones are up to 1.5 % smaller."""
    variance, ratio = PUBLISHED[depth, width]
    found = depth * log_moments(width)[1]
    low, _, high = norm_quantiles((width,) * depth)
    if variance:
        assert found == pytest.approx(variance, abs=0.005)
    if ratio:
        assert np.exp(norm.ppf(0.9) * np.sqrt(found)) == pytest.approx(ratio, rel=0.01)
        assert high / low == pytest.approx(ratio, rel=0.015)


def test_to_leading_order_the_variance_is_five_over_the_width():
    widths = np.array([100, 200])
    mean, variance = np.array([log_moments(width) for width in widths]).T
    mean += np.log(2 / widths)
    np.testing.assert_allclose(widths * variance, 5, rtol=0.05)
    np.testing.assert_allclose(widths * mean, -2.5, rtol=0.05)
    assert abs(200 * variance[1] - 5) < 0.6 * abs(100 * variance[0] - 5)


@pytest.mark.parametrize(("depth", "width"), [*SIZES, (10, 4), (3, 2)])
def test_simulated_kernels_spread_as_predicted(depth, width):
    """Within four standard deviations of each estimate; networks that are born dead are left out."""
    found = simulated(depth, width, NETWORKS // 5 if (depth, width) in LARGE else NETWORKS)[:, 0]
    alive = found[found > 0]
    mean, variance = depth * np.array(log_moments(width)) + [depth * np.log(2 / width), 0]
    logs = np.log(alive)
    assert logs.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / len(alive)))
    slack = np.sqrt(((logs - logs.mean()) ** 2).var() / len(alive))
    assert logs.var() == pytest.approx(variance, abs=4 * slack)
    assert np.abs(deviations_of(np.sqrt(alive), norm_quantiles((width,) * depth))).max() < 4


def test_a_log_normal_would_be_too_wide_for_narrow_layers():
    width, depth = 8, 9
    low, _, high = norm_quantiles((width,) * depth)
    assert np.exp(norm.ppf(0.9) * np.sqrt(depth * log_moments(width)[1])) > 1.15 * high / low


def test_all_quantiles_of_one_layer_of_one_unit_are_those_of_a_normal_number():
    shares = (0.1, 0.3, 0.7, 0.9)
    np.testing.assert_allclose(norm_quantiles((1,), shares), np.sqrt(2) * norm.ppf(0.5 + np.array(shares) / 2),
                               rtol=2e-3)


# --- the signal of a run ----------------------------------------------------------------------------------------------


def measured(spec: RunSpec, seeds: int) -> np.ndarray:
    """RMS of the signal of one example in each hidden layer over the last one's, (networks, layers), where alive."""
    data = spec.data()
    found = []
    for seeded in spec.with_seeds(seeds):
        passed = backpropagate(spec, initial_weights(seeded), data.x_train[:1], data.y_train[:1])
        signal = np.array([np.sqrt(np.mean(np.square(layer.astype(np.float64)))) for layer in passed.signals[:-1]])
        if signal.all():
            found.append(signal / signal[-1])
    return np.array(found)


@pytest.mark.parametrize("spec", [
    NORMAL,
    replace(NORMAL, gain=1.0, widths=(24, 8, 16, 4, 12)),
    pytest.param(replace(NORMAL, initializer="he_normal", gain=1.0, widths=(64,) * 20), marks=pytest.mark.nightly),
], ids=["level", "shrinks, unequal", "cut off"])
def test_the_engine_s_networks_spread_as_predicted(spec):
    """In every layer the shares below the band's three lines, within four standard deviations."""
    found, expected = measured(spec, 150), predict(spec)
    assert expected.reason == ""
    assert expected.log_variance[0] > 1
    for layer in range(spec.depth - 1):
        assert np.abs(deviations_of(found[:, layer], expected.signal[:, layer])).max() < 4, layer
    np.testing.assert_array_equal(expected.signal[:, -1], 1)


def test_the_band_of_a_batch_is_narrower_and_its_middle_nearer_to_one():
    """Why theory is said to be of one example."""
    spec = replace(NORMAL, samples=64, batch_size=None)
    data, ratios = spec.data(), []
    for seeded in spec.with_seeds(100):
        signals = backpropagate(spec, initial_weights(seeded), data.x_train, data.y_train).signals
        ratios.append(np.sqrt((signals[0] ** 2).sum() / (signals[-2] ** 2).sum()))
    low, middle, high = predict(spec).signal[:, 0]
    lowest, median, highest = np.quantile(ratios, SHARES)
    assert highest / lowest < 0.9 * high / low
    assert abs(np.log(median)) < abs(np.log(middle))


def test_a_mean_square_of_one_goes_with_a_median_below_it():
    spread = predict(replace(NORMAL, initializer="he_normal", gain=1.0))
    assert (spread.signal[1, :-1] < 1).all()
    assert (np.diff(spread.log_variance) < 0).all()


@pytest.mark.parametrize(("change", "word"), [
    ({"activation": "tanh"}, "ReLU"), ({"activation": ("relu",) * 9 + ("tanh",)}, "ReLU"),
    ({"initializer": "zeros"}, "random"), ({"gain": 0.0}, "random"), ({"initializer": "orthogonal"}, "orthogonal"),
    ({"bias_std": 0.1}, "biases"), ({"batch_norm": True}, "batch norm"), ({"skip": True}, "skip"),
    ({"dropout": 0.5}, "dropout"), ({"initializer": "he_normal", "widths": (NARROWEST - 1, 16)}, "fewer than 8 units"),
], ids=str)
def test_a_network_without_a_theory_has_a_reason(change, word):
    spread = predict(replace(NORMAL, gain=1.0) if "gain" not in change else NORMAL)
    assert spread.reason == ""
    spread = predict(replace(NORMAL, **change))
    assert (spread.signal, spread.log_mean, spread.log_variance) == (None, None, None)
    assert np.isnan(spread.born_dead) == (word not in ("orthogonal", "fewer than 8 units"))
    assert word in spread.reason
    assert spread.reason.endswith(".")


@pytest.mark.parametrize("name", [one for one, entry in INITIALIZERS.items() if entry.random and one != "orthogonal"])
def test_every_initializer_with_independent_weights_has_its_spread(name):
    spec = replace(NORMAL, initializer=name, gain=1.0)
    shrink = np.log(INITIALIZERS[name].variance(16, 16) * 16 / 2)
    he = predict(replace(spec, initializer="he_normal"))
    np.testing.assert_allclose(predict(spec).log_mean - he.log_mean, shrink * np.arange(9, -1, -1), atol=1e-9)
    np.testing.assert_allclose(predict(spec).log_variance, he.log_variance)


def test_one_hidden_layer_has_no_spread():
    np.testing.assert_array_equal(predict(replace(NORMAL, widths=(16,))).signal, np.ones((3, 1)))


# --- born dead --------------------------------------------------------------------------------------------------------

# Width and depth: the formula, and the share of 20,000 networks that somebody else counted.
DEAD = {(2, 10): (0.944, 0.942), (3, 10): (0.737, 0.738), (4, 20): (0.725, 0.728), (5, 30): (0.614, 0.616)}


@pytest.mark.parametrize(("width", "depth"), DEAD)
def test_so_many_networks_are_born_dead(width, depth):
    formula, counted = DEAD[width, depth]
    found = born_dead((width,) * depth)
    assert found == pytest.approx(formula, abs=0.0005)
    assert found == pytest.approx(counted, abs=0.004)
    networks = 20_000
    dead = (simulated(depth, width, networks)[:, 0] == 0).mean()
    assert dead == pytest.approx(found, abs=4 * np.sqrt(found * (1 - found) / networks))


def test_fewer_are_dead_for_inputs_of_both_signs():
    """Counted for a scalar input: 0.908 at ten layers of two, where one sign alone dies in 0.944."""
    dead = (simulated(10, 2, 20_000, inputs=2) == 0).all(axis=1).mean()
    assert dead == pytest.approx(0.908, abs=0.01)


def test_layers_of_different_widths_multiply():
    assert born_dead((1, 2)) == pytest.approx(1 - 0.5 * 0.75)
    assert born_dead((60,)) == pytest.approx(2.0**-60, rel=1e-9)
    assert predict(NORMAL).born_dead == born_dead(NORMAL.widths)
