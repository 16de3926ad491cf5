"""The Losses page as its visitors get it: each part, moved controls, set-ups, and odd links."""

import pytest

from core.custom_loss import FIRST, custom_loss
from core.lessons.losses import confident_mistake, line_fits, typed_report
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES
from core.shipped.opening_runs import SPECS
from pages.ui.link import Link
from pages.ui.setups import SETUPS
from tests.pages.reading import control, ended, every_text, opened, shows, texts


@pytest.mark.parametrize(("part", "said", "shown"), [
    ("curves", "Prediction ŷ = 2: MSE is steepest, slope 4.0", ["Loss L", "Slope dL/dŷ"]),
    ("outlier", "MSE moves most: by 2.4", ["Data and the line each loss fits", "How far the fit moves at the outlier"]),
    ("mistake", "After 100 steps MSE has 50 % of the training examples right, Binary CE 100 %.",
     ["Gradient at the output, dL/dz", "Signal, logarithmic axis", "Accuracy, share of training examples"]),
    ("formula", "Prediction ŷ = 2: the slope is 4.00; central differences, which know nothing of derivatives, give",
     ["Loss L", "Slope dL/dŷ", "Loss", "Signal, logarithmic axis"])])
def test_each_part_opens_with_its_result(visit, part, said, shown):
    app = ended(visit("losses", show=part)) if part in ("mistake", "formula") else visit("losses", show=part)
    assert said in every_text(app, "losses")
    assert shows(app, *shown)
    assert not app.warning


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("losses").exception


def test_the_runs_of_the_page_come_with_the_app():
    assert set(confident_mistake.pair(confident_mistake.CONFIDENT)[0]) <= set(SPECS)
    assert set(typed_report.pair(typed_report.RUN, FIRST).values()) <= set(SPECS)


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=list(SWEEPS))
def test_every_loss_is_shown_where_its_curve_makes_sense(visit, sweep):
    app = visit("losses", over=sweep.name, **{f"{sweep.name}_losses": ",".join(sweep.losses)})
    shown = texts(app)
    for name in sweep.losses:
        assert f"**{LOSSES[name].label}**" in shown
    assert LOSSES[sweep.losses[0]].formula in [formula.value.strip("$\n ") for formula in app.latex]


def test_a_moved_point_moves_the_sentence_and_the_link(visit):
    app = visit("losses")
    control(app, "slider", "prediction").set_value(-3.0).run()
    control(app, "slider", "y").set_value(1.0).run()
    assert SWEEPS["number"].steepest_sentence(SWEEPS["number"].first, -3, 1) in texts(app)
    assert app.query_params["prediction"] == "-3"
    assert app.query_params["y"] == "1"


def test_a_moved_outlier_moves_the_fits(visit):
    app = visit("losses", show="outlier")
    control(app, "slider", "distance").set_value(-9.5).run()
    control(app, "slider", "place").set_value(2.0).run()
    assert line_fits.moves_sentence(line_fits.FITTED, 2.0, -9.5) in texts(app)
    assert app.query_params["distance"] == "-9.5"


def test_a_moved_logit_moves_the_gradient_at_the_output(visit):
    app = visit("losses", show="mistake", z="0", truth="1")
    assert "0.50: unsure" in texts(app)
    control(app, "slider", "z").set_value(9.0).run()
    control(app, "slider", "truth").set_value(0).run()
    shown = texts(app)
    assert "sure and wrong" in shown
    assert SWEEPS["logit"].steepest_sentence(confident_mistake.NAMES, 9, 0) in shown


def test_a_link_with_values_opens_with_them(visit):
    app = visit("losses", show="curves", over="class", t="0.7", p="0.2", class_losses="kl_divergence")
    assert "Probability = 0.2: the slope of KL is" in texts(app)
    assert control(app, "slider", "t").value == 0.7


@pytest.mark.parametrize("setup", [*SETUPS["losses"], *SETUPS["losses formula"]], ids=lambda setup: setup.label)
def test_a_set_up_opens_what_it_says(visit, setup):
    app = visit("losses", **setup.spec.to_query(), **setup.own)
    pills = app.get("button_group")
    assert any(setup.label in str(pill.proto) for pill in pills)
    assert setup.look in every_text(app, "losses")
    assert not app.warning
    asked: Link = app.session_state["link"]
    assert asked.spec == setup.spec
    assert setup.own.items() <= asked.own.items()  # as a link says them, to the letter


@pytest.mark.parametrize(("query", "note"), [
    ({"show": "everything"}, "show must be one of curves, outlier, mistake, formula. Received: 'everything'."),
    ({"over": "<b>"}, "over must be one of number, probability"),
    ({"prediction": "nan"}, "prediction must be a number from -4 to 4. Received: nan. Taken as 2."),
    ({"prediction": "1e999"}, "Taken as 4."),
    ({"show": "outlier", "distance": "-1e9"}, "Taken as -15."),
    ({"show": "outlier", "place": "x" * 100_000}, "100000 characters long (at most 600); left out."),
    ({"number_losses": "mse,nothing"}, "Left out."),
    ({"number_losses": "hinge"}, "Left out."),
    ({"show": "mistake", "widths": "0x0"}, "widths"),
    ({"show": "mistake", "label": "7"}, "label must be a whole number from 0 to 1"),
    ({"unknown": "1"}, "The link names 'unknown'"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, note):
    app = visit("losses", **query)
    assert every_text(app, "losses")
    assert note in "\n".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("dataset", ["sine", "blobs", "digits"])
def test_a_data_set_of_another_kind_is_exchanged_and_said_so(visit, dataset):
    app = visit("losses", show="mistake", dataset=dataset)
    assert "A sigmoid output needs two classes" in every_text(app, "losses")


def test_no_loss_chosen_shows_those_it_opens_with(visit):
    assert "MSE is steepest" in texts(visit("losses", number_losses=""))


def test_the_race_is_run_here_and_now(visit, tensorflow):
    """Another seed than the shipped one: computed in this process."""
    app = visit("losses", show="mistake", **confident_mistake.CONFIDENT.to_query() | {"seed": "5", "steps": "20"})
    assert "After 20 steps MSE has" in every_text(ended(app), "losses")


# --- a loss of one's own ---------------------------------------------------------------------------------------------


def typed(app, text: str):
    return control(app, "text_input", "formula").set_value(text).run()


def test_a_typed_formula_has_curve_slope_code_and_link(visit):
    app = typed(visit("losses", show="formula"), "abs(y_true - y_pred) ** 1.5")
    shown = texts(app)
    assert "the slope is 2.12; central differences, which know nothing of derivatives, give 2.12." in shown
    assert "It is least where the prediction is the target" in shown
    assert app.query_params["formula"] == "abs(y_true - y_pred) ** 1.5"
    assert any(r"\left| y - \hat y \right|^{1.5}" in formula.value for formula in app.latex)
    codes = [code.value for code in opened(app, "losses", "In Keras").code]
    assert any("class CustomLoss(keras.losses.Loss):" in code and "keras.ops.abs(y_true - y_pred) ** 1.5" in code
               for code in codes)


@pytest.mark.parametrize(("text", "mark", "said"), [
    ("square(y_true - y_prd)", " " * 16 + "^", "At position 17: 'y_prd' is not known here; write y_pred."),
    ("__import__('os')", " " * 11 + "^", "At position 12: \"'\" is not understood."),
    ("y_true", "^", "At position 1: the formula depends on y_true alone"),
    ("where(abs(y_true - y_pred) > 0.1, 1, 0)", "^", "y_pred stands in a comparison only. A step has slope 0"),
    ("(" * 90, " " * 24 + "^", "nested more than 24 deep"),
    ("y_pred" * 90, " " * 250 + "^", "at most 250 characters"),
])
def test_a_formula_that_is_not_understood_stays_and_is_pointed_at(visit, text, mark, said):
    app = visit("losses", show="formula", formula=text)
    assert said in every_text(app, "losses")
    assert f"{text}\n{mark}" in [code.value for code in app.code]
    assert control(app, "text_input", "formula").value == text
    assert not app.get("vega_lite_chart")
    assert not app.warning


@pytest.mark.parametrize(("text", "said"), [
    ("log(y_pred - 3)", "the loss is NaN, because `log(y_pred - 3)` has no finite value there. On 88% of the axis"),
    ("1 / (y_true - y_pred)", "At one point of the axis value or slope is not a finite number. It falls without limit "
                              "toward 0: training would never end."),
    ("abs(y_true - y_pred) ** 0.5", "It is least where the prediction is the target."),
    ("y_pred - y_pred + 3", "Its slope is 0 all along the axis: the loss is constant here"),
    ("log(-1 - square(y_pred))", "It has no finite value anywhere on this axis"),
    ("sqrt(square(y_pred - 2))", "the loss is 0, but its slope is NaN"),
    ("square(y_pred - y_true - 1)", "It is least at 1.0, not at the target 0"),
    ("-square(y_pred - y_true)", "It falls up to the end of the axis, −4.0"),
])
def test_what_is_wrong_with_a_formula_is_explained(visit, text, said):
    assert said in every_text(visit("losses", show="formula", formula=text), "losses")


def test_two_classes_are_read_as_a_probability(visit):
    app = visit("losses", show="formula", dataset="moons", formula="square(y_true - y_pred)", p="0.25")
    assert "Probability = 0.25: the slope is −1.50" in texts(app)
    assert "Binary CE" in app.table[0].value.to_string()


def test_a_run_with_nan_says_why_and_one_without_learns(visit, tensorflow):
    query = typed_report.RUN.to_query() | {"steps": "20", "widths": "8", "show": "formula"}
    for text, said in (("log(y_pred - 9)", "At step 0 every prediction is finite, but their loss is NaN."),
                       ("abs(y_true - y_pred)", "After 20 steps the loss is")):
        assert said in every_text(ended(visit("losses", **query, formula=text)), "losses")


@pytest.mark.nightly
def test_the_keras_file_says_what_the_page_says(keras_output):
    first, second, *trained = keras_output("p10_custom_loss").splitlines()
    value = float(typed_report.value(custom_loss(FIRST), [2.0], 0.0)[0])
    assert (first, second) == (f"function: {value:g}", f"class: {value:g}")
    assert len(trained) == 3
    assert len({line.rpartition(" ")[2] for line in trained}) == 1
