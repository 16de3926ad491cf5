"""The best answer that ignores the input: against scikit-learn's dummies, medians, and brute force."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error

from core.losses import LOSSES
from core.spec import RunSpec
from core.yardstick import yardstick

BINARY, MANY, NUMBERS = RunSpec(dataset="breast_cancer"), RunSpec(dataset="digits"), RunSpec(dataset="diabetes")


def labels(spec: RunSpec) -> np.ndarray:
    y = spec.data().y_train
    return y.argmax(1) if y.shape[1] > 1 else y[:, 0]


@pytest.mark.parametrize("spec", [BINARY, MANY], ids=lambda spec: spec.dataset)
def test_of_classes_it_is_scikit_learn_s_dummy(spec):
    y = labels(spec)
    dummy = DummyClassifier(strategy="prior").fit(y[:, None], y)
    found = yardstick(spec)
    assert found.guess == pytest.approx(log_loss(y, dummy.predict_proba(y[:, None])), rel=1e-6)
    assert found.right == pytest.approx(dummy.score(y[:, None], y))
    assert found.least == 0


@pytest.mark.parametrize(("loss", "strategy", "metric"), [
    ("mse", "mean", mean_squared_error), ("mae", "median", mean_absolute_error)])
def test_of_numbers_it_is_mean_or_median(loss, strategy, metric):
    y = labels(NUMBERS)
    dummy = DummyRegressor(strategy=strategy).fit(y[:, None], y)
    found = yardstick(RunSpec(dataset="diabetes", loss=loss))
    assert found.guess == pytest.approx(metric(y, dummy.predict(y[:, None])), rel=1e-4)
    assert np.isnan(found.right)


@pytest.mark.parametrize("loss", [name for name, one in LOSSES.items() if "binary" in one.outputs])
def test_no_constant_of_one_output_has_less_loss(loss):
    spec = RunSpec(dataset="breast_cancer", loss=loss)
    y = spec.data().y_train.astype(np.float64)
    low, high = (-0.9999, 0.9999) if loss == "hinge" else (1e-4, 1 - 1e-4)
    losses = [LOSSES[loss].fn(y, np.full_like(y, answer)) for answer in np.linspace(low, high, 400)]
    assert yardstick(spec).guess <= min(losses) + 1e-9
    assert yardstick(spec).guess == pytest.approx(min(losses), rel=1e-2)


@pytest.mark.parametrize("loss", [name for name, one in LOSSES.items() if "multiclass" in one.outputs])
def test_no_constant_of_many_outputs_has_less_loss(loss):
    spec = RunSpec(dataset="digits", loss=loss)
    y = spec.data().y_train.astype(np.float64)
    rng = np.random.default_rng(0)
    answers = [y.mean(0), *rng.dirichlet(np.ones(10), 200), *rng.dirichlet(50 * y.mean(0), 200), *np.eye(10)]
    losses = [LOSSES[loss].fn(y, np.broadcast_to(answer, y.shape)) for answer in answers]
    assert yardstick(spec).guess <= min(losses) + 1e-6


def test_the_angle_of_a_constant_is_that_of_the_mean_direction():
    y = RunSpec(dataset="digits").data().y_train.astype(np.float64)
    assert yardstick(RunSpec(dataset="digits", loss="cosine_similarity")).guess == pytest.approx(
        -np.linalg.norm(y.mean(0)), rel=1e-4)


@pytest.mark.parametrize(("dataset", "formula", "like"), [
    ("breast_cancer", "square(y_true - y_pred)", "mse"), ("diabetes", "abs(y_true - y_pred)", "mae"),
    ("digits", "square(y_true - y_pred)", "mse"),
    ("diabetes", "log(exp(y_pred - y_true) + exp(y_true - y_pred)) - log(2)", "log_cosh")])
def test_a_typed_loss_has_the_yardstick_of_the_loss_it_is(dataset, formula, like):
    typed, usual = (yardstick(RunSpec(dataset=dataset, **loss)) for loss in (
        {"loss": "custom", "formula": formula}, {"loss": like}))
    assert typed.guess == pytest.approx(usual.guess, rel=1e-4)
    assert typed.least == pytest.approx(usual.least, abs=1e-6)


def test_what_is_added_to_a_typed_loss_is_not_to_be_lost():
    found = yardstick(RunSpec(dataset="breast_cancer", loss="custom", formula="square(y_true - y_pred) + 3"))
    plain = yardstick(RunSpec(dataset="breast_cancer", loss="mse"))
    assert found.left(3 + plain.guess) == pytest.approx(1)
    assert found.left(3.0) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("formula", ["y_pred", "-y_true * y_pred", "log(y_pred)", "-square(y_pred)"])
def test_a_loss_that_falls_without_limit_has_none(formula):
    found = yardstick(RunSpec(dataset="diabetes", loss="custom", formula=formula))
    assert np.isnan(found.guess)
    assert np.isnan(found.left(0.3))


@pytest.mark.parametrize("loss", ["mae", "huber", "log_cosh", "hinge", "mse"])
@pytest.mark.parametrize(("dataset", "output"), [("digits", "sigmoid"), ("breast_cancer", "linear")])
def test_with_an_output_of_ones_own_a_guess_may_answer_any_number(dataset, output, loss):
    """Each output for itself, by brute force; of a loss that is a mean over them that is the best of all."""
    spec = RunSpec(dataset=dataset, output=output, loss=loss, samples=200)
    y = spec.data().y_train.astype(np.float64)
    best = [min(LOSSES[loss].fn(column[:, None], np.full((len(y), 1), answer)) for answer in np.linspace(-3, 3, 601))
            for column in y.T]
    if spec.usual_output:  # what the usual output cannot answer is no guess of it
        assert yardstick(spec).guess >= np.mean(best) - 1e-9
    else:
        assert yardstick(spec).guess == pytest.approx(np.mean(best), abs=2e-3)
        assert yardstick(spec).least == pytest.approx(0, abs=1e-9)
    assert yardstick(spec).right == pytest.approx(max(y.mean(0).max(), 1 - y.mean() if len(y.T) == 1 else 0))


def test_labels_as_numbers_have_the_yardstick_of_numbers_and_of_classes():
    spec = RunSpec(dataset="blobs", output="linear", output_units=1, loss="mse")
    y = spec.data().y_train[:, 0]
    found = yardstick(spec)
    assert found.guess == pytest.approx(y.var(), rel=1e-5)
    assert found.right == pytest.approx(np.bincount(y.astype(int)).max() / len(y))


@pytest.mark.parametrize("values", [
    {"dataset": "diabetes", "loss": "binary_crossentropy", "output": "sigmoid"},  # numbers are no probabilities
    {"dataset": "blobs", "loss": "binary_crossentropy", "output": "sigmoid", "output_units": 1},  # nor are labels
    {"dataset": "sine", "loss": "hinge", "output": "tanh"},
    {"dataset": "blobs", "loss": "kl_divergence", "output": "relu"},  # answering 1 to all costs nothing
    {"loss": "categorical_crossentropy", "output": "softmax"},  # one unit of which the answer is always 1
])
def test_where_the_loss_asks_for_nothing_there_is_no_yardstick(values):
    assert np.isnan(yardstick(RunSpec(**values)).left(0.3))


def test_many_numbers_have_a_yardstick_too():
    for values in ({}, {"loss": "huber"}, {"loss": "mae"}, {"loss": "binary_crossentropy", "output": "sigmoid"}):
        spec = RunSpec(dataset="digits_auto", samples=200, **values)
        y = spec.data().y_train.astype(np.float64)
        answer = np.median(y, 0) if spec.loss == "mae" else y.mean(0)
        assert yardstick(spec).guess == pytest.approx(spec.loss_entry.fn(y, np.broadcast_to(answer, y.shape)), rel=1e-4)
        assert yardstick(spec).least == pytest.approx(0 if len(values) < 2 else spec.loss_entry.fn(y, y), abs=1e-9)


def test_what_is_left_counts_from_a_guess_to_the_least():
    found = yardstick(RunSpec(dataset="digits", loss="cosine_similarity"))
    assert found.left(np.array([found.guess, -1.0])).tolist() == pytest.approx([1, 0])
    assert found.left((found.guess - 1) / 2) == pytest.approx(0.5)
