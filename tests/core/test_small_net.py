"""The small net against Keras, GradientTape, central differences and numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core import small_net_report as report
from core.activations import ACTIVATIONS
from core.charts import small_net as charts
from core.small_net import (
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

ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.elementwise]


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
    assert report.STAGES[stage].partition(",")[0].removeprefix("the net ").capitalize() in report.said(net, stage, 1.0)
    rows = report.table(net, stage, 1.0)
    assert bool(rows) is bool(stage)
    frame = charts.graph_frame(net, stage)
    assert frame[frame["what"] == "edge"].shape[0] == 12 + 4 + 1
    assert (frame["what"] == "inside").sum() == INPUTS + 4 * (stage >= 1) + (stage >= 2) + (stage >= 3)
    borne = frame[frame["what"] == "bears"]
    assert borne["gradient"].notna().sum() == 4 * (stage >= report.GRADIENT2) + 12 * (stage >= report.GRADIENT1)


def test_the_data_behind_the_picture_is_each_weight_with_its_gradient():
    """Autodiff's place is in the tests of `passed`; here each number stands at the right edge."""
    net = Net()
    rows = charts.measured(charts.graph_frame(net, report.GRADIENT1)).set_index(["from", "to"])
    w1, _, w2, _ = unpacked(net.weights)
    gradient1, _, gradient2, _ = unpacked(passed(net).gradient)
    assert len(rows) == 16
    assert tuple(rows.loc[("x₂", "unit 3")]) == (w1[1, 2], gradient1[1, 2])
    assert tuple(rows.loc[("unit 4", "output")]) == (w2[3, 0], gradient2[3, 0])


def test_the_words_hold_the_numbers_of_the_pass():
    p = passed(Net())
    assert f"{p.a2:.4g}" in report.said(Net(), report.FORWARD2, 1.0)
    assert "(-1.721) \\cdot 0.1201 = (-0.2066)" in report.said(Net(), report.BACK2, 1.0)
    assert report.table(Net(), report.BACK1, 1.0)[0] == {
        "unit": "1", "δ": "−0.2066", "· v": "1.490", "· f′(z)": "0.1047", "= δ of the unit": "−0.03223"}


def test_the_frame_has_a_weight_on_each_edge_coloured_by_sign():
    frame = charts.graph_frame(Net(), report.FORWARD1)
    edges = frame[(frame["what"] == "edge") & (frame["sign"] != "none")]
    assert edges["weight"].tolist() == [*WEIGHTS[:12], *WEIGHTS[16:20]]
    assert [{"positive": 1, "negative": -1}[sign] for sign in edges["sign"]] == np.sign(edges["weight"]).tolist()
    thickest = edges.iloc[:12].nlargest(1, "width")["weight"].item()
    assert thickest == 2.24
    assert charts.graph() is charts.graph()
    off = charts.graph_frame(Net((0.5, 0.2, -2.0), activation="relu"), report.GRADIENT1)
    assert "0.00" in off["text"].tolist()
    assert "−0.00" not in off["text"].tolist()
    zeros = charts.graph_frame(replace(Net(), weights=(0.0,) * 21), report.GRADIENT1)
    assert np.isfinite(zeros[["x", "y"]].to_numpy()).all()


def test_the_replay_goes_through_the_stages_once_and_then_by_updates():
    nets = learn(Net(), 1.0, 3)
    assert report.length(nets) == 8 + 3
    assert [report.stage_of(i) for i in range(11)] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert [report.update_of(i) for i in range(11)] == [0] * 9 + [1, 2]
    assert report.label(0) == "1 · start"
    assert len(report.SHORT) == len(report.STAGES)
    assert report.label(10) == "update 3"
    assert charts.loss_frame(nets, 2)["value"].tolist() == [passed(net).loss for net in nets[:3]]


def test_the_errors_that_are_said_are_the_largest_ones():
    said = report.errors(Net(), tape=True)
    largest = np.abs(passed(Net()).gradient - by_differences(Net())).max()
    assert f"{largest:.1e}".split("e")[0] in said
    assert "TensorFlow" not in report.errors(Net(), tape=False)
    assert [row["weight"] for row in report.checks(Net(), tape=True)] == list(NAMES)
