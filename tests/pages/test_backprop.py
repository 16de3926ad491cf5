"""Forward and backward as its visitors get it: the stages, the loop, the check, numbers of one's own."""

from __future__ import annotations

import re

import pytest

from core import tensors
from core.lessons.backprop import report
from core.lessons.backprop.small_net import WEIGHTS, Net, passed
from pages.ui.page_fields import Numbers, replaced
from pages.ui.setups import SETUPS
from tests.pages.reading import bar, control, every_text, frame, rest, texts


def test_it_opens_with_every_number_of_the_course_s_net_without_tensorflow(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("backprop")
    assert bar(app)["opens"] == 0
    said = every_text(rest(app, report.GRADIENT1), "backprop")
    assert "Backward, gradients of w and b" in said
    assert "TensorFlow's automatic differentiation joins the check when TensorFlow has loaded." in said
    inside = frame(app).query("what == 'inside'").sort_values(["x", "y"])["text"].tolist()
    assert (inside[:3], inside[-2:]) == (["0.50", "0.20", "0.10"], ["0.14", "0.74"])
    assert control(app, "slider", "x1").value == 0.5


def test_the_four_steps_one_at_a_time_then_the_loop(visit):
    app = visit("backprop")
    seen = [texts(rest(app, moment)) for moment in range(10)]
    for words, step in zip(seen[1:9], ["Forward, hidden", "Forward, output", "Loss.", "Backward, output",
                                       "gradients of v", "Backward, hidden", "gradients of w", "Update."], strict=True):
        assert step in words
    assert "Update." in seen[9]  # the second update, as a whole
    assert seen[9] != seen[8]
    rest(app, 47)
    lost = frame(app, 1).query("label == ''")
    assert lost["step"].tolist() == list(range(report.update_of(47) + 1))
    assert len(lost) >= 40


def test_the_check_prints_both_errors(visit, tensorflow):
    said = texts(visit("backprop"))
    both = re.search(r"differentiation differs by at most \*\*(.+?)\*\*, .* differ by at most \*\*(.+?)\*\*", said)
    assert both
    assert re.search("⁻¹[⁵⁶⁷⁸⁹]|^0$", both[1])
    assert re.search("⁻¹[⁰¹²]", both[2])


def test_the_learner_changes_inputs_weights_activation_and_target(visit):
    app = visit("backprop")
    control(app, "slider", "x2").set_value(-1.0).run()
    control(app, "slider", "y").set_value(0.25).run()
    control(app, "selectbox", "f").set_value("tanh").run()
    weights = (*WEIGHTS[:-1], 0.5)
    net = Net((0.5, -1.0, 0.1), 0.25, weights, "tanh")
    link = {name: app.query_params[name] for name in ("x2", "y", "f")}
    app = visit("backprop", **link, w=",".join(map(str, weights)))
    rest(app, report.GRADIENT1)
    assert f"{passed(net).delta1[0]:.4g}".replace("-", "−") in app.table[0].value["δ"].tolist()


def test_the_file_prints_what_the_page_shows(keras_output):
    printed = keras_output("p6_forward")
    p = passed(Net())
    assert f"Output by hand {p.a2:.6f}, in Keras {p.a2:.6f}" in printed
    assert f"Loss   by hand {p.loss:.6f}, in Keras {p.loss:.6f}" in printed
    differences = [float(found) for found in re.findall(r"largest difference (\S+)", printed)]
    assert len(differences) == 4
    assert max(differences) < 1e-6


@pytest.mark.parametrize("query", [
    {"w": "1,2"}, {"w": "a,b,c"}, {"w": "nan," * 21}, {"w": "1e9," * 30}, {"w": ""}, {"f": "softmax"}, {"x1": "inf"},
    {"updates": "-3", "rate": "1e99"}, {"loss": "mae"}, {"dataset": "digits"},
    {"f": "relu", "x1": "0", "x2": "0", "x3": "0", "w": ",".join(["0"] * 21)},
    {"f": "linear", "rate": "20", "updates": "200", "w": ",".join(["10"] * 21)},
])
def test_odd_links_still_open(visit, tensorflow, query):
    assert every_text(visit("backprop", **query), "backprop")


def test_numbers_in_a_link_are_the_nearest_and_said():
    kind = Numbers("weight", ("a", "b", "c"), (1, 2, 3), -5, 5)
    assert kind.nearest("w", "1,2,3") == ("1,2,3", None)
    assert kind.nearest("w", " 1, -0.25 ,3.0") == ("1,-0.25,3", None)
    for text, near in [("9,x,0", "5,2,0"), ("4", "4,2,3"), ("", "1,2,3"), ("1,2,3,4", "1,2,3"),
                       ("nan,2,-inf", "1,2,-5")]:
        found, note = kind.nearest("w", text)
        assert found == near
        assert "w must be 3 numbers from -5 to 5" in note
        assert kind.nearest("w", found) == (found, None)
    assert kind.read("1,-0.25,3") == (1, -0.25, 3)
    assert replaced("1,2,3", {1: {"value": -0.5}, 2: {}}) == "1,-0.5,3"


@pytest.mark.parametrize("setup", SETUPS["backprop"], ids=lambda setup: setup.label)
def test_every_set_up_opens_and_is_marked(visit, setup):
    app = visit("backprop", **setup.own)
    assert app.pills[0].value == setup.label
    assert setup.look in every_text(app, "backprop")


def test_what_the_set_ups_say_is_so():
    def net(label: str) -> Net:
        own = next(setup.own for setup in SETUPS["backprop"] if setup.label == label)
        return Net(tuple(float(own[name]) for name in ("x1", "x2", "x3")), float(own["y"]),
                   tuple(map(float, own["w"].split(","))), own["f"], own["loss"])

    off = passed(net("ReLU"))
    assert min(off.z1) < 0
    assert off.delta1[off.z1.argmin()] == 0
    far, crossed = passed(net("Sure and wrong")), passed(net("… with cross-entropy"))
    assert far.slope2 < 0.02 < 0.9 < far.loss
    assert abs(far.delta2) < 0.05 < 0.9 < abs(crossed.delta2) == pytest.approx(1 - crossed.a2)


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("backprop").exception


def test_the_bar_names_every_stage_of_the_first_update_and_then_each_update(visit):
    names = bar(visit("backprop"))["labels"]
    assert names[:len(report.STAGES)] == [f"1 · {stage}" for stage in report.SHORT]
    assert names[len(report.STAGES):] == [f"update {number}" for number in range(2, 41)]
