"""The small net against Keras, GradientTape, central differences and numbers worked out by hand."""

import json
from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd
import pytest

from core.activations import ACTIVATIONS
from core.charts import moving
from core.lessons.backprop import charts, report
from core.lessons.backprop.small_net import (
    FITTING,
    INPUTS,
    NAMES,
    SHAPES,
    WEIGHTS,
    Net,
    by_differences,
    by_tape,
    learn,
    loss_at,
    passed,
    unpacked,
    updated,
)

NETS = learn(Net(), 1.0, 6)  # 14 moments: the stages of the first update, then five more updates
ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.elementwise]


def graph_at(net: Net, stage: int) -> pd.DataFrame:
    """What the graph shows of a net while its first update passes, or at its end."""
    return moving.at(charts.graph_frame((net, updated(net, 1.0), updated(net, 1.0))), stage)


def test_the_course_s_net_forward_by_hand():
    """x = (0.5, 0.2, 0.1), 3 → 4 → 1, sigmoid twice."""
    w1, b1, w2, b2 = unpacked(WEIGHTS)
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    a1 = sigmoid(np.array([0.5, 0.2, 0.1]) @ w1 + b1)
    output = sigmoid(a1 @ w2 + b2).item()
    assert passed(Net()).a1 == pytest.approx(a1)
    assert passed(Net()).a2 == pytest.approx(output)
    assert output == pytest.approx(0.139542, abs=1e-6)
    assert passed(Net()).loss == pytest.approx((output - 1) ** 2)
    assert [part.shape for part in (w1, b1, w2, b2)] == list(SHAPES)
    assert len(NAMES) == len(WEIGHTS) == len(set(NAMES)) == 21


def test_its_weights_are_seed_0_rounded():
    drawn = np.random.RandomState(0)
    parts = [drawn.randn(*shape) for shape in ((3, 4), (1, 4), (4, 1), (1, 1))]
    assert np.concatenate([part.ravel() for part in parts]).round(2).tolist() == list(WEIGHTS)


@pytest.mark.parametrize("loss", FITTING)
@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_the_gradient_is_that_of_the_tape_and_of_central_differences(activation, loss):
    rng = np.random.default_rng(len(activation))
    nets = [Net(activation=activation, loss=loss)] + [
        Net(tuple(rng.uniform(-2, 2, 3)), float(y), tuple(rng.standard_normal(21)), activation, loss)
        for y in (0, 0.3, 1)]
    for net in nets:
        gradient = passed(net).gradient
        assert gradient == pytest.approx(by_differences(net), abs=1e-8)
        assert gradient == pytest.approx(by_tape(net), abs=1e-7)  # GELU's constant is a float32 in Keras
        assert np.abs(gradient).max() > 1e-6


def test_each_gradient_is_the_product_of_its_local_derivatives():
    net = Net(activation="tanh")
    p, (w1, _, w2, _) = passed(net), unpacked(net.weights)
    assert p.delta2 == pytest.approx(2 * (p.a2 - net.y) * p.a2 * (1 - p.a2))
    assert p.delta1 == pytest.approx(w2[:, 0] * p.delta2 * (1 - np.tanh(p.z1) ** 2))
    gw1, gb1, gw2, gb2 = unpacked(p.gradient)
    assert gw1 == pytest.approx(np.outer(net.x, p.delta1))
    assert gb1 == pytest.approx(p.delta1)
    assert gw2[:, 0] == pytest.approx(p.a1 * p.delta2)
    assert gb2.item() == pytest.approx(p.delta2)
    assert w1.shape == gw1.shape


def test_with_cross_entropy_delta_is_the_difference():
    p = passed(Net(loss="binary_crossentropy", y=0.3))
    assert p.delta2 == pytest.approx(p.a2 - 0.3)


def test_an_update_steps_against_the_gradient_and_the_loss_falls():
    net = Net()
    after = updated(net, 0.01)
    assert np.array(after.weights) == pytest.approx(np.array(WEIGHTS) - 0.01 * by_differences(net), abs=1e-9)
    expected = passed(net).loss - 0.01 * (by_differences(net) ** 2).sum()  # to first order
    assert passed(after).loss == pytest.approx(expected, abs=1e-5)
    assert loss_at(net, np.array(after.weights)) == passed(after).loss


def test_the_loop_learns_and_ends_where_numbers_end():
    nets = learn(Net(), 1.0, 40)
    losses = [passed(net).loss for net in nets]
    assert len(nets) == 41
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.01
    wild = learn(Net(activation="linear", weights=tuple(1e200 * w for w in WEIGHTS)), 20.0, 30)
    assert 1 <= len(wild) <= 31
    assert all(np.isfinite(net.weights).all() for net in wild)


@pytest.mark.parametrize("stage", range(len(report.STAGES)))
def test_every_stage_has_its_words_and_numbers(stage):
    net = Net()
    name = report.STAGES[stage].partition(",")[0].removeprefix("the net ").capitalize()
    assert name in report.stage_sentence(net, stage, 1.0)
    rows = report.stage_table(net, stage, 1.0)
    assert bool(rows) is bool(stage)
    frame = graph_at(net, stage)
    assert frame[frame["what"] == "edge"].shape[0] == 12 + 4 + 1
    assert (frame["what"] == "inside").sum() == INPUTS + 4 * (stage >= 1) + (stage >= 2) + (stage >= 3)
    borne = frame[frame["what"] == "bears"]
    assert borne["gradient"].notna().sum() == 4 * (stage >= report.GRADIENT2) + 12 * (stage >= report.GRADIENT1)


def test_the_data_behind_the_picture_is_each_weight_with_its_gradient():
    """Autodiff's place is in the tests of `passed`; here each number stands at the right edge."""
    net = Net()
    rows = charts.measured(charts.graph_frame([net]), report.GRADIENT1).set_index(["from", "to"])
    w1, _, w2, _ = unpacked(net.weights)
    gradient1, _, gradient2, _ = unpacked(passed(net).gradient)
    assert len(rows) == 16
    assert tuple(rows.loc[("x₂", "unit 3")]) == (w1[1, 2], gradient1[1, 2])
    assert tuple(rows.loc[("unit 4", "output")]) == (w2[3, 0], gradient2[3, 0])


def test_the_words_hold_the_numbers_of_the_pass():
    p = passed(Net())
    assert f"{p.a2:.4g}" in report.stage_sentence(Net(), report.FORWARD2, 1.0)
    assert "(−1.721) · 0.1201 = −0.2066" in report.stage_sentence(Net(), report.BACK2, 1.0)
    assert report.stage_table(Net(), report.BACK1, 1.0)[0] == {
        "unit": "1", "δ": "−0.2066", "· v": "1.490", "· f′(z)": "0.1047", "= δ of the unit": "−0.03223"}


def test_the_frame_has_a_weight_on_each_edge_coloured_by_sign():
    frame = graph_at(Net(), report.FORWARD1)
    edges = frame[(frame["what"] == "edge") & (frame["sign"] != "none")].sort_values(["x", "y", "y2"])
    assert edges["weight"].tolist() == [*WEIGHTS[:12], *WEIGHTS[16:20]]
    assert [{"positive": 1, "negative": -1}[sign] for sign in edges["sign"]] == np.sign(edges["weight"]).tolist()
    thickest = edges.iloc[:12].nlargest(1, "width")["weight"].item()
    assert thickest == 2.24
    assert charts.graph() is charts.graph()
    off = graph_at(Net((0.5, 0.2, -2.0), activation="relu"), report.GRADIENT1)
    assert "0.00" in off["text"].tolist()
    assert "−0.00" not in off["text"].tolist()
    zeros = graph_at(replace(Net(), weights=(0.0,) * 21), report.GRADIENT1)
    assert np.isfinite(zeros[["x", "y"]].to_numpy()).all()


def number(text: str) -> float:
    """A number as it stands in the graph, with or without the name before it."""
    mantissa, _, power = text.split(" ")[-1].replace("−", "-").partition("·10")
    return float(f"{mantissa}e{power.translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789')) or 0}")


def stands(frame: pd.DataFrame, column: int, what: str) -> list[float]:
    """The numbers at the units of a column, from the top, one kind of text."""
    shown = frame[(frame["what"] == what) & (frame["x"] == charts.COLUMNS[column])].sort_values("y")
    return [number(text) for text in shown["text"]]


def about(values) -> object:
    return pytest.approx(np.ravel(values), rel=0.06, abs=0.006)  # two digits


@pytest.mark.parametrize("moment", range(report.length(NETS)))
def test_at_every_moment_the_graph_has_the_numbers_of_its_net_and_no_others(moment):
    net, stage = NETS[report.update_of(moment)], report.stage_of(moment)
    frame, p = moving.at(charts.graph_frame(NETS), moment), passed(net)
    updates = stage == report.UPDATE
    w1, b1, w2, b2 = unpacked((NETS[report.update_of(moment) + 1] if updates else net).weights)
    gradient1, _, gradient2, _ = unpacked(p.gradient)
    shown = [gradient1 if stage == report.GRADIENT1 else w1,
             gradient2 if stage in (report.GRADIENT2, report.GRADIENT1) else w2]
    for column, values in enumerate(shown):
        edges = frame[(frame["what"] == "edge") & (frame["x"] == charts.COLUMNS[column])].sort_values(["y", "y2"])
        widths = np.clip(charts.THICKEST * np.abs(values) / np.abs(values).max(), charts.THINNEST, None)
        np.testing.assert_allclose(edges["width"], widths.ravel())
        assert (edges["sign"] == np.where(values.ravel() < 0, "negative", "positive")).all()
    borne = frame[frame["what"] == "bears"].sort_values(["x", "y"])
    assert [number(text) for text in borne["text"]] == about(np.concatenate([part.ravel() for part in shown]))
    rows = charts.measured(charts.graph_frame(NETS), moment)
    np.testing.assert_array_equal(rows["weight"], [*w1.ravel(), *w2.ravel()])
    known = [stage >= report.GRADIENT1] * 12 + [stage >= report.GRADIENT2] * 4
    np.testing.assert_array_equal(rows["gradient"], np.where(known, [*gradient1.ravel(), *gradient2.ravel()], np.nan))
    forward1, forward2, loss, back2, back1 = (stage >= first for first in (
        report.FORWARD1, report.FORWARD2, report.LOSS, report.BACK2, report.BACK1))
    assert stands(frame, 0, "inside") == about(net.x)
    for column, what, there, values in (
            (1, "inside", forward1, p.a1), (2, "inside", forward2, p.a2), (2, "above", forward2, p.z2),
            (1, "below", True, b1 if not forward1 or updates else p.delta1 if back1 else p.z1),
            (2, "below", True, b2), (2, "second", back2 and not updates, p.delta2), (3, "inside", loss, p.loss),
            (3, "below", True, net.y), (3, "fourth", back2, p.back2)):
        assert stands(frame, column, what) == (about(values) if there else [])


def test_the_stage_under_way_is_marked():
    frame = charts.graph_frame(NETS)
    marked = [moving.at(frame, moment)["now"].sum() for moment in range(report.length(NETS))]
    assert marked[:report.UPDATE] == [0, 12 + 3 + 4, 4 + 1, 1 + 1, 1 + 1, 4, 4 + 4, 12]
    assert set(marked[report.UPDATE:]) == {12 + 4}
    phases = [moving.at(frame, moment).query("what == 'present'")["text"].tolist() for moment in range(9)]
    assert phases == [[], *[["1 Forward"]] * 2, ["2 Loss"], *[["3 Backward"]] * 4, ["4 Update"]]


def test_arrows_point_the_way_that_numbers_pass():
    frame = charts.graph_frame(NETS)
    arrows = [moving.at(frame, moment).query("what == 'arrow'") for moment in range(report.length(NETS))]
    assert [len(found) for found in arrows[:9]] == [0, 12, 4, 1, 1, 0, 4, 0, 0]
    for moment, found in enumerate(arrows):
        assert (found["x2"] > 0).all() if moment <= report.LOSS else (found["x2"] < 0).all()
    for moment in (report.FORWARD1, report.FORWARD2, report.BACK1):  # each lies on an edge, and along it
        edges = moving.at(frame, moment).query("what == 'edge' and now")
        for arrow in arrows[moment].itertuples():
            along, across = edges["x2"] - edges["x"], edges["y2"] - edges["y"]
            off = (arrow.x - edges["x"]) * across - (arrow.y - edges["y"]) * along
            turned = arrow.x2 * across - arrow.y2 * along
            assert ((off.abs() < 1e-9) & (turned.abs() < 1e-9)).sum() >= 1


def test_numbers_that_stay_are_sent_once():
    frame = charts.graph_frame(NETS)
    assert (frame[frame["what"] == "unit"].groupby(["x", "y"]).size() <= 5).all()  # they light up, and no more
    whole = sum(len(moving.at(frame, moment)) for moment in range(report.length(NETS)))
    assert len(frame) < 0.7 * whole


def test_the_drawing_is_that_of_all_moments_and_valid():
    drawing = charts.graph()
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["params"] == moving.PARAMS
    assert drawing.spec["transform"] == moving.LIFE


def test_the_replay_goes_through_the_stages_once_and_then_by_updates():
    nets = learn(Net(), 1.0, 3)
    assert report.length(nets) == 8 + 3
    assert [report.stage_of(i) for i in range(11)] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert [report.update_of(i) for i in range(11)] == [0] * 9 + [1, 2]
    assert report.label(0) == "1 · start"
    assert len(report.SHORT) == len(report.STAGES)
    assert report.label(10) == "update 3"


@pytest.mark.parametrize("updates", [0, 1, 6])
def test_at_every_moment_the_line_of_losses_goes_as_far_as_the_updates(updates):
    nets = learn(Net(), 1.0, updates)
    (frame, _), losses = charts.loss_plot(nets), [passed(net).loss for net in nets]
    for moment in range(report.length(nets)):
        made, now = report.update_of(moment), moving.at(frame, moment)
        line, end = now[now["segment"] >= 0].sort_values("step"), now[now["points"]]
        assert line["value"].tolist() == line["y"].tolist() == losses[:made + 1]
        assert line["step"].tolist() == list(range(made + 1))
        assert end["value"].tolist() == losses[made:made + 1]
        assert now.loc[now["label"] != "", ["label", "step"]].to_numpy().tolist() == [["training", made]]
        assert end["label_from"].tolist() == losses[made:made + 1]
        assert np.isfinite(now.loc[now["label"] != "", "label_y"]).all()


def test_the_errors_that_are_said_are_the_largest_ones():
    said = report.agreement_sentence(Net(), tape=True)
    largest = np.abs(passed(Net()).gradient - by_differences(Net())).max()
    assert f"{largest:.1e}".split("e")[0] in said
    assert "TensorFlow" not in report.agreement_sentence(Net(), tape=False)
    assert [row["weight"] for row in report.checks_table(Net(), tape=True)] == list(NAMES)
