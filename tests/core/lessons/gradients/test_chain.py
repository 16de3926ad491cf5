"""Who killed the gradient: the factors against integrals and variances worked out here, and against their product."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy.integrate import quad

from core.charts.rows import table
from core.lessons.gradients.chain import ACTIVATION, KERNEL, MEASURED, chain, culprit
from core.lessons.gradients.charts import chain_bars, chain_bars_frame, chain_scale
from core.lessons.gradients.setups import SETUPS
from core.spec import RunSpec
from core.theory import layer_factors, predict
from core.training import train

SPECS = {setup.label: setup.spec for setup in SETUPS["gradients"]}
VANISHING = SPECS["Sigmoid vanishes"]


def start(spec: RunSpec):
    return list(islice(train(spec), 1))


@pytest.mark.parametrize("choices", [
    {}, {"activation": "relu", "initializer": "he_normal"}, {"widths": (8, 64, 16), "activation": "tanh"},
    {"dropout": 0.3, "activation": "selu", "initializer": "lecun_normal"}], ids=str)
def test_the_product_of_the_factors_is_theory_s_line(choices):
    spec = replace(VANISHING, **choices)
    found, signal = layer_factors(spec), predict(spec).signal
    product = np.append(np.sqrt(np.cumprod((found.slope * found.scale)[::-1])[::-1]), 1.0)
    np.testing.assert_allclose(product, signal, rtol=1e-9)


def test_a_sigmoid_s_factor_is_that_of_an_integral():
    """Glorot on equal widths: n · Var(W) = 1. The slope is E[σ'(√q z)²], q the mean square of z in its layer."""
    found = layer_factors(VANISHING)
    np.testing.assert_allclose(found.scale, 1.0, rtol=1e-12)
    for layer in range(3, 9):  # by then all examples have the same q
        q = predict(VANISHING).forward[layer] ** 2
        expected, _ = quad(lambda z, q=q: (1 / (2 + 2 * np.cosh(np.sqrt(q) * z))) ** 2 * np.exp(-z * z / 2)
                           / np.sqrt(2 * np.pi), -12, 12)
        assert found.slope[layer] == pytest.approx(expected, rel=1e-3)


def test_relu_with_he_halves_and_doubles():
    found = layer_factors(SPECS["ReLU with He, 50 layers"])
    np.testing.assert_allclose(found.slope, 0.5, rtol=1e-6)
    np.testing.assert_allclose(found.scale, 2.0, rtol=1e-12)


def test_kernels_are_as_they_are_drawn():
    """fan_out · Var(W) of widths that differ, from the formula of Glorot and Bengio 2010: 2 n_out / (n_in + n_out)."""
    found = layer_factors(replace(VANISHING, widths=(8, 64, 16)))
    np.testing.assert_allclose(found.scale, [2 * 64 / 72, 2 * 16 / 80], rtol=1e-12)


@pytest.mark.parametrize("choices", [
    {"batch_norm": True}, {"activation": "tanh", "skip": True}, {"initializer": "zeros"}, {"gain": 0.0}], ids=str)
def test_what_is_no_product_has_no_factors(choices):
    assert layer_factors(replace(VANISHING, **choices)) is None


@pytest.mark.parametrize(("label", "says"), [
    ("Sigmoid vanishes", "**The activation killed it: ×0.24 in each layer.**"),
    ("Tanh with Glorot trains", "**Nobody: layer 1 still gets 0.37 of what layer 10 gets.**"),
    ("Explodes", "**The kernels blew it up: ×2.1 in each layer.**"),
    ("Batch norm makes ReLU grow", "batch norm has a factor of its own"),
    ("All zeros", "no signal arrives that could be compared")])
def test_the_guilty_factor_is_named(label, says):
    assert says in culprit(SPECS[label], start(SPECS[label]))


def test_small_kernels_are_guilty_where_they_are():
    spec = replace(SPECS["ReLU with He, 50 layers"], gain=0.5)
    assert culprit(spec, start(spec)).startswith("**The kernels killed it: ×0.71 in each layer.**")


@pytest.mark.parametrize("label", SPECS)
def test_bars_lead_from_layer_to_layer(label):
    spec = SPECS[label]
    if spec.depth == 1:
        return
    history = start(spec)
    found = chain(spec, history)
    scale = chain_scale(found)
    chain_bars(spec.depth, scale, tuple(found.factors))
    frame = chain_bars_frame(history, spec, scale)
    bars = frame[frame["from"].notna()]
    assert (bars["right"] > bars["left"]).all()
    for name, rows in bars.groupby("series"):
        np.testing.assert_allclose(rows["to"] / rows["from"], rows["value"], rtol=1e-9)
        np.testing.assert_allclose(rows["value"], found.factors[name][rows["layer"].astype(int) - 1])
    for layer, rows in bars.groupby("layer"):
        first, last = rows.sort_values("left", ascending=False).iloc[[0, -1]].itertuples()
        if not found.reason:
            assert [first.series, last.series] == [KERNEL, ACTIVATION]
        assert rows["to"].iloc[-1] == pytest.approx(found.product[int(layer) - 1])
    measured = frame[(frame["series"] == "signal")]["value"]
    np.testing.assert_array_equal(measured, found.measured)


def test_measured_factors_are_those_of_layers_beside_each_other():
    spec = SPECS["Batch norm makes ReLU grow"]
    history = start(spec)
    signal = history[0].layers.signal_rms[:-1]
    found = chain(spec, history)
    np.testing.assert_allclose(found.factors[MEASURED], signal[:-1] / signal[1:])
    np.testing.assert_allclose(found.product, found.measured, rtol=1e-9)


def test_before_anything_is_measured_there_are_bars_of_theory_alone():
    found = chain(VANISHING, [])
    assert np.isnan(found.measured).all()
    assert set(table(chain_bars_frame([], VANISHING, chain_scale(found)))["series"]) == {KERNEL, ACTIVATION, "theory",
                                                                                    "signal"}
