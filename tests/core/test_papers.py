"""Published numbers against their formulas worked out here, and against what the engine measures."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core import papers
from core.network import initial_weights
from core.papers import CLAIMS, Claim, passes
from core.spec import RunSpec
from core.training import train
from tests.tiers import only_nightly

QUICK = ["Critical line of tanh", "SELU's signal", "Skips without normalisation", "Adam's first step",
         "RMSprop's first step", "Critical momentum"]


def arc_cosine_product(layers: int) -> float:
    """Π(1 − θ/π) for inputs that are orthogonal, with the angle of Cho & Saul 2009 from layer to layer."""
    theta, product = math.pi / 2, 1.0
    for _ in range(layers):
        product *= 1 - theta / math.pi
        theta = math.acos((math.sin(theta) + (math.pi - theta) * math.cos(theta)) / math.pi)
    return product


def selu_growth() -> float:
    """√E[φ′(z)²] of a standard normal z, by sampling the definition with Keras's constants."""
    z = np.linspace(-10, 10, 2_000_001)
    slope = 1.0507009873554805 * np.where(z > 0, 1.0, 1.6732632423543772 * np.exp(z))
    return math.sqrt(np.trapezoid(slope**2 * np.exp(-z**2 / 2) / math.sqrt(2 * math.pi), z))


FORMULAS = {
    "Batch norm, ReLU": math.sqrt(math.pi / (math.pi - 1)),
    "Glorot, 5 kernels": math.sqrt(6**6 / 5**5),
    "Glorot, 10 kernels": math.sqrt(11**11 / 10**10),
    "Orthogonal, 5 kernels": 1.0,
    "SELU's signal": selu_growth(),
    "Skips without normalisation": 2.0,
    "Shattered gradients, 2 layers": arc_cosine_product(2),
    "Shattered gradients, 5 layers": arc_cosine_product(5),
    "Adam's first step": 1.0,
    "RMSprop's first step": 1 / math.sqrt(0.1),
    "Critical momentum": (1 - math.sqrt(0.04)) ** 2,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_number_in_the_table_is_that_of_the_formula(name):
    assert CLAIMS[name].published == pytest.approx(FORMULAS[name], rel=5e-3)


@pytest.mark.parametrize("name", only_nightly(CLAIMS, but=QUICK))
def test_the_engine_reproduces_the_number(name):
    measured = CLAIMS[name].measure()
    assert CLAIMS[name].reproduced(measured), measured


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_row_says_where_its_number_is_from_and_why_it_may_be_off(claim):
    assert 0 < claim.tolerance < 0.2
    assert claim.why.endswith(".")
    assert claim.done.endswith(".")
    assert any(letter.isdigit() for letter in claim.source)


@pytest.mark.parametrize(("measured", "badge"), [(2.05, "reproduced"), (1.95, "reproduced"), (2.3, "off by +15.0%"),
                                                 (1.7, "off by −15.0%"), (math.nan, "no number here")])
def test_a_badge_says_how_far_off_it_is(measured, badge):
    claim = Claim("", "", "", 2.0, lambda: measured, 0.03, "")
    assert claim.badge(measured) == badge


def test_the_claims_are_no_matter_of_course():
    """Another network is off: each measurement can tell."""
    plain = CLAIMS["Batch norm, ReLU"].run
    assert not CLAIMS["Batch norm, ReLU"].reproduced(papers.signal_growth(replace(plain, batch_norm=False), 2, 5))
    wider = replace(CLAIMS["SELU's signal"].run, gain=1.1)
    assert not CLAIMS["SELU's signal"].reproduced(papers.signal_growth(wider, 2, 2))
    single = replace(CLAIMS["Skips without normalisation"].run, skip=False)
    assert not CLAIMS["Skips without normalisation"].reproduced(papers.variance_growth(single, 2))
    assert papers.critical_variance("tanh", 0.2) > 1.1 * 1.7610


def test_the_largest_singular_value_is_that_of_the_product():
    spec = RunSpec(widths=(4, 3, 5), activation="linear")
    weights = initial_weights(spec)
    product = weights[1][0] @ weights[2][0]
    assert papers.largest_singular_value(spec, 1) == pytest.approx(np.linalg.svd(product)[1][0], rel=1e-6)


def test_passes_are_those_of_the_run_s_own_first_step():
    spec = RunSpec(samples=16, test_fraction=0.0, widths=(4, 4), steps=1)
    (one,) = passes(spec, 1)
    layers = next(train(spec)).layers
    np.testing.assert_allclose([16 * papers._rms(signal) for signal in one.signals], layers.signal_rms, rtol=1e-5)
