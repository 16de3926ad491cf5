"""The charts of the Initializers page's kernels and units as data: axes that hold the density, letters for groups."""

import json

import altair as alt
import numpy as np
import pytest
from scipy.integrate import quad

from core.charts import histogram, histogram_frame
from core.initializers import INITIALIZERS
from core.lessons.initializers import charts as drawn

FANS = [(64, 64), (2, 512), (512, 2), (2, 2), (300, 100)]


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
    frame = histogram_frame(np.full((8, 8), float(name == "ones")), *scales)
    assert (frame["value"] > 0).sum() == 1
    assert frame["value"].max() < scales[1].high
    assert histogram(*scales).spec["height"] > 100


def test_without_a_sample_there_are_bars_of_no_height():
    scales = drawn.weight_scales("he_normal", 8, 8)
    frame = histogram_frame(np.empty((0, 8)), *scales, drawn.density("he_normal", 8, 8))
    assert (frame.loc[frame["series"] == "sample", "value"] == 0).all()
    assert frame.loc[frame["series"] == "theory", "value"].max() > 0


def test_the_units_drawing_is_valid_vega_lite_with_fixed_axes_and_no_data():
    drawing = drawn.units(4, 6)
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["data"] == {"name": "source"}
    assert all(layer["encoding"][channel]["scale"]["domain"] for layer in drawing.spec["layer"] for channel in "xy")


def test_each_unit_is_a_circle_with_the_letter_of_its_group():
    frame = drawn.units_frame([np.array([0, 0, 0]), np.array([0, 1, 0])])
    assert frame.to_dict("list") == {"layer": [1, 1, 1, 2, 2, 2], "unit": [1, 2, 3, 1, 2, 3], "group": list("AAAABA")}


def test_the_table_of_variances_has_every_initializer():
    table = drawn.variances(300, 100).set_index("initializer")
    assert list(table.index) == [entry.label for entry in INITIALIZERS.values()]
    assert table.loc["Glorot uniform (Xavier)"].tolist() == pytest.approx([1 / 200, 1.5, 0.5])
    assert table.loc["He normal"].tolist() == pytest.approx([2 / 300, 2, 2 / 3])
