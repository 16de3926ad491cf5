"""The parser of typed losses, its values and slopes against TensorFlow and central differences, and odd input."""

import random
import runpy
import string

import numpy as np
import pytest

from core.custom_loss import FIRST, custom_loss
from core.formula import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, OPERATIONS, FormulaError, parse
from core.losses import LOSSES

FORMULAS = [
    FIRST,
    "square(y_true - y_pred)",
    "abs(y_true - y_pred)",
    "where(abs(y_true - y_pred) <= 1, 0.5 * (y_true - y_pred) ** 2, abs(y_true - y_pred) - 0.5)",
    "log(exp(y_pred - y_true) + exp(y_true - y_pred)) - log(2)",
    "-(y_true * log(square(y_pred) + 1e-7) + (1 - y_true) * sqrt(abs(1 - y_pred)))",
    "sqrt(mean(square(y_true - y_pred)))",
    "square(y_pred - mean(y_pred)) + mean(y_true) * y_pred",
    "mean(mean(y_pred) * y_pred) / (1 + square(mean(y_true)))",
    "maximum(0, 1 - y_true * y_pred) + minimum(y_pred, 2 * y_true)",
    "tanh(y_pred) / (2 + tanh(y_true)) - -y_pred",
    "where(y_true != y_pred, where(y_pred > 0, 3, 1), 2) * square(y_true - y_pred)",
    "where(1 < 2, y_pred, y_true) ** 3 * 2 ** -1",
    "abs(y_true - y_pred) ** 1.5 + (y_pred + 10) ** -2",
    "1 - (y_true - (y_pred - 2)) * (y_pred / (y_true / 3))",
    "where(y_pred >= y_true, 9 * (y_pred - y_true), y_true - y_pred) + where(y_pred == 4, y_pred, 0)",
    "where(mean(y_pred) > 100, 1, 2) * y_pred",
]
every = pytest.mark.parametrize("text", FORMULAS)


def example(dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(0.5, 1, (5, 3)).astype(dtype), rng.normal(0, 2, (5, 3)).astype(dtype)


def taped(function, p: np.ndarray) -> tuple[float, np.ndarray]:
    import tensorflow as tf

    p = tf.constant(p)
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = function(p)
    return float(value), tape.gradient(value, p).numpy()


# --- what it computes ------------------------------------------------------------------------------------------------


@every
def test_value_and_slope_are_those_of_tensorflow(text):
    formula, (y, p) = parse(text), example()
    value, slope = taped(lambda p: formula.tensor(y, p), p)
    assert formula.value(y, p) == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(formula.slope(y, p), slope, rtol=1e-5, atol=1e-9)


@every
def test_the_slope_is_that_of_central_differences(text):
    formula, (y, p) = parse(text), example()
    expected = np.zeros_like(p)
    for place in np.ndindex(*p.shape):
        nudge = np.zeros_like(p)
        nudge[place] = 1e-5
        expected[place] = (formula.value(y, p + nudge) - formula.value(y, p - nudge)) / 2e-5
    np.testing.assert_allclose(formula.slope(y, p), expected, rtol=1e-5, atol=1e-8)


@every
def test_several_batches_at_once_are_each_on_their_own(text):
    formula, (y, p) = parse(text), example()
    several = np.stack([p, 2 * p, p - 1])
    found, slopes = formula.value(np.stack([y] * 3), several), formula.slope(np.stack([y] * 3), several)
    for i, one in enumerate(several):
        assert found[i] == pytest.approx(float(formula.value(y, one)))
        np.testing.assert_allclose(slopes[i], formula.slope(y, one), rtol=1e-12)


@every
def test_its_keras_code_computes_it(text, tmp_path):
    loss, (y, p) = custom_loss(text), example("float32")
    path = tmp_path / "losses.py"
    path.write_text(f"import keras\n\n\n{loss.keras_function()}\n\n{loss.keras_subclass()}")
    found = runpy.run_path(str(path))
    assert max(map(len, path.read_text().splitlines())) <= 88
    expected = float(loss.typed.value(y, p))
    assert float(found["custom_loss"](y, p)) == pytest.approx(expected, rel=1e-4)
    assert float(found["CustomLoss"]()(y, p)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("text", "name"), [
    (FIRST, "mse"), ("abs(y_true - y_pred)", "mae"), (FORMULAS[3], "huber"), (FORMULAS[4], "log_cosh"),
    ("-(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred))", "binary_crossentropy")])
def test_a_loss_of_the_table_may_be_typed(text, name):
    y, p = example()
    y, p = (y > 0.5).astype(float), 1 / (1 + np.exp(-p))
    loss = custom_loss(text)
    assert loss.fn(y, p) == pytest.approx(LOSSES[name].fn(y, p), rel=1e-9)
    np.testing.assert_allclose(loss.derivative(y, p), LOSSES[name].derivative(y, p), rtol=1e-9)


@pytest.mark.parametrize(("text", "at"), [
    ("maximum(y_pred, 1)", 1), ("minimum(1, y_pred)", 1), ("abs(y_pred)", 0), ("sqrt(y_pred)", 0), ("log(y_pred)", 0),
    ("log(y_pred)", -1), ("1 / y_pred", 0), ("where(y_pred > 0, log(y_pred), 0)", 0), ("y_pred ** 0.5", 0),
    ("where(y_pred > 0, sqrt(y_pred), y_pred)", -1), ("exp(exp(y_pred))", 90), ("exp(y_pred) / exp(y_pred)", 1000)])
def test_at_kinks_and_where_nothing_is_defined_it_does_as_tensorflow_does(text, at):
    y, p = np.zeros((1, 1)), np.full((1, 1), float(at))
    formula = parse(text)
    value, slope = taped(lambda p: formula.tensor(y, p), p)
    np.testing.assert_array_equal(formula.value(y, p), value)
    np.testing.assert_array_equal(formula.slope(y, p), slope)


@pytest.mark.parametrize(("text", "at", "piece"), [
    ("y_true + log(y_pred - 3)", 1, "log(y_pred - 3)"), ("square(1 / y_pred)", 0, "1 / y_pred"),
    ("abs(sqrt(y_pred) + 1)", -4, "sqrt(y_pred)"), ("square(y_pred)", 3, "")])
def test_it_names_the_piece_in_which_it_breaks(text, at, piece):
    assert parse(text).breaks_at(np.zeros((1, 1)), np.full((1, 1), float(at))) == piece


# --- how it is written ---------------------------------------------------------------------------------------------


@every
def test_it_has_one_text_that_says_the_same(text):
    formula = parse(text)
    assert parse(formula.text) == formula
    assert parse(formula.text).text == formula.text
    assert parse(text.replace(" ", "")).text == parse(f"  ({text.replace('+', ' + ')} )").text == formula.text


@every
def test_its_latex_closes_what_it_opens(text):
    latex = parse(text).latex
    for opening, closing in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
        assert latex.count(opening) == latex.count(closing)
    assert "y_" not in latex


def test_its_latex_in_full():
    assert parse("square(y_true - y_pred) / 2").latex == r"\frac{\left(y - \hat y\right)^2}{2}"
    assert parse("-(y_pred + 1e-7) * 2").latex == r"\left(-\left(\hat y + 1 \cdot 10^{-7}\right)\right) \cdot 2"
    assert parse("where(y_pred < 1, y_pred, 2)").latex == (
        r"\begin{cases} \hat y & \hat y < 1 \\ 2 & \text{otherwise} \end{cases}")


def test_together_the_formulas_have_every_operation():
    used = "".join(FORMULAS)
    assert all(f"{name}(" in used for name in FUNCTIONS)
    assert {"add", "subtract", "multiply", "divide", "negative", "power"} < set(OPERATIONS)


# --- what it refuses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "position", "said"), [
    ("", 1, "type a formula"),
    ("1 +", 4, "here stands the end"),
    ("square(y_true - y_prd)", 17, "'y_prd' is not known here; write y_pred"),
    ("tf.reduce_mean(tf.square(y_pred))", 1, "'tf.reduce_mean' is not known here; write mean"),
    ("sin(y_pred)", 1, "'sin' is not known here"),
    ("y_pred ^ 2", 8, "A power is written **"),
    ("y_pred ** y_true", 11, "has to be a number"),
    ("(y_pred", 8, "')' is missing to close '(' at position 1"),
    ("abs(y_pred", 11, "')' is missing to close abs( at position 1"),
    ("y_pred)", 7, "')' follows"),
    ("2 y_pred", 3, "'y_pred' follows where an operation"),
    ("abs y_pred", 1, "abs is a function"),
    ("y_pred(1)", 1, "y_pred is not a function"),
    ("maximum(y_pred)", 1, "maximum takes 2 inputs, here are 1"),
    ("abs(y_pred, 1)", 1, "abs takes 1 input, here are 2"),
    ("y_pred > 0", 8, "a comparison may only be the first thing in where"),
    ("where(y_pred, 1, 2)", 13, "begins with a comparison"),
    ("where(0 < y_pred < 1, 1, 2)", 18, "is missing to close where("),
    ("1e9 * y_pred", 1, "too large"),
    ("1e999 * y_pred", 1, "too large"),
    ("y_pred = 1", 8, "Equal is written =="),
    ("y_pred; import os", 7, "';' is not understood"),
    ("__import__('os').system('true')", 12, "is not understood"),
    ("y_pred.__class__", 1, "is not known here"),
    ("lambda: y_pred", 7, "is not understood"),
    ("y_pred\x00", 7, "is not understood"),
    ("y_pred + ٣", 10, "is not understood"),
    ("3 + 4", 1, "the same number whatever happens"),
    ("square(y_true)", 1, "depends on y_true alone"),
    ("where(y_pred > 0, 1, y_true)", 1, "stands in a comparison only"),
    ("y_pred" + " " * MAX_LENGTH, MAX_LENGTH + 1, "at most"),
    ("(" * 100 + "y_pred" + ")" * 100, MAX_DEPTH + 1, "nested more than"),
    ("-" * 100 + "y_pred", MAX_DEPTH + 1, "nested more than"),
    ("+".join(["y_pred"] * (MAX_DEPTH + 2)), 7 * MAX_DEPTH, "nested more than"),
    ("+".join(["1"] * 120), 48, "nested more than"),
    ("y_pred*(" + "+".join(f"({'-'.join('1' * 20)})" for _ in range(4)) + ")", 177, "written out it has more than"),
])
def test_what_it_does_not_understand_is_named_with_its_position(text, position, said):
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert said in str(error.value)
    assert error.value.position == position
    assert str(error.value).startswith(f"at position {position}: ")
    assert str(error.value).endswith(".")


def test_nothing_that_is_typed_gives_anything_but_a_tree_or_a_sentence():
    rng = random.Random(0)
    pieces = [*FUNCTIONS, "y_true", "y_pred", "y_", *"+-*/(),<>=!^.'\"\\ \n\t\x00_", "**", "<=", "==", "1", "0.5",
              "1e5", "1e999", ".", "where(y_pred>0,", "é", "٣", "²", "\ud800", "💥", "((((", "))))", "--", "lambda",
              "tf.", "{}"]
    y, p = example()
    understood, positions = 0, []
    for trial in range(6000):
        if trial % 2:
            text = "".join(rng.choice(pieces) for _ in range(rng.randint(0, 12)))
        elif trial % 4:
            text = "".join(rng.choice(string.printable) for _ in range(rng.randint(0, 300)))
        else:  # one that is good, with something changed
            text = list(rng.choice(FORMULAS))
            text[rng.randrange(len(text))] = rng.choice(pieces)
            text = "".join(text)
        try:
            formula = parse(text)
        except FormulaError as error:
            positions.append((error.position, max(len(text), MAX_LENGTH) + 1))
            continue
        understood += 1
        assert parse(formula.text) == formula
        assert formula.latex
        assert formula.value(y, p).shape == ()
        assert formula.slope(y, p).shape == p.shape
    assert understood > 50
    assert all(1 <= position <= last for position, last in positions)
