"""Small multiples as data: every run in a place of its own, one axis for all, every number where it belongs."""

import json
from dataclasses import replace

import altair as alt
import numpy as np
import pyarrow as pa
import pytest

from core.charts import moving
from core.charts import panels as drawn
from core.diagnosis import KINDS, diagnose
from core.lessons.initializers.setups import DEEP_RELU
from core.side_by_side import Entry, ranked, under_each_initializer
from core.spec import RunSpec
from core.theory import predict
from core.words import say
from tests import shipped

DEPTH = DEEP_RELU.depth
HEAD = drawn.NAME - 0.15  # of a panel's place, where its texts begin


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    histories = shipped.histories()
    each = under_each_initializer(DEEP_RELU)
    return [Entry(label, spec, histories[spec]) for label, spec in each.items()]


@pytest.fixture(scope="module")
def whole(entries):
    return drawn.panels_frame(entries)


@pytest.fixture(scope="module")
def frame(whole):
    """The last moment, with the places of its marks."""
    return placed(moving.at(whole, moving.FOREVER - 1))


def placed(rows):
    """Where the browser draws each row: `up` as the chart's transforms have it, and y on the panel's own axis."""
    y, _ = drawn.SCALE.place(rows["value"])
    low, high = np.log10(drawn.SCALE.domain)
    up = np.where(rows["role"] == "line", rows["height"] + drawn.PLOT_HEIGHT * (np.log10(y) - low) / (high - low),
                  rows["height"])
    return rows.assign(up=up)


def lines(frame, run: str, series: str):
    return frame[(frame["role"] == "line") & (frame["run"] == run) & (frame["series"] == series)]


@pytest.mark.parametrize(("depth", "runs"), [(1, 2), (30, 11), (50, 3)])
def test_the_spec_is_valid_vega_lite_with_fixed_axes_and_no_data(depth, runs):
    drawing = drawn.panels(depth, runs)
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["data"] == {"name": "source"}
    assert all(layer["encoding"][channel]["scale"]["domain"] for layer in drawing.spec["layer"] for channel in "xy")
    assert drawn.panels(depth, runs) is drawing


def test_every_run_has_a_place_of_its_own_in_the_order_of_the_verdicts_at_step_0(entries, frame):
    start = [entry._replace(history=entry.history[:1]) for entry in entries]
    names = frame[frame["role"] == "name"]
    assert list(names["run"]) == [entry.label for entry in ranked(start)]
    places = list(zip(np.floor(names["x"]), np.floor(names["up"]), strict=True))
    assert places == [(column, row) for row in (3, 2, 1, 0) for column in (0, 1, 2)][:11]
    for run, place in zip(names["run"], places, strict=True):
        own = frame[frame["run"] == run]
        assert {*zip(np.floor(own["x"]), np.floor(own["up"]), strict=True)} == {place}


def test_no_panel_moves_while_the_runs_do(entries, whole):
    short = drawn.panels_frame([entry._replace(history=entry.history[:2]) for entry in entries])
    for moment in (0, 1, 100, 220):
        names = moving.at(whole, moment).query("role == 'name'")[["run", "x", "height"]]
        assert names.to_numpy().tolist() == short.query("role == 'name'")[["run", "x", "height"]].to_numpy().tolist()


@pytest.mark.parametrize("moment", [0, 1, 57, 220])
def test_measured_and_expected_are_those_of_the_run(entries, whole, moment):
    rows = drawn.measured(whole, moment)
    for entry in entries:
        layers = entry.history[min(moment, len(entry.history) - 1)].layers
        own = rows[rows["run"] == entry.label]
        for series, values in (("signal", layers.signal_rms), ("kernel gradient", layers.kernel_gradient_norm)):
            found = own[own["series"] == series]
            assert list(found["layer"]) == list(range(1, DEPTH + 2))
            np.testing.assert_allclose(found["value"], values, rtol=0.5 * 10.0 ** (1 - drawn.DIGITS))
        theory = own[own["series"] == "theory"]
        expected = predict(entry.spec).signal
        if expected is None:
            assert theory.empty
        else:  # its level is that of the last hidden layer at step 0
            np.testing.assert_allclose(theory["value"], expected * entry.history[0].layers.signal_rms[-2],
                                       rtol=0.5 * 10.0 ** (1 - drawn.DIGITS))


def test_equal_numbers_stand_at_equal_heights_in_every_panel(entries, frame):
    rows = frame[(frame["role"] == "line") & frame["value"].between(drawn.SCALE.low, drawn.SCALE.high)]
    decade = np.log10(rows["value"])
    slope, level = np.polyfit(decade, rows["up"] % 1, 1)
    np.testing.assert_allclose(rows["up"] % 1, slope * decade + level, atol=1e-9)
    axis = drawn.panels(DEPTH, len(entries)).spec["layer"][0]["encoding"]["y"]["axis"]["values"]
    assert {round(value % 1, 6) for value in axis} >= {round(level + slope * n, 6) for n in (-8, -4, 0)}


def test_the_browser_places_the_lines_as_this_test_does(frame):
    """The transform's numbers are those of the axis."""
    (up,) = (step["calculate"] for step in drawn.panels(DEPTH, 11).spec["transform"] if step.get("as") == "up")
    low, high = np.log10(drawn.SCALE.domain)
    assert up == (f"datum.role == 'line' ? datum.height + {drawn.PLOT_HEIGHT} * (log(datum.y) / LN10 - {low})"
                  f" / {high - low} : datum.height")


def test_zero_infinity_and_nan_are_drawn_as_what_they_are(whole, frame):
    zeros = lines(frame, "Zeros", "signal")
    assert set(zeros["mark"][zeros["layer"] <= DEPTH]) == {"zero"}
    assert {"nan"} <= set(lines(frame, "Ones", "kernel gradient")["mark"])
    below = lines(frame, "Random uniform", "kernel gradient")
    assert set(below["mark"]) == {"below"}
    assert (below["segment"] != moving.HIDDEN).all()
    for mark in ("zero", "nan", "infinite"):
        assert (frame["segment"][frame["mark"] == mark] == moving.HIDDEN).all()
    first = lines(whole, "Zeros", "kernel gradient").iloc[0]
    assert set(first["kinds"]) == {"Z"}  # its sign is written beside it


def test_every_mark_stays_in_its_panel_below_the_texts(frame):
    assert np.isfinite(frame[["x", "up"]]).all().all()
    assert (frame["up"][frame["role"] == "line"] % 1 < HEAD).all()


def test_the_key_stands_where_no_run_is(frame):
    key = frame[frame["run"] == "key"]
    assert set(np.floor(key["x"])) == {2}
    assert set(np.floor(key["up"])) == {0}
    assert set(key["label"]) - {""} == {"signal", "kernel gradient", "theory"}


def test_a_verdict_has_a_word_and_a_sign_beside_the_loss(frame):
    assert set(drawn.SIGNS) == set(KINDS)
    assert len(set(drawn.SIGNS.values())) == len(KINDS)
    texts = frame[(frame["role"] == "text") & (frame["run"] == "Zeros")]
    assert list(texts["label"]) == ["= symmetric 0.69"]


def test_at_every_moment_the_verdict_is_that_of_the_run_so_far(entries, whole):
    for moment in (0, 1, 5, 40, 120, 220):
        texts = moving.at(whole, moment).query("role == 'text' and run != 'key'").set_index("run")["label"]
        for entry in entries:
            past = entry.history[:moment + 1]
            kind = diagnose(entry.spec, past).kind
            assert texts[entry.label] == f"{drawn.SIGNS[kind]} {KINDS[kind].word.lower()} {say(past[-1].training_loss)}"


def test_before_step_0_a_panel_says_that_it_waits():
    runs = [Entry(label, spec, []) for label, spec in under_each_initializer(RunSpec()).items()]
    frame = drawn.panels_frame(runs)
    assert not (frame["role"] == "line").any()
    assert (frame["label"] == "waiting for TensorFlow").sum() == len(runs)
    assert drawn.measured(frame, 0).empty


def test_depths_of_1_and_50_have_room(entries):
    history = entries[0].history
    for depth in (1, 50):
        layers = {name: np.full(depth + 1, 0.5) for name in vars(history[0].layers)}
        state = replace(history[0], layers=replace(history[0].layers, **layers))
        frame = drawn.panels_frame([Entry("one", RunSpec(widths=(4,) * depth), [state])])
        shown = frame[frame["role"] == "line"]
        assert shown["x"].between(0, drawn.PLOT_WIDTH).all()


def test_the_data_table_has_the_numbers_and_survives_the_way_to_the_browser(whole):
    table = drawn.measured(whole, 100)
    assert list(table) == ["run", "series", "layer", "place", "value"]
    assert len(table) == (whole["role"] == "line").sum()
    assert pa.Table.from_pandas(whole).num_rows == len(whole)
