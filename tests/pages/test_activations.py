"""The Activations page as its visitors get it: each part, moved controls, set-ups, odd links, and a live run."""

import math
import re
from dataclasses import replace

import pytest

from core.activations import ACTIVATIONS
from core.lessons.activations import report, slopes
from core.shipped.opening_runs import SPECS
from core.spec import HIDDEN_ACTIVATIONS
from pages.ui.setups import SETUPS
from pages.ui.text import sections
from tests.pages.reading import control, ended, every_text, moments, opened, plain, rest, runs, set_up, shows, texts

PARTS = ("curves", "deep", "layers", "softmax", "linear")
SET_UPS = [(part, setup) for part in PARTS for setup in SETUPS[f"activations {part}"]]


@pytest.mark.parametrize(("part", "said", "shown"), [
    ("curves", "At z = 2, **Tanh** lets the least signal back: 1/14", ["Activation f(z)", "Slope f′(z)"]),
    ("deep", "layer 10 gets, ×0.257 a layer (×0.256 at step 0, theory ×0.238)",
     ["Signal, logarithmic axis", "Per layer: ● measured, | theory", "Loss"]),
    ("layers", "**Not learned.** After 400 steps (100 epochs)", ["Training examples that are right"]),
    ("softmax", "Raise z₁ a little: p₁ rises by 0.22", ["Probability"]),
    ("linear", "5 layers without activations do no more than one 2 × 3 matrix", ["First output of the stack"])])
def test_each_part_opens_with_its_result(visit, part, said, shown):
    app = ended(visit("activations", part=part)) if part in ("deep", "layers") else visit("activations", part=part)
    assert said in every_text(app, "activations")
    assert shows(app, *shown)
    assert not app.warning
    assert [one for one in sections("activations")[f"Limits: {part}"].split("\n\n") if one] != []


def test_the_default_is_the_curves_and_alone_it_hands_over_to_the_router(visit, alone):
    assert shows(visit("activations"), "Activation f(z)", "Slope f′(z)")
    assert not alone("activations").exception


def test_the_runs_of_the_page_come_with_the_app():
    deep = slopes.alternatives(slopes.DEEP, slopes.SHOWN, slopes.USUAL)
    assert {*deep.values(), *slopes.seeds(slopes.XOR).values()} <= set(SPECS)


def test_a_moved_point_moves_sentence_table_and_link(visit):
    app = visit("activations")
    control(app, "slider", "z").set_value(1.0).run()
    assert "At z = 1, **Sigmoid** lets the least signal back" in texts(app)
    assert app.table[0].value.iloc[0].tolist()[:3] == ["Sigmoid", "0.73", "0.20"]
    assert app.query_params["z"] in ("1", ["1"])


def test_every_activation_at_once(visit):
    app = visit("activations", show=",".join(HIDDEN_ACTIVATIONS))
    assert len(app.table[0].value) == len(HIDDEN_ACTIVATIONS)
    said = texts(app)
    for name in HIDDEN_ACTIVATIONS:
        assert ACTIVATIONS[name].summary in said


def test_alpha_is_there_for_those_that_have_one(visit):
    app = visit("activations", show="elu,leaky_relu", z="-1", leaky_relu="0.05")
    assert "**Leaky ReLU** lets the least signal back: 1/20" in texts(app)
    control(app, "slider", "leaky_relu").set_value(1.5).run()
    assert "**Leaky ReLU** lets the most back: ×1.5" in texts(app)
    assert not [slider for slider in visit("activations").slider if slider.label.startswith("α")]


def test_shifted_logits_change_no_probability(visit):
    app = visit("activations", part="softmax")
    before = app.table[0].value["pᵢ"].tolist()
    control(app, "slider", "c").set_value(1000).run()
    assert app.table[0].value["pᵢ"].tolist() == before
    assert set(app.table[0].value["formula as it stands"]) == {"NaN"}


def test_the_stack_follows_its_controls(visit):
    app = visit("activations", part="linear")
    control(app, "slider", "stack").set_value(20).run()
    assert "20 layers without activations" in texts(app)
    control(app, "number_input", "seed").set_value(3).run()
    assert "seed" in app.query_params


def test_a_part_with_a_run_of_its_own_opens_with_it_and_the_others_keep_theirs(visit):
    app = visit("activations")
    control(app, "button_group", "part").set_value("layers").run()
    assert app.session_state["link"].spec == slopes.XOR
    control(app, "button_group", "part").set_value("softmax").run()
    assert app.session_state["link"].spec == slopes.XOR
    control(app, "button_group", "part").set_value("deep").run()
    assert app.session_state["link"].spec == slopes.DEEP


def test_each_layer_has_an_activation_of_its_own(visit):
    app = visit("activations", part="layers")
    control(app, "selectbox", "activation_1").set_value("elu").run()
    assert app.session_state["link"].spec == replace(slopes.XOR, activation=("relu", "elu"))


@pytest.mark.parametrize(("part", "setup"), SET_UPS, ids=lambda value: getattr(value, "label", value))
def test_a_set_up_opens_as_it_says(visit, part, setup):
    app = visit("activations", part=part)
    set_up(app, setup.label)
    assert setup.look in every_text(app, "activations")
    link = app.session_state["link"]
    assert setup.spec in (None, link.spec)
    assert setup.own.items() <= link.own.items()
    assert link.value("part") == part


@pytest.mark.parametrize(("query", "said"), [
    ({"part": "nowhere"}, "part must be one of"),
    ({"show": "relu,softmax"}, "show must be one of"),
    ({"show": ""}, ""),
    ({"z": "1e99"}, "z must be a number"),
    ({"z": "nan"}, "z must be a number"),
    ({"part": "linear", "stack": "0"}, "stack must be"),
    ({"part": "deep", "kernels": "zeros"}, ""),
    ({"part": "deep", "kernels": "magic"}, "kernels must be one of"),
    ({"part": "deep", "widths": "3"}, ""),
    ({"part": "softmax", "z1": "x" * 100_000}, "z1"),
    ({"part": "layers", "dataset": "sine", "widths": "4"}, ""),
    ({"part": "layers", "activation": "relu,tanh,relu", "widths": "4,3"}, "activation has 3 entries"),
    ({"colour": "red"}, "'colour'")])
def test_an_odd_link_opens_the_nearest_page_and_says_so(visit, query, said):
    app = visit("activations", **query)
    every_text(app, "activations")
    assert app.get("vega_lite_chart")
    assert said in " ".join(warning.value for warning in app.warning)
    assert bool(app.warning) == bool(said)


@pytest.mark.usefixtures("tensorflow")
def test_every_chosen_activation_is_trained(visit):
    app = ended(visit("activations", part="deep", show="tanh,relu", widths="8x3", steps="3", seed="41"))
    specs = slopes.alternatives(app.session_state["link"].spec, ("tanh", "relu"), slopes.USUAL)
    assert [spec.activation for spec in specs.values()] == ["tanh", "relu"]
    assert [run.history[-1].step for run in runs(app, *specs.values())] == [3, 3]
    assert len(app.table[0].value) == 2
    at_end = app.table[0].value
    assert not rest(app, 0).table[0].value.equals(at_end)
    assert "a layer" in every_text(app, "activations")
    words = report.deep_words(specs, {label: run.history for label, run in zip(
        specs, runs(app, *specs.values()), strict=True)})
    assert moments(app)[-1] == plain(words)


@pytest.mark.nightly
def test_the_file_of_p4_ends_as_the_page_says(visit, keras_output):
    """Without having learned XOR, at a loss near ln 2, no weight moved by as much as 0.3."""
    app = opened(visit("activations", part="layers"), "activations", "In Keras")
    assert any("P4" in code.value for code in app.code)
    printed = keras_output("p4_activations")
    assert "relu -> tanh -> sigmoid, 31 parameters" in printed
    loss, accuracy = map(float, re.search(r"loss (\S+) .*accuracy (\S+)", printed).groups())
    assert accuracy < 1
    assert loss == pytest.approx(math.log(2), abs=0.15)
    assert float(re.search(r"more than (\S+)", printed)[1]) < 0.3
