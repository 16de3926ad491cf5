"""What a network says of the plane, against Keras's own model, and the line at which it decides."""

import json
from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd
import pytest

from core import boundary
from core.architecture import Architecture
from core.boundary import GRID, contour, missing, plane, predict, probabilities
from core.charts import moving
from core.charts.boundary import ALPHABET, BASE, MOST_POINTS, NONE, boundary_frame, coded, measured
from core.charts.boundary import boundary as drawn
from core.lessons.anatomy import report
from core.network import flatten, initial_weights, unflatten
from core.runs import Run
from core.shipped import opening_runs
from core.spec import RunSpec
from core.training import KEPT_PARAMETERS, Trainer, kept_parameters, train
from tests import shipped

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
    opening_runs.write(specs, tmp_path / "two.npz")
    small, larger = shipped.runs(tmp_path / "two.npz")
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


@pytest.fixture(scope="module")
def history():
    return list(train(replace(SMALL, steps=300)))


def shares(text: str, letters: int) -> np.ndarray:
    """The numbers from 0 to 1 in a packed text."""
    digits = np.array([ALPHABET.find(letter) for letter in text], float).reshape(-1, letters)
    digits[digits < 0] = np.nan
    return digits @ BASE ** np.arange(letters, dtype=float)[::-1] / (BASE**letters - 1)


def over_time(frame: pd.DataFrame, what: str) -> np.ndarray:
    """The probability in each row of cells or examples at all moments, (rows, moments)."""
    letters = {"cell": 1, "example": 2}[what]
    return np.array([shares(text, letters) for text in frame.loc[frame["what"] == what, "codes"]])


def test_the_frame_holds_field_line_and_examples(history):
    frame = boundary_frame(SMALL, history)
    cells, examples = (frame[frame["what"] == kind] for kind in ("cell", "example"))
    assert len(cells) == GRID**2
    assert len(examples) == SMALL.train_samples
    np.testing.assert_array_equal(examples[["x", "y"]], SMALL.data().x_train)
    assert set(examples["mark"]) == {"outer ring", "inner ring"}
    assert frame.loc[frame["what"] == "class", "mark"].tolist() == ["outer ring", "inner ring"]
    for moment, state in enumerate(history):
        rows = measured(frame, moment)
        assert (rows["class"] == rows["says"]).mean() == pytest.approx(state.accuracy, abs=0.001)
    field = over_time(frame, "cell")
    assert field.shape == (GRID**2, len(history))
    assert ((field >= 0) & (field <= 1)).all()
    area = plane(SMALL)
    assert (cells["x"].min(), cells["y"].min()) == pytest.approx(area.low)
    assert (cells["x2"].max(), cells["y2"].max()) == pytest.approx(area.high)
    line, = moving.at(frame, len(history) - 1).query("what == 'line'")["codes"]
    assert len(line) > 20 * 8
    assert list(boundary_frame(SMALL, history[:1]).columns) == list(frame.columns)


@pytest.mark.parametrize("spec", NETWORKS.values(), ids=list(NETWORKS))
def test_at_every_moment_field_and_examples_are_what_the_network_predicts(spec):
    history, area, x = list(train(spec))[::6], plane(spec), spec.data().x_train
    frame, names = boundary_frame(spec, history), np.array(spec.data_set.target_names)
    field, examples = over_time(frame, "cell"), over_time(frame, "example")
    for moment, state in enumerate(history):
        rows = measured(frame, moment)
        for points, found, step in ((area.points, field[:, moment], 1 / 63), (x, examples[:, moment], 1 / 4095),
                                    (x, rows["probability"], 1 / 4095)):
            p = probabilities(spec, predict(spec, state.theta, state.moving, points))
            np.testing.assert_allclose(found, p.max(axis=1), atol=step / 2 + 1e-6)
        said = names[p.argmax(axis=1) if len(names) > 2 else (p[:, 0] >= 0.5).astype(int)]
        assert rows["says"].tolist() == said.tolist()
        if len(names) > 2:
            p = probabilities(spec, predict(spec, state.theta, state.moving, area.points))
            letters = [text[moment] for text in frame.loc[frame["what"] == "cell", "said"]]
            assert letters == [ALPHABET[best] for best in p.argmax(axis=1)]
    np.testing.assert_array_equal(rows[["x", "y"]], x)


def test_at_every_moment_the_line_is_where_the_network_decides(history):
    area, frame = plane(SMALL), boundary_frame(SMALL, history)
    low, size = np.tile(area.low, 2), np.tile(np.subtract(area.high, area.low), 2)
    for moment, state in enumerate(history):
        wanted = contour(predict(SMALL, state.theta, state.moving, area.points).reshape(GRID, GRID), area.centres)
        codes = moving.at(frame, moment).query("what == 'line'")["codes"]
        assert len(codes) == bool(len(wanted))
        for text in codes:
            np.testing.assert_allclose(low + size * shares(text, 2).reshape(-1, 4), wanted, atol=size.max() / 8190)


def test_a_part_of_a_run_is_the_beginning_of_the_whole(history):
    """Static columns do not grow, letters are added at the end, and the last line stays until there is another."""
    part, whole = boundary_frame(SMALL, history[:30]), boundary_frame(SMALL, history)
    stays = part["what"] != "line"
    same = ["what", "x", "y", "x2", "y2", "mark", "since", "until"]
    pd.testing.assert_frame_equal(part.loc[stays, same], whole.loc[whole["what"] != "line", same])
    for column in ("codes", "said"):
        assert all(new.startswith(old) for old, new in zip(part.loc[stays, column], whole[column], strict=False))
    assert measured(part, 29).equals(measured(whole, 29))
    assert measured(part, 200).equals(measured(part, 29))
    assert (moving.at(part, 200)["what"] == "line").sum() == 1


def test_at_most_so_many_examples_are_drawn():
    spec = replace(SMALL, samples=900, steps=1)
    assert (boundary_frame(spec, [Trainer(spec).snapshot])["what"] == "example").sum() == MOST_POINTS


def test_numbers_become_letters_and_a_half_is_never_rounded_to_the_other_class():
    values = np.array([[0, 1, 0.5, np.nextafter(np.float32(0.5), np.float32(0)), np.nan]], np.float32)
    for letters in (1, 2):
        text, = coded(values, letters)
        found = shares(text, letters)
        np.testing.assert_allclose(found[:4], values[0, :4], atol=0.5 / (BASE**letters - 1) + 1e-9)
        assert found[2] > 0.5 > found[3]
        assert text.endswith(NONE * letters)
    assert len(set(ALPHABET)) == BASE == 64
    assert not set(ALPHABET + NONE) & set("\\'\",")


def test_the_drawing_stays_while_a_run_trains_and_has_every_mark():
    picture = drawn(SMALL)
    assert picture is drawn(replace(SMALL, learning_rate=0.01, widths=(3,), steps=900))
    marks = [layer["mark"]["type"] for layer in picture.spec["layer"]]
    assert marks == ["rect", "rule", "point"]
    shapes = picture.spec["layer"][2]["encoding"]["shape"]["scale"]
    assert shapes["domain"] == ["outer ring", "inner ring"]
    assert len(set(shapes["range"])) == 2
    assert "Colour field" in picture.alt
    assert len(set(drawn(NETWORKS["four classes"]).spec["layer"][2]["encoding"]["shape"]["scale"]["range"])) == 4


@pytest.mark.parametrize("spec", [SMALL, NETWORKS["four classes"]], ids=["two", "four"])
def test_the_drawing_is_valid_and_reads_a_moment(spec):
    picture = drawn(spec)
    assert alt.Chart.from_dict(picture.spec).to_dict()
    assert json.loads(json.dumps(picture.spec)) == picture.spec
    assert picture.spec["params"] == moving.PARAMS
    assert picture.spec["transform"] == moving.LIFE
    field, line, examples = (json.dumps(layer["transform"]) for layer in picture.spec["layer"])
    assert "min(at, length(datum.codes) / 1 - 1)" in field
    assert "min(at, length(datum.codes) / 2 - 1)" in examples
    assert "flatten" in line
    assert all(name in examples for name in spec.data_set.target_names)


@pytest.mark.parametrize("spec", [SMALL, NETWORKS["four classes"]], ids=["two", "four"])
def test_an_overflowed_network_is_drawn_without_a_word(spec):
    state = Trainer(spec).snapshot
    frame = boundary_frame(spec, [state, replace(state, theta=np.full_like(state.theta, np.inf))])
    cells = frame[frame["what"] == "cell"]
    assert len(cells) == GRID**2
    assert cells["codes"].str.endswith(NONE).any()
    assert np.isfinite(measured(frame, 0)["probability"]).all()
    overflowed = measured(frame, 1)
    assert (overflowed["says"] == "NaN").tolist() == overflowed["probability"].isna().tolist()
    assert overflowed["probability"].isna().any()


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
        spec = replace(report.OPENS, dataset="circles", noise=None, widths=(units,), learning_rate=0.05, seed=seed)
        last = list(train(spec))[-1]
        assert low <= last.accuracy <= high
        pieces = contour(predict(spec, last.theta, last.moving, plane(spec).points).reshape(GRID, GRID),
                         plane(spec).centres)
        ends = np.concatenate([pieces[:, :2], pieces[:, 2:]]).round(9)
        closed = (np.unique(ends, axis=0, return_counts=True)[1] == 2).all()
        assert closed == (units == 3)
