"""What a network says of the plane, against Keras's own model, and the line at which it decides."""

from dataclasses import replace

import numpy as np
import pytest

from core import anatomy, boundary, shipped
from core.architecture import Architecture
from core.boundary import GRID, contour, missing, plane, predict, probabilities
from core.charts.boundary import boundary as drawn
from core.charts.boundary import boundary_frame
from core.network import flatten, initial_weights, unflatten
from core.runs import Run
from core.spec import RunSpec
from core.training import KEPT_PARAMETERS, Trainer, kept_parameters, train

SMALL = RunSpec(dataset="circles", samples=40, widths=(6, 6), activation="tanh", learning_rate=0.3, steps=30)
NETWORKS = {
    "tanh": SMALL,
    "mixed": replace(SMALL, activation=("relu", "elu")),
    "alpha": replace(SMALL, activation="leaky_relu", alpha=0.4),
    "skip": replace(SMALL, widths=(2, 2, 5), skip=True),
    "dropout": replace(SMALL, dropout=0.3),
    "batch norm": replace(SMALL, batch_norm=(True, False)),
    "four classes": replace(SMALL, dataset="blobs"),
    "hinge": replace(SMALL, loss="hinge"),
}


def keras_model(spec: RunSpec, theta: np.ndarray, moving: np.ndarray):
    """The run's network in Keras layers, up to the output's pre-activation, with these parameters."""
    import keras

    architecture = Architecture.of(spec)
    layers = unflatten(architecture, theta)
    statistics = iter(np.split(moving, np.cumsum([w for w in architecture.normalised_widths for _ in "mv"])[:-1]))
    a = inputs = keras.Input((2,))
    for layer, (kernel, bias, *norm) in enumerate(layers):
        dense = keras.layers.Dense(len(bias))
        z = dense(a)
        dense.set_weights([kernel, bias])
        if layer == architecture.depth:
            return keras.Model(inputs, z)
        if norm:
            normalise = keras.layers.BatchNormalization(momentum=0.99)
            z = normalise(z)
            normalise.set_weights([*norm, next(statistics), next(statistics)])
        name, alpha = architecture.activation(layer)
        f = keras.layers.LeakyReLU(alpha)(z) if alpha is not None else keras.layers.Activation(name)(z)
        f = keras.layers.Dropout(0.3)(f)
        a = keras.layers.Add()([f, a]) if spec.skips[layer] else f
    raise AssertionError


@pytest.mark.parametrize("spec", NETWORKS.values(), ids=list(NETWORKS))
def test_the_forward_pass_is_that_of_keras(spec):
    last = list(train(spec))[-1]
    points = plane(spec).points[::37]
    z = predict(spec, last.theta, last.moving, points)
    expected = np.asarray(keras_model(spec, last.theta, last.moving)(points, training=False))
    np.testing.assert_allclose(z, expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("spec", NETWORKS.values(), ids=list(NETWORKS))
def test_it_decides_as_often_right_as_the_run_says(spec):
    """Accuracy over the training part, computed by the engine in TensorFlow, is that of the drawn prediction."""
    data = spec.data()
    for snapshot in list(train(spec))[::7]:
        p = probabilities(spec, predict(spec, snapshot.theta, snapshot.moving, data.x_train))
        right = (p.argmax(1) == data.y_train.argmax(1)) if p.shape[1] > 1 else ((p > 0.5) == (data.y_train > 0.5))[:, 0]
        assert right.mean() == pytest.approx(snapshot.accuracy, abs=1.01 / len(right))
        assert p.min() >= 0
        assert p.max() <= 1


def test_parameters_are_those_of_the_step_and_of_small_networks_only():
    trainer = Trainer(SMALL)
    np.testing.assert_array_equal(trainer.snapshot.theta, flatten(initial_weights(SMALL)))
    first = trainer.snapshot
    second = trainer.advance()
    assert not np.array_equal(first.theta, second.theta)
    np.testing.assert_array_equal(second.theta, flatten(trainer.weights))
    assert kept_parameters(SMALL) == 2 * 6 + 6 + 6 * 6 + 6 + 6 + 1 == len(first.theta)
    assert len(Trainer(replace(SMALL, batch_norm=True)).snapshot.moving) == 2 * 12
    wide = replace(SMALL, widths=(70, 70))
    assert Architecture.of(wide).parameters > KEPT_PARAMETERS
    assert (kept_parameters(wide), Trainer(wide).snapshot.theta) == (0, None)


def test_what_is_kept_is_counted():
    state = Trainer(SMALL).snapshot
    small, large = Run(SMALL, [state]), Run(replace(SMALL, widths=(70, 70)), [state])
    assert small.bytes - large.bytes == state.theta.nbytes


def test_shipped_runs_of_small_networks_bring_their_parameters(tmp_path):
    specs = [replace(SMALL, batch_norm=True, steps=3), replace(SMALL, widths=(30, 30), steps=3)]
    shipped.write(specs, tmp_path / "two.npz")
    small, larger = shipped.load(tmp_path / "two.npz")
    for old, new in zip(small.history, train(small.spec), strict=True):
        np.testing.assert_array_equal(old.theta, new.theta)
        np.testing.assert_array_equal(old.moving, new.moving)
    assert all(snapshot.theta is None for snapshot in larger.history)


# --- the line -------------------------------------------------------------------------------------------------------


def test_the_line_of_a_linear_function_is_exact():
    area = plane(SMALL)
    values = (area.points @ [2.0, -1.0] + 0.1).reshape(GRID, GRID)
    pieces = contour(values, area.centres)
    ends = pieces.reshape(-1, 2)
    np.testing.assert_allclose(ends @ [2.0, -1.0] + 0.1, 0, atol=1e-5)
    length = np.hypot(*(pieces[:, 2:] - pieces[:, :2]).T).sum()
    (low, _), (high, _) = area.centres[:, 0], area.centres[:, -1]
    inside = area.centres[1, -1] - area.centres[1, 0]  # it leaves through bottom and top
    assert low < high
    assert length == pytest.approx(inside * np.hypot(1, 0.5), rel=1e-5)


def test_the_line_of_a_circle_goes_once_round_it():
    area = plane(SMALL)
    values = 0.49 - (area.points.astype(float)**2).sum(axis=1).reshape(GRID, GRID)
    pieces = contour(values, area.centres)
    assert np.abs(np.hypot(pieces[:, 0], pieces[:, 1]) - 0.7).max() < 0.005
    assert np.hypot(*(pieces[:, 2:] - pieces[:, :2]).T).sum() == pytest.approx(2 * np.pi * 0.7, rel=0.01)
    ends = np.concatenate([pieces[:, :2], pieces[:, 2:]]).round(9)
    assert (np.unique(ends, axis=0, return_counts=True)[1] == 2).all()  # closed: every end is another's beginning


def test_a_saddle_has_two_pieces_and_one_sign_none():
    centres = np.array([[0.0, 1.0], [0.0, 1.0]])
    saddle = contour(np.array([[1.0, -1.0], [-1.0, 1.0]]), centres)
    assert saddle.shape == (2, 4)
    assert set(saddle.reshape(-1, 2).sum(axis=1)) == {0.5, 1.5}
    assert contour(np.ones((2, 2)), centres).shape == (0, 4)
    assert contour(np.full((2, 2), np.nan), centres).shape == (0, 4)


# --- the chart ------------------------------------------------------------------------------------------------------


def test_the_frame_holds_field_line_and_examples():
    first, *_, last = train(replace(SMALL, steps=300))
    frame = boundary_frame(SMALL, last)
    cells, examples = (frame[frame["what"] == kind] for kind in ("cell", "example"))
    assert len(cells) == GRID**2
    assert len(examples) == SMALL.train_samples
    np.testing.assert_array_equal(examples[["x", "y"]], SMALL.data().x_train)
    assert set(examples["mark"]) == {"outer ring", "inner ring"}
    assert (examples["mark"] == examples["says"]).mean() == pytest.approx(last.accuracy, abs=0.001)
    assert cells["p"].between(0, 1).all()
    area = plane(SMALL)
    assert (cells["x"].min(), cells["y"].min()) == pytest.approx(area.low)
    assert (cells["x2"].max(), cells["y2"].max()) == pytest.approx(area.high)
    assert len(frame[frame["what"] == "line"]) > 20
    assert list(boundary_frame(SMALL, first).columns) == list(frame.columns)


def test_the_drawing_stays_while_a_run_trains_and_has_every_mark():
    picture = drawn(SMALL)
    assert picture is drawn(replace(SMALL, learning_rate=0.01, widths=(3,)))
    marks = [layer["mark"]["type"] for layer in picture.spec["layer"]]
    assert marks == ["rect", "rule", "point"]
    shapes = picture.spec["layer"][2]["encoding"]["shape"]["scale"]
    assert shapes["domain"] == ["outer ring", "inner ring"]
    assert len(set(shapes["range"])) == 2
    assert "Colour field" in picture.alt
    assert len(set(drawn(NETWORKS["four classes"]).spec["layer"][2]["encoding"]["shape"]["scale"]["range"])) == 4


def test_an_overflowed_network_is_drawn_without_a_word():
    state = Trainer(SMALL).snapshot
    frame = boundary_frame(SMALL, replace(state, theta=np.full_like(state.theta, np.inf)))
    assert len(frame[frame["what"] == "cell"]) == GRID**2


def test_what_has_no_boundary_says_why():
    assert missing(SMALL) == ""
    assert missing(RunSpec(dataset="digits", widths=(4,))) == (
        "Digits (real) has 64 inputs; a picture in the plane needs two.")
    assert "more than 5000 parameters" in missing(RunSpec())
    assert boundary.MARGIN > 0


@pytest.mark.parametrize(("units", "low", "high"), [(2, 0.74, 0.85), (3, 0.97, 1.0)])
def test_two_units_enclose_nothing_and_three_do(units, low, high):
    """What the Anatomy page says of its circles, for the first of its five seeds and the last."""
    for seed in (0, 4):
        spec = replace(anatomy.OPENS, dataset="circles", noise=None, widths=(units,), learning_rate=0.05, seed=seed)
        last = list(train(spec))[-1]
        assert low <= last.accuracy <= high
        pieces = contour(predict(spec, last.theta, last.moving, plane(spec).points).reshape(GRID, GRID),
                         plane(spec).centres)
        ends = np.concatenate([pieces[:, :2], pieces[:, 2:]]).round(9)
        closed = (np.unique(ends, axis=0, return_counts=True)[1] == 2).all()
        assert closed == (units == 3)
