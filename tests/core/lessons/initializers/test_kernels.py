"""What is said of a kernel: against NumPy, repeated sampling, Keras, and kernels made by hand."""

import re
import runpy

import numpy as np
import pytest

from core import tensors
from core.initializers import INITIALIZERS
from core.lessons.initializers.kernels import (
    equal_units,
    sampled,
    script,
    sizes_sentence,
    variance_sentences,
    variance_with_error,
)

INDEPENDENT = [name for name, entry in INITIALIZERS.items() if entry.random and name != "orthogonal"]
SHAPES = [(64, 64), (200, 30), (2, 512)]


@pytest.fixture(scope="module")
def tensorflow() -> None:
    tensors.tensorflow()


@pytest.mark.parametrize("draw", [lambda rng, n: rng.uniform(-1, 1, n), lambda rng, n: rng.standard_normal(n)],
                         ids=["uniform", "normal"])
def test_the_standard_error_is_the_scatter_of_the_variance(draw):
    rng = np.random.default_rng(0)
    found = np.array([variance_with_error(draw(rng, 400)) for _ in range(4000)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.05)


def test_the_variance_is_numpys():
    kernel = np.random.default_rng(1).standard_normal((7, 5)).astype(np.float32)
    assert variance_with_error(kernel)[0] == pytest.approx(kernel.astype(np.float64).var(ddof=1), rel=1e-12)


def test_two_equal_weights_have_no_variance_and_no_error():
    assert variance_with_error(np.ones((1, 2))) == (0, 0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", INDEPENDENT)
def test_a_drawn_kernel_has_the_variance_it_was_asked_for(name, shape, tensorflow):
    measured, error = variance_with_error(sampled(name, *shape, seed=3))
    assert abs(measured - INITIALIZERS[name].variance(*shape)) < 4 * error
    assert error < 0.1 * measured


@pytest.mark.parametrize("shape", SHAPES)
def test_the_squares_of_an_orthogonal_kernel_sum_to_its_shorter_side(shape, tensorflow):
    kernel = sampled("orthogonal", *shape, seed=3)
    assert (kernel.astype(np.float64) ** 2).sum() == pytest.approx(min(shape), rel=1e-5)
    assert f"always sum to {min(shape)}." in variance_sentences("orthogonal", kernel, *shape)


def test_a_drawn_kernel_is_that_of_keras(tensorflow):
    import keras

    np.testing.assert_array_equal(sampled("glorot_uniform", 64, 32, 5),
                                  keras.initializers.GlorotUniform(seed=5)((64, 32)))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_script_prints_the_variance_that_is_said(name, tmp_path, capsys, tensorflow):
    file = tmp_path / "kernel.py"
    file.write_text(script(name, 64, 32, 5))
    runpy.run_path(str(file))
    measured, theory = map(float, re.findall(r"(?:measured|theory) +(\S+)", capsys.readouterr().out))
    assert theory == INITIALIZERS[name].variance(64, 32)
    assert measured == pytest.approx(variance_with_error(sampled(name, 64, 32, 5))[0], rel=1e-5, abs=1e-12)


def test_the_words_have_the_numbers(tensorflow):
    kernel = sampled("he_normal", 50, 50, 0)
    measured, _ = variance_with_error(kernel)
    words = variance_sentences("he_normal", kernel, 50, 50)
    assert f"{measured:.4g}" in words
    assert "theory says **0.04000**" in words
    assert "2\N{NARROW NO-BREAK SPACE}500 weights" in words
    assert "All 2\N{NARROW NO-BREAK SPACE}500 weights are 1" in variance_sentences("ones", np.ones((50, 50)), 50, 50)


def test_without_tensorflow_there_is_theory_and_no_sample(monkeypatch):
    monkeypatch.setattr("core.tensors.loaded", lambda: False)
    kernel = sampled("he_normal", 50, 50, 0)
    assert kernel.size == 0
    text = variance_sentences("he_normal", kernel, 50, 50)
    assert text.startswith("Theory: Var(W) = **0.04000**. Keras draws the sample")


def test_the_factors_of_a_layer_are_measured_in_a_linear_one(tensorflow):
    """n_in · Var(W) and n_out · Var(W) against the mean squares of x W and of δ Wᵀ."""
    rng = np.random.default_rng(0)
    kernel = sampled("glorot_normal", 300, 100, 0)
    forward = np.mean((rng.standard_normal((2000, 300)) @ kernel) ** 2)
    back = np.mean((rng.standard_normal((2000, 100)) @ kernel.T) ** 2)
    assert forward == pytest.approx(1.5, rel=0.03)
    assert back == pytest.approx(0.5, rel=0.03)
    assert re.findall(r"= \*\*(\S+)\*\*", sizes_sentence("glorot_normal", 300, 100)) == ["1.5", "0.50"]


def test_equal_columns_with_equal_biases_are_equal_units():
    kernel = np.array([[1, 1, 2, 1], [0.0, -0.0, 3, 0]], np.float32)
    bias = np.array([0, 0, 0, 1], np.float32)
    output = (np.ones((4, 1), np.float32), np.zeros(1, np.float32))
    assert [groups.tolist() for groups in equal_units([(kernel, bias), output])] == [[0, 0, 1, 2]]
    scale, shift = np.ones(4, np.float32), np.array([0, 1, 0, 0], np.float32)
    assert [groups.tolist() for groups in equal_units([(kernel, bias, scale, shift), output])] == [[0, 1, 2, 3]]


def test_units_that_differ_in_the_last_digit_differ():
    kernel = np.array([[1, np.nextafter(np.float32(1), np.float32(2))]], np.float32)
    assert equal_units([(kernel, np.zeros(2, np.float32)), (np.ones((2, 1)), np.zeros(1))])[0].tolist() == [0, 1]
