"""The charts of the Initializers page as data: one axis for every run, every number with a place, honest axes."""

import json

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
from scipy.integrate import quad

from core import shipped
from core.charts import frames, histogram
from core.charts import initializers as drawn
from core.comparison import under_each_initializer
from core.initializers import INITIALIZERS
from core.theory import predict

FANS = [(64, 64), (2, 512), (512, 2), (2, 2), (300, 100)]
DEPTH = shipped.DEEP_RELU.depth


@pytest.fixture(scope="module")
def panels() -> dict[str, drawn.Plot]:
    histories = {run.spec: run.history for run in shipped.load()}
    return {label: (frames.gradient(histories[spec], drawn.PANEL_SCALE, predict(spec)), drawn.panel(spec.depth))
            for label, spec in under_each_initializer(shipped.DEEP_RELU).items()}


@pytest.mark.parametrize("drawing", [drawn.panel(1), drawn.panel(50), drawn.key(), drawn.units(4, 6)],
                         ids=["shallow panel", "deep panel", "key", "units"])
def test_a_spec_is_valid_vega_lite_with_fixed_axes_and_no_data(drawing):
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["data"] == {"name": "source"}
    assert 60 < len(drawing.alt) < 400
    for layer in drawing.spec["layer"]:
        for channel, definition in layer["encoding"].items():
            if "field" in definition and channel in ("x", "y", "color", "shape", "strokeDash") and "x2" not in channel:
                assert definition.get("scale", {}).get("domain") or channel == "x", (channel, definition)


def test_all_panels_share_one_drawing_and_one_axis(panels):
    assert len({id(drawing) for _, drawing in panels.values()}) == 1
    domain = [10.0**-8, 10.0**2]
    assert [drawn.PANEL_SCALE.low, drawn.PANEL_SCALE.high] == domain
    ys = {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in panels["Zeros"][1].spec["layer"]}
    assert ys == {tuple(drawn.PANEL_SCALE.domain)}


def test_every_layer_of_every_run_has_a_place(panels):
    for frame, _ in panels.values():
        assert np.isfinite(frame["y"]).all()
        for series in ("signal", "kernel gradient"):
            assert (frame["series"] == series).sum() == DEPTH + 1
        assert pa.Table.from_pandas(frame).num_rows == len(frame)


def test_zero_and_overflow_are_drawn_as_what_they_are(panels):
    zeros, ones = panels["Zeros"][0], panels["Ones"][0]
    hidden = zeros[(zeros["series"] == "signal") & (zeros["layer"] <= DEPTH)]
    assert set(hidden["mark"]) == {"zero"}
    assert {"nan", "infinite"} & set(ones["mark"])
    assert {"below"} <= set(panels["Random uniform"][0]["mark"])


def test_the_data_table_names_the_run_of_every_row(panels):
    (frame, _), = drawn.together(panels).values()
    assert list(frame["run"].unique()) == list(panels)
    assert len(frame) == sum(len(frame) for frame, _ in panels.values())
    assert drawn.together({"A": (None, drawn.panel(3))})["gradients"][0] is None


@pytest.mark.parametrize("fans", FANS)
@pytest.mark.parametrize("name", [name for name, entry in INITIALIZERS.items() if entry.random])
def test_the_axes_hold_the_whole_density(name, fans):
    x, y = drawn.weight_scales(name, *fans)
    density = drawn.density(name, *fans)
    inside = quad(lambda w: float(density(np.array([w]))[0]), x.low, x.high, limit=400, points=[0])[0]
    assert inside > 0.999
    if not (name == "orthogonal" and max(fans) == 2):  # its density has no largest value
        assert density(np.linspace(x.low, x.high, 1001)).max() < y.high


@pytest.mark.parametrize("name", ["zeros", "ones"])
def test_constant_weights_are_one_bar(name):
    scales = drawn.weight_scales(name, 8, 8)
    assert drawn.density(name, 8, 8) is None
    frame = frames.histogram(np.full((8, 8), float(name == "ones")), *scales)
    assert (frame["value"] > 0).sum() == 1
    assert frame["value"].max() < scales[1].high
    assert histogram(*scales).spec["height"] > 100


def test_without_a_sample_there_are_bars_of_no_height():
    scales = drawn.weight_scales("he_normal", 8, 8)
    frame = frames.histogram(np.empty((0, 8)), *scales, drawn.density("he_normal", 8, 8))
    assert (frame.loc[frame["series"] == "sample", "value"] == 0).all()
    assert frame.loc[frame["series"] == "theory", "value"].max() > 0


def test_each_unit_is_a_circle_with_the_letter_of_its_group():
    frame = drawn.units_frame([np.array([0, 0, 0]), np.array([0, 1, 0])])
    assert frame.to_dict("list") == {"layer": [1, 1, 1, 2, 2, 2], "unit": [1, 2, 3, 1, 2, 3], "group": list("AAAABA")}


def test_the_table_of_variances_has_every_initializer():
    table = drawn.variances(300, 100).set_index("initializer")
    assert list(table.index) == [entry.label for entry in INITIALIZERS.values()]
    assert table.loc["Glorot uniform (Xavier)"].tolist() == pytest.approx([1 / 200, 1.5, 0.5])
    assert table.loc["He normal"].tolist() == pytest.approx([2 / 300, 2, 2 / 3])
