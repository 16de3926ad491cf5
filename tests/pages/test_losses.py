"""The Losses page as its visitors get it: each part, moved controls, set-ups, and odd links."""

import json

import pytest

from core import fits, mistake
from core.loss_curves import SWEEPS
from core.losses import LOSSES
from core.shipped import SPECS
from pages.ui.link import Link
from pages.ui.try_this import SETUPS


def texts(app) -> str:
    assert not app.exception
    assert not app.error
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def charts(app) -> dict[str, str]:
    """The title of every chart on the page, by the order in which they stand."""
    return {str(i): json.loads(chart.proto.spec)["title"] for i, chart in enumerate(app.get("vega_lite_chart"))}


def slider(app, name: str):
    return app.slider(key=f"control_losses_{name}")


@pytest.mark.parametrize(("part", "said", "titles"), [
    ("curves", "Prediction ŷ = 2: MSE is steepest, slope 4.0", ["Loss L", "Slope dL/dŷ"]),
    ("outlier", "MSE moves most: by 2.4", ["Data and the line each loss fits", "How far the fit moves at the outlier"]),
    ("mistake", "After 100 steps MSE has 50 % of the training examples right, Binary CE 100 %.",
     ["Gradient at the output, dL/dz", "Signal, logarithmic axis", "Accuracy, share of training examples"])])
def test_each_part_opens_with_its_result(visit, part, said, titles):
    app = visit("losses", show=part)
    assert said in texts(app)
    assert list(charts(app).values()) == titles
    assert not app.warning


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("losses").exception


def test_the_runs_of_the_page_come_with_the_app():
    assert set(mistake.pair(mistake.CONFIDENT)[0]) <= set(SPECS)


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=list(SWEEPS))
def test_every_loss_is_shown_where_its_curve_makes_sense(visit, sweep):
    app = visit("losses", over=sweep.name, **{f"{sweep.name}_losses": ",".join(sweep.losses)})
    shown = texts(app)
    for name in sweep.losses:
        assert f"**{LOSSES[name].label}**" in shown
    assert LOSSES[sweep.losses[0]].formula in [formula.value.strip("$\n ") for formula in app.latex]


def test_a_moved_point_moves_the_sentence_and_the_link(visit):
    app = visit("losses")
    slider(app, "prediction").set_value(-3.0).run()
    slider(app, "y").set_value(1.0).run()
    assert SWEEPS["number"].comparison(SWEEPS["number"].first, -3, 1) in texts(app)
    assert app.query_params["prediction"] == "-3"
    assert app.query_params["y"] == "1"


def test_a_moved_outlier_moves_the_fits(visit):
    app = visit("losses", show="outlier")
    slider(app, "distance").set_value(-9.5).run()
    slider(app, "place").set_value(2.0).run()
    assert fits.comparison(fits.FITTED, 2.0, -9.5) in texts(app)
    assert app.query_params["distance"] == "-9.5"


def test_a_moved_logit_moves_the_gradient_at_the_output(visit):
    app = visit("losses", show="mistake", logit="0")
    assert "0.50: unsure" in texts(app)
    slider(app, "logit").set_value(9.0).run()
    slider(app, "label").set_value(0).run()
    shown = texts(app)
    assert "sure and wrong" in shown
    assert SWEEPS["logit"].comparison(mistake.NAMES, 9, 0) in shown


def test_a_link_with_values_opens_with_them(visit):
    app = visit("losses", show="curves", over="class", t="0.7", p="0.2", class_losses="kl_divergence")
    assert "Probability = 0.2: the slope of KL is" in texts(app)
    assert slider(app, "t").value == 0.7


@pytest.mark.parametrize("setup", SETUPS["losses"], ids=lambda setup: setup.label)
def test_a_set_up_opens_what_it_says(visit, setup):
    app = visit("losses")
    pills = app.get("button_group")
    assert any(setup.label in str(pill.proto) for pill in pills)
    app = visit("losses", **setup.spec.to_query(), **setup.own)
    assert setup.look in texts(app)
    assert not app.warning
    asked: Link = app.session_state["link"]
    assert asked.spec == setup.spec
    assert setup.own.items() <= asked.own.items()  # as a link says them, to the letter


@pytest.mark.parametrize(("query", "note"), [
    ({"show": "everything"}, "show must be one of curves, outlier, mistake. Received: 'everything'. Taken as curves."),
    ({"over": "<b>"}, "over must be one of number, probability"),
    ({"prediction": "nan"}, "prediction must be a number from -4 to 4. Received: 'nan'. Taken as 2."),
    ({"prediction": "1e999"}, "Taken as 4."),
    ({"show": "outlier", "distance": "-1e9"}, "Taken as -15."),
    ({"show": "outlier", "place": "x" * 100_000}, "place must be a number from 0 to 12"),
    ({"number_losses": "mse,nothing"}, "Left out."),
    ({"number_losses": "hinge"}, "Left out."),
    ({"show": "mistake", "widths": "0x0"}, "widths"),
    ({"show": "mistake", "label": "7"}, "label must be a whole number from 0 to 1"),
    ({"unknown": "1"}, "The link names 'unknown'"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, note):
    app = visit("losses", **query)
    assert texts(app)
    assert note in "\n".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("dataset", ["sine", "blobs", "digits"])
def test_a_data_set_of_another_kind_is_exchanged_and_said_so(visit, dataset):
    app = visit("losses", show="mistake", dataset=dataset)
    assert "A sigmoid output needs two classes" in texts(app)


def test_no_loss_chosen_shows_those_it_opens_with(visit):
    assert "MSE is steepest" in texts(visit("losses", number_losses=""))


def test_the_race_is_run_here_and_now(visit, tensorflow):
    """Another seed than the shipped one: computed in this process, a chunk a run of the script."""
    app = visit("losses", show="mistake", **mistake.CONFIDENT.to_query() | {"seed": "5", "steps": "20"})
    app.button(key="player_play").click().run()
    for _ in range(400):
        if "After 20 steps" in texts(app):
            break
        app.run()
    assert "After 20 steps MSE has" in texts(app)
