"""Diagrams and pictures as data: a line a weight, a block a layer, a cell a number."""

import json
from dataclasses import replace

import altair as alt
import numpy as np
import pytest

from core.architecture import Architecture
from core.charts import moving, network
from core.layer_table import of_run
from core.lessons.anatomy import charts, family_training, report
from core.lessons.anatomy.families import EXAMPLES, FAMILIES
from core.network import initial_weights, unflatten
from core.spec import RunSpec
from core.training import Trainer, train

SMALL = RunSpec(dataset="moons", samples=40, widths=(5, 3), activation="tanh")


@pytest.fixture(scope="module")
def history():
    return list(train(replace(SMALL, steps=12)))


def test_every_weight_is_a_line_between_its_units(history):
    frame = network.units_frame(SMALL, history)
    weights, units = (frame[frame["what"] == what] for what in ("weight", "unit"))
    assert len(units) == sum(SMALL.sizes)
    assert len(weights) == SMALL.kernel_entries
    kernel = initial_weights(SMALL)[1][0]  # (5, 3), from the first hidden layer to the second
    first = network.measured(frame, 0)
    lines = first[first["layer"] == 2]
    np.testing.assert_allclose(lines["weight"], kernel.ravel(), rtol=5e-4)
    ends = set(zip(units["x"], units["y"], strict=True))
    assert set(zip(weights["x"], weights["y"], strict=True)) <= ends
    assert set(zip(weights["x2"], weights["y2"], strict=True)) <= ends


def test_at_every_moment_the_weights_are_those_of_the_state(history):
    frame, architecture = network.units_frame(SMALL, history), Architecture.of(SMALL)
    for moment, state in enumerate(history):
        rows = network.measured(frame, moment)
        for layer, (kernel, _) in enumerate(unflatten(architecture, state.theta), 1):
            shown = rows[rows["layer"] == layer]
            np.testing.assert_allclose(shown["weight"], kernel.ravel(), rtol=5e-4)
            np.testing.assert_array_equal(kernel[shown["from"] - 1, shown["to"] - 1], kernel.ravel())
            assert (np.sign(shown["weight"]) == np.sign(kernel.ravel())).all()
    assert network.measured(frame, 500).equals(network.measured(frame, len(history) - 1))


def test_infinite_weights_are_drawn(history):
    theta = np.full_like(history[0].theta, -np.inf)
    theta[0] = np.nan
    rows = network.measured(network.units_frame(SMALL, [history[0], replace(history[0], theta=theta)]), 1)
    assert np.isnan(rows["weight"][0])
    assert (rows["weight"][1:] == -np.inf).all()


def test_before_step_0_the_lines_have_no_values(history):
    """Nor a sign; their size is one that is seen."""
    frame = network.units_frame(SMALL, [])
    weights = frame[frame["what"] == "weight"]
    assert set(weights["weights"]) == {"NaN"}
    assert network.measured(frame, 0)["weight"].isna().all()
    first = network.units_frame(SMALL, history[:1])
    assert frame.drop(columns="weights").equals(first.drop(columns="weights"))
    calculated = {step["as"]: step["calculate"] for step in network.WEIGHTS}
    assert calculated["sign"].startswith("isNaN(datum.weight) ? '' :")
    assert calculated["size"].startswith(f"isNaN(datum.weight) ? {network.UNKNOWN} :")
    assert 0 < network.UNKNOWN < network.STRONG
    assert "" in network.units(SMALL).spec["layer"][0]["encoding"]["color"]["scale"]["domain"]


def test_nothing_but_the_weights_grows_with_the_run(history):
    short, long = network.units_frame(SMALL, history[:2]), network.units_frame(SMALL, history)
    assert short.drop(columns="weights").equals(long.drop(columns="weights"))
    assert (long.loc[long["what"] == "unit", "weights"] == "").all()
    assert long["weights"].str.count(",").max() == len(history) - 1


def test_only_small_networks_are_drawn_unit_by_unit():
    assert network.readable(SMALL)
    assert network.readable(report.OPENS)
    assert not network.readable(replace(SMALL, widths=(17,)))
    assert not network.readable(replace(SMALL, widths=(4,) * 9))
    assert not network.readable(report.SOURCE)


def test_the_drawing_stays_while_a_run_trains():
    drawing = network.units(SMALL)
    assert drawing is network.units(replace(SMALL, seed=5, learning_rate=0.3, steps=900))
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["params"] == moving.PARAMS
    assert drawing.spec["transform"] == network.WEIGHTS
    assert "2, 5, 3, 1" in network.units(SMALL).alt


def test_blocks_have_every_layer_from_top_to_bottom():
    models = list(FAMILIES["gan"].models.values())
    frame = network.blocks_frame(models)
    assert list(frame["what"]) == ["Input", "Dense, relu", "Dense, sigmoid", "Input", "Dense, leaky_relu",
                                   "Dense, sigmoid"]
    assert (frame["bottom"] > frame["top"]).all()
    assert (frame["top"].diff().dropna() > 0).all()
    assert frame["reach"].between(network.NARROWEST, 1).all()
    assert (frame.sort_values("reach")["shape"].map(int).diff().dropna() >= 0).all()
    assert frame["says"].iloc[1] == f"64  ({8 * 64 + 64:,})"
    assert "Dense, leaky_relu" in network.blocks(models).alt


@pytest.mark.parametrize("array", [np.arange(6.0), np.arange(12.0).reshape(4, 3), np.arange(24.0).reshape(3, 2, 4),
                                   np.arange(80.0).reshape(20, 2, 2)])
def test_every_number_is_one_cell(array):
    frame = charts.picture_frame(array, across=10)
    assert sorted(frame["value"]) == sorted(array.ravel())
    assert not frame.duplicated(["row", "column"]).any()
    rows, columns = charts.tiles(array, 10).shape
    assert frame["row2"].max() == rows
    assert frame["column2"].max() == columns


def test_time_goes_from_left_to_right_and_maps_keep_their_rows():
    states = np.arange(12.0).reshape(4, 3)  # four steps of three units
    np.testing.assert_array_equal(charts.tiles(states)[:, 0], states[0])
    maps = np.arange(18.0).reshape(2, 3, 3)
    np.testing.assert_array_equal(charts.tiles(maps)[:, 4:], maps[1])
    assert charts.tiles(np.zeros((20, 8, 8)), 10).shape == (2 * 9 - 1, 10 * 9 - 1)
    assert charts.tiles(np.arange(64.0)).shape == (2, 32)


def test_signed_numbers_have_two_colours():
    def colours(array):
        return charts.picture(array, "x", 1.0).spec["encoding"]["color"]["scale"]

    assert colours(np.array([0.1, 0.2]))["domain"] == [0, 1]
    assert colours(np.array([-0.1, 0.2]))["domain"] == [-1, 0, 1]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_pictures_and_words_for_every_example(name):
    layers, figures = family_training.layers(name), family_training.figures(name)
    for example in range(EXAMPLES):
        large = report.large_picture(name, layers, family_training.weights(name), figures, example)
        assert np.isfinite(large).all()
        for row in FAMILIES[name].rows:
            output = layers[row.layer.name][example]
            found = report.pictured(row.layer.name, output)
            assert found is not None or report.meaning(row.layer.name, output, figures, example)
            if found is not None:
                assert found.size == row.values
                wide = charts.picture(found, row.layer.name, 1.0).spec["encoding"]["x"]["scale"]["range"][1]["expr"]
                columns, cell = wide.partition(",")[0].split(" * min(")
                assert int(columns) * float(cell) <= charts.WIDE


def test_the_autoencoder_s_copies_stand_below_their_digits():
    layers = family_training.layers("autoencoder")
    large = report.large_picture("autoencoder", layers, [], {}, 0)
    np.testing.assert_array_equal(large[7].ravel(), layers["copy"][2])
    np.testing.assert_array_equal(large[12].ravel(), layers["pixels"][7])


def test_attention_stands_beside_its_words():
    weights = family_training.layers("transformer")["attention_weights"][0]  # (heads, places, words)
    frame = charts.attention_frame(weights)
    second = frame[(frame["head"] == 2) & (frame["row"] == 3)]
    np.testing.assert_array_equal(second["value"], weights[1, 3])
    axis = charts.attention(("a", "b", "c", "d", "e", "f"), 2).spec["encoding"]["x"]["axis"]
    assert len(axis["values"]) == 12
    assert max(frame["column2"]) == 13


# --- tables and sentences -------------------------------------------------------------------------------------------


def test_the_table_is_that_of_summary(monkeypatch):
    """Layer, shape and count of every line that Keras prints for the source's model."""
    from core.course_models import SOURCE_MODELS
    from core.layer_table import build

    layers = SOURCE_MODELS["P7"].layers
    pieces: list[str] = []
    monkeypatch.setenv("COLUMNS", "140")  # what is printed is as wide as the terminal
    build(layers).summary(line_length=110, print_fn=lambda text, **_: pieces.append(text))
    printed = "\n".join(pieces)
    table = report.layers_table([layers])
    for row in table[:-3]:
        line = next(line for line in printed.splitlines() if row["Layer (type)"] in line)
        assert row["Output shape"].replace(",)", ")") in line.replace(",)", ")")
        assert row["Param #"] in line
    for row in table[-3:]:
        assert f"{row['Layer (type)'].strip('*')}: {row['Param #'].strip('*')}" in printed
    assert table[-3]["how it comes about"] == "1,984 + 256 + 4,160 + 2,080 + 128 + 1,056 + 33"


def test_every_network_of_the_source_is_counted():
    found = {row["Question"]: row for row in report.source_counts()}
    assert found["P9, P11"]["Layer by layer"] == "1,408 + 8,256 + 65"
    assert found["P9, P11"]["Parameters"] == "**9,729**"
    assert found["P7"]["Parameters"] == "**9,697** (192 not trained)"
    assert [found[name]["In the source"] for name in ("P5", "P7", "P9, P11", "P8")] == ["4,097", "9,697", "9,729", "–"]
    assert found["P5"]["Parameters"] == "**4,097**"
    assert (found["P2, P3"]["Parameters"], found["P4"]["Parameters"]) == ("**17**", "**31**")


def test_the_sentence_counts_and_says_how_training_stands():
    spec = report.OPENS
    state = Trainer(spec).snapshot
    said = report.net_sentence(spec, [replace(state, step=7, loss=0.5, accuracy=0.75)])
    assert said.startswith("**2 → 12 → 12 → 1**: 36 + 156 + 13 = **205 parameters**. ")
    assert "After 7 steps the loss is 0.50 and 75 % of the training examples" in said
    assert Architecture.of(spec).parameters == 205
    normalised = replace(spec, batch_norm=True)
    assert "48 of them not trained" in report.net_sentence(normalised, [])
    assert len(of_run(normalised)) == 8
