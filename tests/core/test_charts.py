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
from core.charts import Scale, moving, panels, theme
from core.charts.bands import band, band_frame
from core.charts.drawing import Drawing, length_of, row_share
from core.charts.heat_map import HEAT_ROWS
from core.charts.layers import LAST_FINITE, RULE_OF_THUMB, SPREAD_DIGITS, UPDATE_RATIO
from core.charts.rows import table
from core.initializers import INITIALIZERS
from core.lessons.activations.charts import right, right_frame
from core.lessons.gradients.charts import clipping, clipping_frame
from core.lessons.gradients.clipping import Clipped
from core.lessons.optimizers.charts import heights, heights_frame, paths, paths_frame, rate_plots
from core.lessons.optimizers.race import LABELS, Race
from core.probes import LAYER_FIELDS, Layers
from core.side_by_side import Entry
from core.spec import RunSpec
from core.theory import Prediction, predict
from core.training import Snapshot, train
from tests.drawings import SIZES
from tests.test_theme import contrast

ROOT = Path(__file__).parents[2]
THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
GRADIENTS = Scale(1e-8, 1e2, log=True)
PLAIN = Scale(-2.0, 4.0, pad=0.0)


def snapshot(step: int = 0, layers: int = 5, loss: float = 0.7, **fields: Any) -> Snapshot:
    """A snapshot of a network with so many layers, everything 0.01 unless said."""
    values = {name: np.full(layers, 0.01) for name in LAYER_FIELDS} | {
        name: np.array(value, float) for name, value in fields.items()}
    return Snapshot(step, loss, 0.5, 0.8, 0.4, Layers(**values), True, None)


AWKWARD = (np.nan, np.inf, 0.0, 1e-12, 1e5, -np.inf, 5e-324, 1e300, 0.5)
KINDS = ["nan", "infinite", "zero", "below", "above", "below", "below", "above", "value"]


@dataclass(frozen=True)
class Case:
    """A drawing, with frames that it draws, of runs of up to so many moments."""

    name: str
    drawing: Drawing
    frames: tuple[pd.DataFrame, ...]
    moments: int = 5


def cases() -> list[Case]:
    short = [snapshot(0), snapshot(3, loss=2.0), snapshot(9, signal_rms=AWKWARD[:5], loss=np.nan)]
    weird = snapshot(20, signal_rms=AWKWARD[:5], kernel_gradient_norm=AWKWARD[4:9], update_ratio=AWKWARD[:5],
                     activation_mean=AWKWARD[2:7], activation_std=AWKWARD[2:7], loss=np.inf)
    long = [*short, snapshot(12, signal_rms=[0, 0, 3, 0, 1], update_ratio=AWKWARD[3:8], loss=0.3), weird]
    both = {"ReLU": short, "Tanh": long}
    prediction = Prediction(np.array([1e-3, 1e-2, 0.1, 1]), np.ones(4))
    labels = ("ReLU", "Tanh")
    functions = {name: ACTIVATIONS[name.lower()].fn for name in labels}
    loss_scale = charts.linear_scale([0.7, 0.8])
    spread_scale = charts.spread_scale(short[0].layers.activation_mean, short[0].layers.activation_std)
    sample = np.random.default_rng(0).normal(0, 0.3, (32, 32))
    density = Scale(0.0, 3.0, pad=0.0)
    race = Race("ravine", ("sgd", "momentum", "adam"), (-4.0, 1.5), rate=0.2, steps=30)  # two of them diverge
    raced = tuple(LABELS[name] for name in race.names)
    rated, drawn_rates = rate_plots({"0.1": short, "1": long, "10": long[:1]})["loss by rate"]
    clipped = [Clipped(0, 3.0, 1.0, True), Clipped(1, 0.0, None, None), Clipped(2, 1e9, 1.0, True)]
    entries = [Entry("one (1)", RunSpec(widths=(4,) * 4), long), Entry("two", RunSpec(widths=(4,) * 4), short),
               Entry("three", RunSpec(widths=(4,) * 4), [])]
    return [
        Case("gradient", charts.gradient(4, GRADIENTS), (
            charts.gradient_frame(short[:1], GRADIENTS, prediction),
            charts.gradient_frame(long, GRADIENTS, prediction, {"+ He": short, "pinned": [weird]}))),
        Case("several", charts.several(4, GRADIENTS, labels, theory=True), (
            charts.several_frame(both, GRADIENTS),
            charts.several_frame(both, GRADIENTS, "signal", {"ReLU": np.full(4, 0.1), "Tanh": np.full(4, 0.1)}))),
        Case("update ratios", charts.several(4, UPDATE_RATIO, labels, "update ratio"), (
            charts.several_frame(both, UPDATE_RATIO, "update ratio"),)),
        Case("heat", charts.heat(4, 100, GRADIENTS), (
            charts.heat_frame(short, 100, GRADIENTS), charts.heat_frame(long, 100, GRADIENTS))),
        Case("update ratio", charts.update_ratio(4), (
            charts.update_ratio_frame(short[:1]), charts.update_ratio_frame(long))),
        Case("fractions", charts.fractions(4), (charts.fractions_frame(short[:1]), charts.fractions_frame(long))),
        Case("spread", charts.spread(4, spread_scale), (
            charts.spread_frame(short[:1], spread_scale), charts.spread_frame(long, spread_scale))),
        Case("loss", charts.loss(100, loss_scale), (
            charts.loss_frame(short[:1], loss_scale), charts.loss_frame(long, loss_scale))),
        Case("losses", charts.losses(100, loss_scale, labels), (charts.losses_frame(both, loss_scale),)),
        Case("accuracy", charts.accuracy(100), (charts.accuracy_frame(long),)),
        Case("accuracies", charts.accuracies(100, labels), (charts.accuracies_frame(both),)),
        Case("band", band("Loss", 100.0, loss_scale, labels, 2), (
            band_frame({"ReLU": [short, long], "Tanh": [long, short]}, "loss", loss_scale),)),
        Case("clipping", clipping(30, GRADIENTS, "of all gradients"), (
            clipping_frame(clipped, 1.0, 30, GRADIENTS),)),
        Case("right", right(20, labels), (right_frame(both, 20),)),
        Case("paths", paths("ravine", raced), (paths_frame(race),), 31),
        Case("heights", heights(30, raced), (heights_frame(race),), 31),
        Case("rates", drawn_rates, (rated,)),
        Case("panels", panels.panels(4, 3), (panels.panels_frame(entries),)),
        Case("curves", charts.curves(labels, PLAIN, PLAIN, "z", "f(z)"), (
            charts.curves_frame(functions, PLAIN, PLAIN), charts.curves_frame(functions, PLAIN, PLAIN, 3.0))),
        Case("histogram", charts.histogram(PLAIN, density), (
            charts.histogram_frame(sample, PLAIN, density), charts.histogram_frame(sample, PLAIN, density, np.exp))),
        Case("fits", charts.fits(labels, PLAIN, PLAIN), (
            charts.fits_frame(np.arange(4.0), np.array([0, 1, 9, 1.0]), 2, functions, PLAIN, PLAIN),)),
        Case("factors", charts.factors(labels), (
            charts.factors_frame({"ReLU": [0.7, None, np.inf], "Tanh": [0.0, 1.0]}, {"ReLU": 1.0, "Tanh": None}),)),
    ]


CASES = cases()
every_chart = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def views(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec.get("layer", [spec])


def transforms(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for view in (spec, *spec.get("layer", ())) for step in view.get("transform", ())]


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
    # Others count by themselves, or are the ground of a map.
    assert all(source == {"name": "source"} or "sequence" in source or case.name == "paths" for source in sources)
    assert not any("datasets" in node or "url" in node for node in nodes(case.drawing.spec))


@every_chart
def test_every_axis_and_colour_is_fixed(case):
    for channel, definition in channels(case.drawing.spec):
        if "field" in definition and channel not in ("x2", "y2", "tooltip", "text", "detail", "order"):
            domain = definition["scale"]["domain"]
            assert len(domain) >= 1
            assert not definition["scale"].get("nice")


@every_chart
def test_height_and_title_are_fixed_and_the_alt_text_stands_beside_the_spec(case):
    spec = case.drawing.spec
    assert spec["height"] > 100
    assert isinstance(spec["title"], str)
    assert "description" not in spec  # Streamlit puts `alt` there, and warns where there are two


def test_text_is_large_enough_for_the_last_row():
    """These are the sizes that a drawing may have (tests/drawings.py)."""
    for size in SIZES:
        usual, wide = map(float, re.findall(r"[?:] ([\d.]+)", size["expr"]))
        assert usual >= 15
        assert wide >= 18


@every_chart
def test_a_frame_has_every_field_that_the_chart_asks_for(case):
    made = {name for step in transforms(case.drawing.spec)
            for name in (step.get("as"), *(one["as"] for one in step.get("aggregate", [])))}
    made |= {node["data"]["sequence"]["as"] for node in nodes(case.drawing.spec) if "sequence" in node.get("data", {})}
    made |= {"x2", "y2", "level"} if case.name == "paths" else set()  # of its own data
    asked = {field for node in nodes(case.drawing.spec) if isinstance(field := node.get("field"), str)}
    asked |= set(re.findall(r"datum\.(\w+)", json.dumps(transforms(case.drawing.spec))))
    for frame in case.frames:
        assert asked - made <= {*frame.columns, "n"}


def moving_parts(case: Case) -> Iterator[tuple[int, pd.DataFrame]]:
    """Each frame at each of its moments, and at one after its last."""
    for frame in case.frames:
        for moment in range(case.moments + 1):
            yield moment, moving.at(frame, moment)


@every_chart
def test_whatever_the_numbers_are_every_mark_has_a_place(case):
    for frame in case.frames:
        assert len(frame)
        places = frame[[name for name in ("x", "y", "bottom", "top", "step", "layer", "height") if name in frame]]
        named = frame["name"] != "" if {"name", "x2"} <= {*frame} else np.zeros(len(frame), bool)
        assert np.isfinite(places[~named]).all(axis=None)
    for _, rows in moving_parts(case):
        if label_scale(case.drawing.spec):
            assert np.isfinite(rows["label_y"][rows["label"] != ""]).all()


@every_chart
def test_a_frame_survives_the_way_to_the_browser(case):
    for frame in case.frames:
        back = pa.Table.from_pandas(frame).to_pandas()
        pd.testing.assert_frame_equal(back, frame, check_dtype=False)


@every_chart
def test_the_table_behind_a_chart_has_the_numbers_and_not_the_places(case):
    for frame in case.frames:
        for moment in range(case.moments):
            shown = table(frame, moment)
            assert "value" in shown
            assert not {"y", "label_y", "mark", "segment", "since", "until", "values", "kinds"} & set(shown)
            assert len(shown) <= len(moving.at(frame, moment))


@every_chart
def test_after_its_last_moment_a_chart_shows_the_same_as_then(case):
    for frame in case.frames:
        pd.testing.assert_frame_equal(moving.at(frame, case.moments - 1), moving.at(frame, case.moments + 100))
        assert len(moving.at(frame, case.moments))


# --- labels -----------------------------------------------------------------------------------------------------------


def label_scale(spec: dict[str, Any]) -> Scale | None:
    """The axis on which a chart's direct labels stand, without the room beyond its ends."""
    for view in views(spec):
        y = view["encoding"].get("y", {}) if view["mark"]["type"] == "text" else {}
        if y.get("field") == "label_y":
            low, high = y["scale"]["domain"]
            return Scale(low, high, y["scale"]["type"] == "log", pad=0.0)
    return None


@every_chart
def test_the_labels_of_a_moment_lie_apart_and_inside_the_axis(case):
    scale = label_scale(case.drawing.spec)
    if scale is None:
        return
    row, even = row_share(case.drawing.spec["height"]) * scale.length, np.log10 if scale.log else np.positive
    bottom, top = even([scale.low, scale.high])
    for _, rows in moving_parts(case):
        places = np.sort(even(rows["label_y"][rows["label"] != ""].to_numpy(float)))
        assert (np.diff(places) >= row * (1 - 1e-4)).all()
        assert ((bottom <= places) & (places <= top)).all()


@every_chart
def test_labels_at_the_end_of_lines_have_the_room_they_need(case):
    """The x axis ends so many px before the chart does."""
    texts = [view for view in views(case.drawing.spec) if view["mark"]["type"] == "text"
             and view["encoding"].get("y", {}).get("field") == "label_y" and view["mark"]["align"] == "left"]
    for view in texts:
        end = view["encoding"]["x"]["scale"]["range"][1]["expr"]
        room = float(re.search(r"\? (\d+) :", end)[1])
        labels = {label for frame in case.frames for label in frame["label"]}
        assert room >= view["mark"]["dx"] + max(length_of(label) for label in labels) - 1


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


def test_alternatives_are_told_apart_without_their_colour():
    eleven = theme.alternatives(tuple("abcdefghijk"))
    assert len({(one.colour, one.dash) for one in eleven}) == 11
    assert len({(one.shape, one.dash) for one in eleven}) == 11


# --- scales ---------------------------------------------------------------------------------------------------------


def test_what_does_not_fit_goes_to_an_end_of_the_axis():
    y, kind = GRADIENTS.place(AWKWARD)
    assert kind.tolist() == KINDS
    assert y.tolist() == [1e2, 1e2, 1e-8, 1e-8, 1e2, 1e-8, 1e-8, 1e2, 0.5]
    low, high = GRADIENTS.domain
    assert ((low < y) & (y < high)).all()  # with room for the marks


def test_a_zero_is_a_value_on_a_linear_axis():
    scale = charts.linear_scale([0.7])
    y, kind = scale.place([0.0, -1.0, 1e9, np.nan])
    assert kind.tolist() == ["value", "below", "above", "nan"]
    assert y[0] == 0


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
    assert charts.linear_scale([-0.5], low=-1.0) == Scale(-1.0, 0.0)
    assert charts.linear_scale([-0.5, 0.5], low=-1.0) == Scale(-1.0, 0.8)


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


def end(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last moment."""
    return moving.at(frame, moving.FOREVER - 1)


def of(frame: pd.DataFrame, series: str) -> pd.DataFrame:
    return frame[frame["series"] == series].reset_index(drop=True)


def test_the_gradient_frame_has_a_row_for_every_layer_and_quantity():
    state = snapshot(signal_rms=[0.1, 0.2, 0.3], kernel_gradient_norm=[1, 2, 3], layers=3)
    frame = moving.at(charts.gradient_frame([state], GRADIENTS), 0)
    assert frame["series"].tolist() == ["signal"] * 3 + ["kernel gradient"] * 3
    assert frame["layer"].tolist() == [1, 2, 3] * 2
    assert frame["place"].tolist() == ["layer 1", "layer 2", "output"] * 2
    assert frame["value"].tolist() == [0.1, 0.2, 0.3, 1, 2, 3]
    assert frame["label"].tolist() == ["signal", "", "", "kernel gradient", "", ""]


def test_zero_infinity_and_nan_are_drawn_and_say_what_they_are():
    history = [snapshot(), snapshot(1, signal_rms=AWKWARD[:5])]
    frame = of(charts.gradient_frame(history, GRADIENTS), "signal")
    now = of(moving.at(frame, 1), "signal")
    assert now[now["run"] == ""]["mark"].tolist() == KINDS[:5]
    assert now[now["run"] == ""]["segment"].tolist() == ["-", "-", "-", "D", "D"]  # no line leads to what has no size
    assert (moving.at(frame, 0)["mark"] == "signal").all()
    signed = [kinds[1] for kinds in frame[frame["run"] == ""]["kinds"]]
    assert signed == ["N", "I", "Z", "<", ">"]  # a capital is written beside the mark


def test_a_sign_is_written_once_where_several_in_a_row_have_it():
    frame = charts.gradient_frame([snapshot(signal_rms=[0, 0, np.inf, np.inf, 0])], GRADIENTS)
    assert of(frame, "signal")["kinds"].tolist() == ["Z", "z", "I", "i", "Z"]
    alone = charts.factors_frame({"a": [0.0, np.nan], "b": [0.0, np.inf]}, {})
    assert alone["kinds"].tolist() == ["ZN", "ZI"]  # each for itself
    overflows = [snapshot(0), snapshot(1, loss=np.nan), snapshot(2, loss=np.inf)]
    loss = charts.loss_frame(overflows, charts.linear_scale([0.7]))
    training = of(loss, "training")
    assert training[training["says"] != ""][["says", "since"]].to_numpy().tolist() == [["NaN", 1], ["∞", 2]]


SIGNED = [case for case in CASES if "datum.says" in json.dumps(case.drawing.spec)]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: case.name)
def test_every_chart_that_may_overflow_writes_the_signs_of_both_ends(case):
    """And each place's once: two of the same ink above each other would cancel out."""
    written = [view for view in views(case.drawing.spec) if view["encoding"].get("text", {}).get("field") == "sign"]
    assert len(written) == 2
    for view, end_of in zip(written, ("datum.says == '0'", "datum.says && datum.says != '0'"), strict=True):
        steps = view["transform"]
        assert {"filter": end_of} in steps
        assert any("aggregate" in step for step in steps)


def test_the_charts_of_what_may_overflow_are_all_there():
    assert {case.name for case in SIGNED} == {
        "gradient", "several", "update ratios", "update ratio", "fractions", "spread", "loss", "losses", "accuracy",
        "accuracies", "band", "clipping", "heights", "rates", "panels", "factors"}


def test_a_line_is_broken_where_a_value_has_no_size():
    frame = moving.at(charts.gradient_frame([snapshot(signal_rms=[1, 2, 0, 3, 4])], GRADIENTS), 0)
    segment = of(frame, "signal")["segment"].tolist()
    assert segment[0] == segment[1] != segment[3] == segment[4]
    assert segment[2] == "-"


def test_the_last_finite_picture_stays_where_a_run_overflows():
    history = [snapshot(0), snapshot(1, signal_rms=[1, 2, 3, 4, 5]), snapshot(2, signal_rms=[np.inf, np.nan, 1, 1, 1])]
    frame = charts.gradient_frame(history, GRADIENTS)
    for moment in (0, 1):
        assert set(moving.at(frame, moment)["run"]) == {""}
    now = of(moving.at(frame, 2), "signal")
    pale = now[now["run"] == LAST_FINITE]
    assert pale["value"].tolist() == [1, 2, 3, 4, 5]
    assert not pale["always"].any()
    assert (pale["label"] == "").all()
    assert now[now["run"] == ""]["mark"].tolist() == ["infinite", "nan", "signal", "signal", "signal"]
    finite = charts.gradient_frame(history[:2], GRADIENTS)
    assert set(finite["run"]) == {""}


def test_theory_is_drawn_only_where_there_is_one():
    history = [snapshot(signal_rms=[0.1, 0.1, 0.1, 0.2, 0.5]), snapshot(3)]
    prediction = Prediction(np.array([0.125, 0.25, 0.5, 1]), np.ones(4))
    for moment in (0, 1):
        theory = of(moving.at(charts.gradient_frame(history, GRADIENTS, prediction), moment), "theory")
        assert theory["value"].tolist() == pytest.approx([0.025, 0.05, 0.1, 0.2])  # level: last hidden layer at step 0
        assert not theory["always"].any()
    for none in (None, Prediction(None, None, "no weights to average over")):
        assert "theory" not in set(charts.gradient_frame(history, GRADIENTS, none)["series"])
    silent = [snapshot(signal_rms=[0, 0, 0, 0, 0.5])]
    assert "theory" not in set(charts.gradient_frame(silent, GRADIENTS, prediction)["series"])


def test_two_theories_are_two_lines_with_one_label():
    theory = {"ReLU": np.full(4, 0.1), "Tanh": np.full(4, 0.2)}
    frame = of(moving.at(charts.several_frame({"ReLU": [snapshot()]}, GRADIENTS, theory=theory), 0), "theory")
    assert frame["segment"].tolist()[:4] == [frame["segment"][0]] * 4 != frame["segment"].tolist()[4:]
    assert (frame["label"] == "theory").sum() == 1


def test_earlier_runs_lie_under_the_present_one_and_are_labelled():
    earlier = {"+ He": [snapshot(9)], "pinned": [snapshot(9)]}
    frame = moving.at(charts.gradient_frame([snapshot()], GRADIENTS, None, earlier), 0)
    frame = frame[frame["series"] != "kernel gradient"]
    assert frame["series"].tolist() == ["+ He"] * 5 + ["pinned"] * 5 + ["signal"] * 5
    assert (frame["run"] != "").tolist() == [True] * 10 + [False] * 5
    assert frame["label"][frame["label"] != ""].tolist() == ["+ He", "pinned", "signal"]


def test_an_earlier_run_is_shown_at_the_step_that_is_shown_or_its_last_before_it():
    earlier = [snapshot(step, signal_rms=np.full(5, float(step + 1))) for step in (0, 4, 8)]
    history = [snapshot(step) for step in (0, 3, 4, 9)]
    frame = charts.gradient_frame(history, GRADIENTS, None, {"+ He": earlier})
    assert [of(moving.at(frame, moment), "+ He")["value"][0] for moment in range(4)] == [1, 1, 5, 9]


def test_of_an_earlier_run_of_another_depth_only_fitting_hidden_layers_are_shown():
    earlier = {"deep": [snapshot(layers=9)], "shallow": [snapshot(layers=3)]}
    frame = charts.gradient_frame([snapshot(layers=5)], GRADIENTS, None, earlier)
    assert of(frame, "deep")["place"].tolist() == ["layer 1", "layer 2", "layer 3", "layer 4"]
    assert of(frame, "shallow")["place"].tolist() == ["layer 1", "layer 2"]


def test_the_heat_map_shows_the_last_state_of_every_stretch_and_the_end():
    history = [snapshot(step, kernel_gradient_norm=[step + 1.0, 2, 3], layers=3) for step in range(0, 301)]
    frame = end(charts.heat_frame(history, 300, GRADIENTS))
    assert len(frame) <= HEAT_ROWS * 3
    assert frame["recorded"].max() == 300
    assert frame["end"].max() <= 300
    first = frame.query("layer == 1")
    assert (first["value"] == first["recorded"] + 1).all()
    inner = first[first["end"] < 300]
    assert ((inner["step"] <= inner["recorded"]) & (inner["recorded"] < inner["end"])).all()


@pytest.mark.parametrize("steps", [1, 20, 59, 60, 61, 300, 2000, 20000])
def test_a_heat_map_never_has_more_than_sixty_stretches(steps):
    history = [snapshot(step) for step in sorted({0, 1, steps // 2, steps - 1, steps})]
    frame = end(charts.heat_frame(history, steps, GRADIENTS))
    assert frame["step"].nunique() <= HEAT_ROWS
    assert frame["recorded"].max() == steps
    assert frame["step"].max() < steps


def test_the_heat_map_gives_zero_infinity_and_nan_colours_of_their_own():
    frame = charts.heat_frame([snapshot(kernel_gradient_norm=AWKWARD[:5])], 100, GRADIENTS)
    assert frame["mark"].tolist() == KINDS[:5]
    encoding = charts.heat(4, 100, GRADIENTS).spec["layer"][0]["encoding"]["color"]
    own = {re.search(r"'(\w+)'", one["test"])[1]: one["value"] for one in encoding["condition"]}
    assert own == theme.EDGE_COLOURS
    assert set(own) == {"zero", "infinite", "nan"}


def test_loss_and_accuracy_have_a_line_a_part_labelled_at_the_step_that_is_shown():
    history = [replace(snapshot(step, loss=0.7 - step / 100), validation_loss=0.8) for step in range(5)]
    frame = charts.loss_frame(history, charts.linear_scale([0.7]))
    for moment in range(5):
        rows = table(frame, moment)
        assert rows["series"].tolist() == ["training"] * (moment + 1) + ["validation"] * (moment + 1)
        now = moving.at(frame, moment)
        assert now[now["label"] != ""][["step", "label", "points"]].to_numpy().tolist() == [
            [moment, "training", True], [moment, "validation", True]]
    without = [replace(one, validation_loss=None, validation_accuracy=None, accuracy=None) for one in history]
    assert set(charts.loss_frame(without, charts.linear_scale([0.7]))["series"]) == {"training"}
    assert len(charts.accuracy_frame(without)) == 0


def test_a_loss_that_leaves_the_axis_has_an_arrow():
    history = [snapshot(0, loss=0.7), snapshot(1, loss=1e9), snapshot(2, loss=np.nan)]
    frame = end(charts.loss_frame(history, charts.linear_scale([0.7])))
    line = frame[(frame["series"] == "training") & (frame["label"] == "")]
    assert line["mark"].tolist() == ["training", "above", "nan"]
    assert line["points"].tolist() == [False, True, True]
    assert line["exact"].tolist()[1:] == ["1e+09", "NaN"]


def test_a_label_that_others_push_aside_goes_back_when_they_are_gone():
    """A run that has ended keeps its label; another one passes it."""
    ended = [snapshot(0, loss=0.5)]
    passes = [snapshot(step, loss=loss) for step, loss in enumerate((0.9, 0.5, 0.1))]
    frame = charts.losses_frame({"ended": ended, "passes": passes}, charts.linear_scale([0.7]))
    places = [moving.at(frame, moment).query("label == 'ended'")["label_y"].item() for moment in range(3)]
    assert places[0] == places[2] == 0.5
    assert places[1] != 0.5


def test_update_ratios_begin_with_the_first_step():
    history = [snapshot(0), snapshot(1, update_ratio=[1e-3, np.nan, 0, 1e-2, 1e-9])]
    frame = charts.update_ratio_frame(history)
    assert set(moving.at(frame, 0)["series"]) == {"rule of thumb"}
    later = moving.at(frame, 1)
    assert of(later, "update ratio")["mark"].tolist() == ["update ratio", "nan", "zero", "update ratio", "below"]
    assert set(of(later, "rule of thumb")["value"]) == {RULE_OF_THUMB}
    assert moving.at(charts.several_frame({"a": history}, UPDATE_RATIO, "update ratio"), 0).empty


def test_the_spread_is_the_mean_with_one_standard_deviation():
    history = [snapshot(step, activation_mean=[mean] * 5, activation_std=[0.25] * 5)
               for step, mean in enumerate((0.5, 0.75))]
    start = history[0].layers
    frame = charts.spread_frame(history, charts.spread_scale(start.activation_mean, start.activation_std))
    assert table(frame, 1)[["value", "std"]].to_numpy().tolist() == [[0.75, 0.25]] * 5
    broken = [*history, snapshot(2, activation_mean=[np.inf] * 5, activation_std=[np.nan] * 5)]
    assert moving.at(charts.spread_frame(broken, Scale(0.0, 1.0)), 2)["mark"].tolist() == ["infinite"] * 5


@pytest.mark.parametrize("name", [name for name, entry in ACTIVATIONS.items() if entry.elementwise])
def test_a_curve_is_its_function(name):
    x_scale, y_scale = Scale(-6.0, 6.0, pad=0.0), Scale(-2.0, 4.0, pad=0.0)
    frame = charts.curves_frame({name: ACTIVATIONS[name].fn}, x_scale, y_scale, point=5.0)
    assert frame["value"].to_numpy() == pytest.approx(ACTIVATIONS[name].fn(frame["x"].to_numpy()))
    inside = frame["value"].between(-2, 4)
    assert (frame["y"] == frame["value"])[inside].all()
    line = frame[~frame["points"]]
    beyond = line["value"] > 4
    assert (line[beyond]["y"] > 4).all()  # cut off by the plot's end, not drawn along it
    assert frame[frame["points"]]["x"].tolist() == [5.0]


def test_a_curve_with_a_pole_is_broken_there():
    with np.errstate(divide="ignore"):
        frame = charts.curves_frame({"1/x": lambda x: 1 / x}, Scale(-1.0, 1.0, pad=0.0), PLAIN)
    assert (frame["segment"] == -1).sum() == 1
    assert frame["segment"].nunique() == 3


@pytest.mark.parametrize("name", [name for name, entry in INITIALIZERS.items() if entry.random])
def test_the_bars_of_a_histogram_hold_the_whole_sample(name):
    entry = INITIALIZERS[name]
    sample = np.random.default_rng(1).normal(0, 2, 999)  # wider than the axis
    x_scale, y_scale = Scale(-1.0, 1.0, pad=0.0), Scale(0.0, 60.0, pad=0.0)
    frame = charts.histogram_frame(sample, x_scale, y_scale, lambda x: entry.density(x, 32, 32))
    bars = frame.query("series == 'sample'")
    assert ((bars["x2"] - bars["x"]) * bars["value"]).sum() == pytest.approx(1)
    theory = frame.query("series == 'theory'")
    assert theory["value"].to_numpy() == pytest.approx(entry.density(theory["x"].to_numpy(), 32, 32))


def test_a_fit_shows_its_points_its_outlier_and_its_line():
    x, y = np.array([0.0, 1, 2]), np.array([0.0, 3, 2])
    frame = charts.fits_frame(x, y, 1, {"MSE": lambda x: x}, PLAIN, PLAIN)
    assert frame[frame["points"]]["series"].tolist() == ["data", "outlier", "data"]
    line = frame.query("series == 'MSE'")
    assert (line["value"] == line["x"]).all()


def test_a_factor_without_a_theory_has_only_its_measured_mark():
    frame = charts.factors_frame({"a": [0.236, 0.3], "b": [20.0, None], "c": [0.0]}, {"a": 0.24, "b": None})
    for moment, expected in enumerate((
            [("a", "theory", 0.24), ("a", "signal", 0.236), ("b", "above", 20), ("c", "zero", 0)],
            [("a", "theory", 0.24), ("a", "signal", 0.3), ("c", "zero", 0)])):
        rows = moving.at(frame, moment)
        assert list(zip(rows["name"], rows["mark"], rows["value"], strict=True)) == expected


# --- a real run -----------------------------------------------------------------------------------------------------


SPEC = RunSpec(widths=(8,) * 4, steps=30)
LOUD = RunSpec(widths=(32,) * 20, activation="relu", initializer="he_normal", gain=1.5)


@pytest.fixture(scope="module")
def history() -> list[Snapshot]:
    return list(train(SPEC))


def scale_of(history: list[Snapshot]) -> Scale:
    return charts.gradient_scale(history[0].layers.signal_rms, history[0].layers.kernel_gradient_norm)


@pytest.mark.parametrize(("series", "field", "make"), [
    ("signal", "signal_rms", lambda history: charts.gradient_frame(history, scale_of(history), predict(SPEC))),
    ("kernel gradient", "kernel_gradient_norm", lambda history: charts.gradient_frame(history, scale_of(history))),
    ("run", "signal_rms", lambda history: charts.several_frame({"run": history}, scale_of(history))),
    ("run", "kernel_gradient_norm", lambda history: charts.several_frame(
        {"run": history}, scale_of(history), "kernel gradient")),
    ("update ratio", "update_ratio", lambda history: charts.update_ratio_frame(history)),
    ("saturated", "saturated_fraction", lambda history: charts.fractions_frame(history)),
    ("dead", "dead_fraction", lambda history: charts.fractions_frame(history)),
    ("mean ± std", "activation_mean", lambda history: charts.spread_frame(history, Scale(-1.0, 1.0))),
])
def test_at_every_moment_the_layers_are_those_that_were_measured(history, series, field, make):
    frame = make(history)
    for moment, state in enumerate(history):
        rows = of(table(frame, moment), series)
        if field == "update_ratio" and not moment:
            assert rows.empty
            continue
        exact = 0.5 * 10.0 ** (1 - SPREAD_DIGITS) if "std" in rows else 1e-6
        np.testing.assert_allclose(rows["value"], getattr(state.layers, field), rtol=exact)
        if "std" in rows:
            np.testing.assert_allclose(rows["std"], state.layers.activation_std, rtol=exact)


def test_at_every_moment_the_steps_are_those_that_were_made(history):
    loss, accuracy = charts.loss_frame(history, Scale(0.0, 1.0)), charts.accuracy_frame(history)
    several = charts.losses_frame({"a": history, "b": history[:5]}, Scale(0.0, 1.0))
    heat = charts.heat_frame(history, SPEC.steps, scale_of(history))
    for moment in range(len(history)):
        past = history[:moment + 1]
        for frame, series, field in ((loss, "training", "loss"), (loss, "validation", "validation_loss"),
                                     (accuracy, "training", "accuracy"), (several, "a", "loss"),
                                     (accuracy, "validation", "validation_accuracy")):
            rows = of(table(frame, moment), series)
            assert rows["step"].tolist() == [state.step for state in past]
            assert rows["value"].tolist() == [getattr(state, field) for state in past]
        assert of(table(several, moment), "b")["value"].tolist() == [state.loss for state in past[:5]]
        cells = moving.at(heat, moment).query("layer == 1")
        stretch = {min(state.step, SPEC.steps - 1): state for state in past}  # 30 stretches of a step
        assert cells["recorded"].tolist() == [state.step for state in stretch.values()]
        assert cells["value"].tolist() == [state.layers.kernel_gradient_norm[0] for state in stretch.values()]


def test_a_real_run_is_drawn_as_it_was_measured(history):
    scale = scale_of(history)
    frame = end(charts.gradient_frame(history, scale, predict(SPEC)))
    assert (of(frame, "signal")["mark"] == "signal").all()
    assert len(of(frame, "theory")) == SPEC.depth
    assert len(end(charts.heat_frame(history, SPEC.steps, scale))) == (SPEC.depth + 1) * 30


def test_a_run_that_overflows_ends_with_marks_their_sign_and_the_last_picture():
    history = list(train(LOUD))
    assert not history[-1].finite
    frame = charts.gradient_frame(history, scale_of(history), predict(LOUD))
    now = end(frame)
    for series, field in (("signal", "signal_rms"), ("kernel gradient", "kernel_gradient_norm")):
        rows = of(now, series)
        assert set(rows[rows["run"] == ""]["mark"]) <= {"infinite", "nan", series}
        pale = rows[rows["run"] == LAST_FINITE]
        np.testing.assert_allclose(pale["value"], getattr(history[-2].layers, field), rtol=1e-6)
    last = frame[(frame["series"] == "signal") & (frame["run"] == "")]["kinds"].iloc[0][-1]
    assert last in "IN"
