"""Charts as data: what a spec holds still, what a frame shows, and that nothing Vega would drop goes missing."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import charts
from core.activations import ACTIVATIONS
from core.charts import Scale, frames, theme
from core.charts.drawing import FRAME, Drawing
from core.charts.frames import HEAT_ROWS
from core.charts.layers import GRADIENT_HEIGHT, RULE_OF_THUMB, UPDATE_RATIO
from core.charts.scales import SMALL
from core.initializers import INITIALIZERS
from core.probes import LAYER_FIELDS, Layers
from core.spec import RunSpec
from core.theory import Prediction, predict
from core.training import Snapshot, train
from tests.test_theme import contrast

ROOT = Path(__file__).parents[2]
THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
GRADIENTS = Scale(1e-8, 1e2, log=True)
PLAIN = Scale(-2.0, 4.0, row=0.0)


def snapshot(step: int = 0, layers: int = 5, loss: float = 0.7, **fields: Any) -> Snapshot:
    """A snapshot of a network with so many layers, everything 0.01 unless said."""
    values = {name: np.full(layers, 0.01) for name in LAYER_FIELDS} | {
        name: np.array(value, float) for name, value in fields.items()}
    return Snapshot(step, loss, 0.5, 0.8, 0.4, Layers(**values), True, None)


AWKWARD = (np.nan, np.inf, 0.0, 1e-12, 1e5, -np.inf, 5e-324, 1e300, 0.5)
KINDS = ["nan", "infinite", "zero", "below", "above", "below", "below", "above", "value"]


@dataclass(frozen=True)
class Case:
    """A drawing, with frames that are streamed into it one after the other."""

    name: str
    drawing: Drawing
    frames: tuple[pd.DataFrame, ...]


def cases() -> list[Case]:
    history = [snapshot(0), snapshot(3, loss=2.0), snapshot(9, signal_rms=AWKWARD[:5], loss=np.nan)]
    weird = snapshot(20, signal_rms=AWKWARD[:5], kernel_gradient_norm=AWKWARD[4:9], update_ratio=AWKWARD[:5],
                     activation_mean=AWKWARD[2:7], activation_std=AWKWARD[2:7], loss=np.inf)
    prediction = Prediction(np.array([1e-3, 1e-2, 0.1, 1]), np.ones(4))
    labels = ("ReLU", "Tanh")
    functions = {name: ACTIVATIONS[name.lower()].fn for name in labels}
    loss_scale = charts.linear_scale([0.7, 0.8])
    spread_scale = charts.spread_scale(history[0].layers.activation_mean, history[0].layers.activation_std)
    sample = np.random.default_rng(0).normal(0, 0.3, (32, 32))
    density = Scale(0.0, 3.0, row=0.0)
    return [
        Case("gradient", charts.gradient(4, GRADIENTS), (
            frames.gradient(history[:1], GRADIENTS, prediction),
            frames.gradient(history, GRADIENTS, prediction, [("+ He", snapshot(9)), ("pinned", weird)]),
            frames.gradient([*history, weird], GRADIENTS, None, (), ("signal",)))),
        Case("several", charts.several(4, GRADIENTS, labels), (
            frames.several({"ReLU": history[0], "Tanh": weird}, GRADIENTS),
            frames.several({"ReLU": history[0], "Tanh": weird}, GRADIENTS, "signal", {"ReLU": np.full(4, 0.1)}))),
        Case("heat", charts.heat(4, 100, GRADIENTS), (
            frames.heat(history, 100, GRADIENTS), frames.heat([*history, weird], 100, GRADIENTS))),
        Case("update ratio", charts.update_ratio(4), (frames.update_ratio(history[0]), frames.update_ratio(weird))),
        Case("fractions", charts.fractions(4), (frames.fractions(history[0]), frames.fractions(weird))),
        Case("spread", charts.spread(4, spread_scale), (
            frames.spread(history[0], spread_scale), frames.spread(weird, spread_scale))),
        Case("loss", charts.loss(100, loss_scale), (
            frames.loss(history[:1], loss_scale), frames.loss([*history, weird], loss_scale))),
        Case("losses", charts.losses(100, loss_scale, labels), (
            frames.losses({"ReLU": history, "Tanh": [*history, weird]}, loss_scale),)),
        Case("accuracy", charts.accuracy(100), (frames.accuracy(history),)),
        Case("curves", charts.curves(labels, PLAIN, PLAIN, "z", "f(z)"), (
            frames.curves(functions, PLAIN, PLAIN), frames.curves(functions, PLAIN, PLAIN, 3.0))),
        Case("histogram", charts.histogram(PLAIN, density), (
            frames.histogram(sample, PLAIN, density), frames.histogram(sample, PLAIN, density, np.exp))),
        Case("fits", charts.fits(labels, PLAIN, PLAIN), (
            frames.fits(np.arange(4.0), np.array([0, 1, 9, 1.0]), 2, functions, PLAIN, PLAIN),)),
        Case("factors", charts.factors(labels), (
            frames.factors({"ReLU": 0.7, "Tanh": 0.0}, {"ReLU": 1.0, "Tanh": None}),)),
    ]


CASES = cases()
every_chart = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def views(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec.get("layer", [spec])


def channels(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for view in views(spec):
        yield from view["encoding"].items() if isinstance(view["encoding"], dict) else ()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from nodes(one)


# --- what stays while data streams ----------------------------------------------------------------------------------


@every_chart
def test_a_spec_is_valid_vega_lite_and_can_be_sent(case):
    assert alt.Chart.from_dict(case.drawing.spec).to_dict()
    assert json.loads(json.dumps(case.drawing.spec)) == case.drawing.spec


@every_chart
def test_a_spec_names_its_data_and_holds_none(case):
    sources = [node["data"] for node in nodes(case.drawing.spec) if "data" in node]
    assert {"name": "source"} in sources
    assert all(source == {"name": "source"} or set(source) == {"sequence"} for source in sources)  # or counts by itself
    assert not any("datasets" in node or "url" in node for node in nodes(case.drawing.spec))


@every_chart
def test_every_axis_and_colour_is_fixed(case):
    for channel, definition in channels(case.drawing.spec):
        if "field" in definition and channel not in ("x2", "y2", "tooltip", "text", "detail"):
            domain = definition["scale"]["domain"]
            assert len(domain) >= 1
            assert not definition["scale"].get("nice")


@every_chart
def test_height_and_title_are_fixed_and_the_alt_text_stands_beside_the_spec(case):
    spec = case.drawing.spec
    assert spec["height"] > 100
    assert isinstance(spec["title"], str)
    assert "description" not in spec  # Streamlit puts `alt` there, and warns where there are two
    assert 60 < len(case.drawing.alt) < 400


@every_chart
def test_text_is_large_enough_for_the_last_row(case):
    sizes = [value for node in nodes(case.drawing.spec) for key, value in node.items() if "fontsize" in key.lower()]
    assert min(sizes) >= 13


@every_chart
def test_a_frame_has_every_field_that_the_chart_asks_for(case):
    made = {name for view in views(case.drawing.spec) for step in view.get("transform", [])
            for name in (step.get("as"), *(one["as"] for one in step.get("aggregate", [])))}
    made |= {node["data"]["sequence"]["as"] for node in nodes(case.drawing.spec) if "sequence" in node.get("data", {})}
    asked = {field for node in nodes(case.drawing.spec) if isinstance(field := node.get("field"), str)}
    asked |= set(re.findall(r"datum\.(\w+)", json.dumps([view.get("transform") for view in views(case.drawing.spec)])))
    for frame in case.frames:
        assert asked - made <= {*frame.columns, "n"}


@every_chart
def test_whatever_the_numbers_are_every_mark_has_a_place(case):
    for frame in case.frames:
        assert len(frame)
        assert np.isfinite(frame["y"]).all()
        labelled = frame[frame["label"] != ""] if "label" in frame else frame[:0]
        assert np.isfinite(labelled.get("label_y", pd.Series(dtype=float))).all()


@every_chart
def test_a_frame_survives_the_way_to_the_browser(case):
    for frame in case.frames:
        back = pa.Table.from_pandas(frame).to_pandas()
        pd.testing.assert_frame_equal(back, frame, check_dtype=False)


@every_chart
def test_the_table_behind_a_chart_has_the_numbers_and_not_the_places(case):
    for frame in case.frames:
        table = frames.table(frame)
        assert "value" in table
        assert not {"y", "label_y", "mark", "segment"} & set(table)
        assert len(table) == len(frame)


def test_equal_arguments_give_the_same_drawing_whatever_the_frame_holds():
    one, two = RunSpec(seed=1), RunSpec(seed=2)
    assert charts.gradient(one.depth, Scale(1e-8, 1e2, log=True)) is charts.gradient(two.depth, GRADIENTS)
    assert charts.heat(4, 300, GRADIENTS) is charts.heat(4, 300, GRADIENTS)
    assert charts.heat(4, 300, GRADIENTS).spec != charts.heat(5, 300, GRADIENTS).spec


# --- colours --------------------------------------------------------------------------------------------------------


def test_the_colours_are_those_of_the_apps_theme():
    assert list(theme.CATEGORIES) == THEME["chartCategoricalColors"]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", ["backgroundColor", "secondaryBackgroundColor"])
def test_the_neutral_is_seen_on_every_background(mode, kind):
    assert contrast(theme.NEUTRAL, THEME[mode][kind]) >= 3


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_in_ink_is_read_on_every_background(mode):
    """White under `difference`: each channel is what white and the background differ by."""
    assert theme.INK == "#ffffff"
    for kind in ("backgroundColor", "secondaryBackgroundColor"):
        background = THEME[mode][kind]
        inverted = "#" + "".join(f"{255 - int(background[i:i + 2], 16):02x}" for i in (1, 3, 5))
        assert contrast(inverted, background) >= 7


@every_chart
def test_a_meaning_has_its_colour_on_every_chart(case):
    for channel, definition in channels(case.drawing.spec):
        if channel == "color" and definition.get("field") == "series":
            for label, colour in zip(definition["scale"]["domain"], definition["scale"]["range"], strict=True):
                assert label not in theme.SERIES or theme.SERIES[label].colour == colour


@every_chart
def test_a_chart_names_no_colour_of_its_own(case):
    known = {*theme.CATEGORIES, theme.NEUTRAL, theme.INK}
    assert set(re.findall(r"#[0-9a-fA-F]{6}", json.dumps(case.drawing.spec))) <= known


def test_alternatives_are_told_apart_without_their_colour():
    eleven = theme.alternatives(tuple("abcdefghijk"))
    assert len({(one.colour, one.dash) for one in eleven}) == 11
    assert len({(one.shape, one.dash) for one in eleven}) == 11


# --- scales ---------------------------------------------------------------------------------------------------------


def test_what_does_not_fit_goes_to_an_edge_of_its_own():
    y, kind = GRADIENTS.place(AWKWARD)
    assert kind.tolist() == KINDS
    labels = {where: label for where, label in GRADIENTS.edges.items()}
    assert [labels.get(where) for where in y[:3]] == ["NaN", "∞", "0"]
    assert y[3:].tolist() == [1e-8, 1e2, 1e-8, 1e-8, 1e2, 0.5]
    low, high = GRADIENTS.domain
    assert ((low < y) & (y < high)).all()


def test_a_zero_is_a_value_on_a_linear_axis():
    scale = charts.linear_scale([0.7])
    y, kind = scale.place([0.0, -1.0, 1e9, np.nan])
    assert kind.tolist() == ["value", "below", "above", "nan"]
    assert y[0] == 0
    assert "0" not in scale.edges.values()


@pytest.mark.parametrize(
    ("sizes", "low", "high"),
    [([], 1e-8, 1e2), ([1e-8, 1e2], 1e-8, 1e2), ([0.0, np.nan, np.inf], 1e-8, 1e2), ([1e-9], 1e-13, 1e2),
     ([1e-44], 1e-48, 1e2), ([2e2], 1e-8, 1e7), ([3e38], 1e-8, 1e42)],
)
def test_the_gradient_axis_grows_by_blocks_to_hold_step_0(sizes, low, high):
    scale = charts.gradient_scale(sizes)
    assert (scale.low, scale.high) == pytest.approx((low, high))


@pytest.mark.parametrize("scale", [GRADIENTS, UPDATE_RATIO, Scale(1e-48, 1e42, log=True), Scale(0, 1), PLAIN,
                                   charts.linear_scale([0.693]), charts.linear_scale([123456.0]),
                                   Scale(1e-300, 1e300, log=True)])
def test_the_grid_is_decades_or_round_steps_with_at_most_eight_labels(scale):
    ticks = np.array(list(scale.ticks))
    labels = [label for label in scale.ticks.values() if label]
    assert 2 <= len(labels) <= 8
    assert ticks.min() == pytest.approx(scale.low) or ticks.min() > scale.low
    assert ticks.max() == pytest.approx(scale.high) or ticks.max() < scale.high
    if scale.log:
        assert np.log10(ticks) == pytest.approx(np.round(np.log10(ticks)))


@pytest.mark.parametrize(("values", "high"), [([0.693], 1.0), ([2.3], 3.0), ([1e12], 1.5e12), ([], 1.0),
                                              ([np.nan, None, np.inf], 1.0), ([0.0], 1.0)])
def test_a_linear_axis_ends_at_a_round_number_above(values, high):
    assert charts.linear_scale(values).high == pytest.approx(high)


def test_a_linear_axis_may_begin_below_zero():
    assert charts.linear_scale([-0.5], low=-1.0) == Scale(-1.0, 0.0, row=SMALL)
    assert charts.linear_scale([-0.5, 0.5], low=-1.0) == Scale(-1.0, 0.8, row=SMALL)


def test_labels_that_would_touch_are_moved_apart_and_stay_inside():
    scale = Scale(0.0, 10.0)
    wanted = np.array([5, 5, 5.1, 0, 11.8, 11.7, 11.79])
    placed = scale.apart(wanted, 0.1)
    assert (np.diff(np.sort(placed)) >= 0.1 * scale.length * (1 - 1e-9)).all()
    assert (np.argsort(placed) == np.argsort(wanted, kind="stable")).all()
    assert scale.domain[0] <= placed.min()
    assert placed.max() <= scale.domain[1]
    assert scale.apart(np.array([2.0, 8.0]), 0.1).tolist() == [2.0, 8.0]


# --- what the frames say --------------------------------------------------------------------------------------------


def test_the_gradient_frame_has_a_row_for_every_layer_and_quantity():
    state = snapshot(signal_rms=[0.1, 0.2, 0.3], kernel_gradient_norm=[1, 2, 3], layers=3)
    frame = frames.gradient([state], GRADIENTS)
    assert frame["series"].tolist() == ["signal"] * 3 + ["kernel gradient"] * 3
    assert frame["layer"].tolist() == [1, 2, 3] * 2
    assert frame["place"].tolist() == ["layer 1", "layer 2", "output"] * 2
    assert frame["value"].tolist() == [0.1, 0.2, 0.3, 1, 2, 3]
    assert frame["label"].tolist() == ["signal", "", "", "kernel gradient", "", ""]


def test_zero_infinity_and_nan_are_drawn_and_say_what_they_are():
    frame = frames.gradient([snapshot(signal_rms=AWKWARD[:5])], GRADIENTS, quantities=("signal",))
    assert frame["mark"].tolist() == KINDS[:5]
    assert frame["exact"].tolist() == ["NaN", "∞", "0", "1e-12", "100000"]
    assert frame["points"].all()
    assert frame["segment"].tolist()[:3] == [-1, -1, -1]  # no line leads to what is not a size
    assert frame["segment"][3] == frame["segment"][4] >= 0


def test_a_line_is_broken_where_a_value_has_no_size():
    frame = frames.gradient([snapshot(signal_rms=[1, 2, 0, 3, 4])], GRADIENTS, quantities=("signal",))
    segment = frame["segment"].tolist()
    assert segment[0] == segment[1] != segment[3] == segment[4]
    assert segment[2] == -1


def test_theory_is_drawn_only_where_there_is_one():
    history = [snapshot(signal_rms=[0.1, 0.1, 0.1, 0.2, 0.5]), snapshot(3)]
    prediction = Prediction(np.array([0.125, 0.25, 0.5, 1]), np.ones(4))
    theory = frames.gradient(history, GRADIENTS, prediction).query("series == 'theory'")
    assert theory["value"].tolist() == pytest.approx([0.025, 0.05, 0.1, 0.2])  # level: last hidden layer at step 0
    assert not theory["points"].any()
    for none in (None, Prediction(None, None, "no weights to average over")):
        assert "theory" not in set(frames.gradient(history, GRADIENTS, none)["series"])
    silent = [snapshot(signal_rms=[0, 0, 0, 0, 0.5])]
    assert "theory" not in set(frames.gradient(silent, GRADIENTS, prediction)["series"])
    hidden = frames.gradient(history, GRADIENTS, prediction, quantities=("kernel gradient",))
    assert set(hidden["series"]) == {"kernel gradient"}


def test_earlier_runs_lie_under_the_present_one_and_are_labelled():
    frame = frames.gradient([snapshot()], GRADIENTS, earlier=[("+ He", snapshot(9)), ("pinned", snapshot(9))],
                            quantities=("signal",))
    assert frame["run"].tolist() == ["+ He"] * 5 + ["pinned"] * 5 + [""] * 5
    labels = frame[frame["label"] != ""]
    assert labels["label"].tolist() == ["+ He", "pinned", "signal"]
    row = theme.ROW / (GRADIENT_HEIGHT - FRAME) * GRADIENTS.length
    assert (np.diff(np.sort(np.log10(labels["label_y"]))) >= row * (1 - 1e-9)).all()


def test_of_an_earlier_run_of_another_depth_only_fitting_hidden_layers_are_shown():
    deep, shallow = snapshot(layers=9), snapshot(layers=3)
    frame = frames.gradient([snapshot(layers=5)], GRADIENTS, earlier=[("deep", deep), ("shallow", shallow)],
                            quantities=("signal",))
    assert frame.query("run == 'deep'")["place"].tolist() == ["layer 1", "layer 2", "layer 3", "layer 4"]
    assert frame.query("run == 'shallow'")["place"].tolist() == ["layer 1", "layer 2"]


def test_the_heat_map_shows_the_last_state_of_every_stretch_and_the_end():
    history = [snapshot(step, kernel_gradient_norm=[step + 1.0, 2, 3], layers=3) for step in range(0, 301)]
    frame = frames.heat(history, 300, GRADIENTS)
    assert len(frame) <= HEAT_ROWS * 3
    assert frame["recorded"].max() == 300
    assert frame["until"].max() <= 300
    first = frame.query("layer == 1")
    assert (first["value"] == first["recorded"] + 1).all()
    inner = first[first["until"] < 300]
    assert ((inner["step"] <= inner["recorded"]) & (inner["recorded"] < inner["until"])).all()


@pytest.mark.parametrize("steps", [1, 20, 59, 60, 61, 300, 2000, 20000])
def test_a_heat_map_never_has_more_than_sixty_stretches(steps):
    history = [snapshot(step) for step in sorted({0, 1, steps // 2, steps - 1, steps})]
    frame = frames.heat(history, steps, GRADIENTS)
    assert frame["step"].nunique() <= HEAT_ROWS
    assert frame["recorded"].max() == steps
    assert frame["step"].max() < steps


def test_the_heat_map_gives_zero_infinity_and_nan_colours_of_their_own():
    frame = frames.heat([snapshot(kernel_gradient_norm=AWKWARD[:5])], 100, GRADIENTS)
    assert frame["mark"].tolist() == KINDS[:5]
    encoding = charts.heat(4, 100, GRADIENTS).spec["layer"][0]["encoding"]["color"]
    own = {re.search(r"'(\w+)'", one["test"])[1]: one["value"] for one in encoding["condition"]}
    assert own == theme.EDGE_COLOURS
    assert set(own) == {"zero", "infinite", "nan"}


def test_loss_and_accuracy_have_a_line_a_part_labelled_at_the_last_step():
    history = [replace(snapshot(step, loss=0.7 - step / 100), validation_loss=0.8) for step in range(5)]
    frame = frames.loss(history, charts.linear_scale([0.7]))
    assert frame["series"].tolist() == ["training"] * 5 + ["validation"] * 5
    assert frame[frame["label"] != ""]["step"].tolist() == [4, 4]
    without = [replace(one, validation_loss=None, validation_accuracy=None, accuracy=None) for one in history]
    assert set(frames.loss(without, charts.linear_scale([0.7]))["series"]) == {"training"}
    assert len(frames.accuracy(without)) == 0


def test_a_loss_that_leaves_the_axis_has_an_arrow():
    history = [snapshot(0, loss=0.7), snapshot(1, loss=1e9), snapshot(2, loss=np.nan)]
    frame = frames.loss(history, charts.linear_scale([0.7])).query("series == 'training'")
    assert frame["mark"].tolist() == ["training", "above", "nan"]
    assert frame["points"].tolist() == [False, True, True]
    assert frame["exact"].tolist()[1:] == ["1e+09", "NaN"]


def test_update_ratios_begin_with_the_first_step():
    assert set(frames.update_ratio(snapshot(0))["series"]) == {"rule of thumb"}
    later = frames.update_ratio(snapshot(1, update_ratio=[1e-3, np.nan, 0, 1e-2, 1e-9]))
    measured = later.query("series == 'update ratio'")
    assert measured["mark"].tolist() == ["update ratio", "nan", "zero", "update ratio", "below"]
    assert set(later.query("series == 'rule of thumb'")["value"]) == {RULE_OF_THUMB}


def test_the_spread_is_the_mean_with_one_standard_deviation_on_either_side():
    state = snapshot(activation_mean=[0.5] * 5, activation_std=[0.25] * 5)
    frame = frames.spread(state, charts.spread_scale(state.layers.activation_mean, state.layers.activation_std))
    assert frame["bottom"].tolist() == [0.25] * 5
    assert frame["top"].tolist() == [0.75] * 5
    assert frame["exact"][0] == "0.5 ± 0.25"


@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if entry.elementwise])
def test_a_curve_is_its_function(name):
    x_scale, y_scale = Scale(-6.0, 6.0, row=0.0), Scale(-2.0, 4.0, row=0.0)
    frame = frames.curves({name: ACTIVATIONS[name].fn}, x_scale, y_scale, point=5.0)
    assert frame["value"].to_numpy() == pytest.approx(ACTIVATIONS[name].fn(frame["x"].to_numpy()))
    inside = frame["value"].between(-2, 4)
    assert (frame["y"] == frame["value"])[inside].all()
    line = frame[~frame["points"]]
    beyond = line["value"] > 4
    assert (line[beyond]["y"] > 4).all()  # cut off by the plot's end, not drawn along it
    assert frame[frame["points"]]["x"].tolist() == [5.0]


def test_a_curve_with_a_pole_is_broken_there():
    with np.errstate(divide="ignore"):
        frame = frames.curves({"1/x": lambda x: 1 / x}, Scale(-1.0, 1.0, row=0.0), PLAIN)
    assert (frame["segment"] == -1).sum() == 1
    assert frame["segment"].nunique() == 3


@pytest.mark.parametrize("name", [name for name, entry in INITIALIZERS.items() if entry.random])
def test_the_bars_of_a_histogram_hold_the_whole_sample(name):
    entry = INITIALIZERS[name]
    sample = np.random.default_rng(1).normal(0, 2, 999)  # wider than the axis
    x_scale, y_scale = Scale(-1.0, 1.0, row=0.0), Scale(0.0, 60.0, row=0.0)
    frame = frames.histogram(sample, x_scale, y_scale, lambda x: entry.density(x, 32, 32))
    bars = frame.query("series == 'sample'")
    assert ((bars["x2"] - bars["x"]) * bars["value"]).sum() == pytest.approx(1)
    theory = frame.query("series == 'theory'")
    assert theory["value"].to_numpy() == pytest.approx(entry.density(theory["x"].to_numpy(), 32, 32))


def test_a_fit_shows_its_points_its_outlier_and_its_line():
    x, y = np.array([0.0, 1, 2]), np.array([0.0, 3, 2])
    frame = frames.fits(x, y, 1, {"MSE": lambda x: x}, PLAIN, PLAIN)
    assert frame[frame["points"]]["series"].tolist() == ["data", "outlier", "data"]
    line = frame.query("series == 'MSE'")
    assert (line["value"] == line["x"]).all()


def test_a_factor_without_a_theory_has_only_its_measured_mark():
    frame = frames.factors({"a": 0.236, "b": 20.0, "c": 0.0}, {"a": 0.24, "b": None})
    rows = list(zip(frame["name"], frame["series"], frame["mark"], strict=True))
    assert rows == [("a", "theory", "theory"), ("a", "signal", "signal"), ("b", "signal", "above"),
                    ("c", "signal", "zero")]


# --- a real run -----------------------------------------------------------------------------------------------------


def test_a_real_run_is_drawn_as_it_was_measured():
    spec = RunSpec(widths=(8,) * 4, steps=30)
    history = list(train(spec))
    start = history[0].layers
    scale = charts.gradient_scale(start.signal_rms, start.kernel_gradient_norm)
    frame = frames.gradient(history, scale, predict(spec))
    signal = frame.query("series == 'signal'")
    assert signal["value"].to_numpy() == pytest.approx(history[-1].layers.signal_rms)
    assert (signal["y"] == signal["value"]).all()
    assert len(frame.query("series == 'theory'")) == spec.depth
    assert len(frames.heat(history, spec.steps, scale)) == (spec.depth + 1) * 30
    assert frames.loss(history, charts.linear_scale([history[0].loss]))["step"].max() == 30
