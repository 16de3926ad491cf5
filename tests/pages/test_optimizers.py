"""The Optimizers page as its visitors get it: each part, moved controls, set-ups, odd links."""

import runpy

import numpy as np
import pytest

from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import LABELS, SHOWN, Race, standing
from core.lessons.optimizers.surfaces import SURFACES
from core.optimizers import OPTIMIZERS
from core.shipped.opening_runs import SPECS
from pages.ui.setups import SETUPS
from tests.pages.reading import control, ended, every_text, frame, moments, opened, rest, shows, texts

ALL_SETUPS = [setup for key, setups in SETUPS.items() if key.startswith("optimizers ") for setup in setups]


@pytest.mark.parametrize(("part", "said", "charts"), [
    ("surface", "After 100 steps **", ["Ravine: lines of equal height, ★ least",
                                       "Height above the minimum, log axis"]),
    ("network", "has the lowest loss: Plain GD 0.69", ["Update ratio, logarithmic axis", "Loss"]),
    ("rates", "the loss is lower than at step 0 for rates from 0.001", [
        "Loss of the network by learning rate", "Height at the end, logarithmic axis"]),
    ("batches", "After 200 steps each, by batch: the loss of all examples is 0.2", [
        "Loss of the batch and of all examples"])])
def test_each_part_opens_with_its_result(visit, part, said, charts):
    app = ended(visit("optimizers", show=part))
    assert said in every_text(app, "optimizers")
    assert shows(app, *charts)
    assert not app.warning


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("optimizers").exception


def test_the_runs_of_the_page_come_with_the_app():
    assert set(runs.opening()) <= set(SPECS)


def test_every_formula_of_the_table_is_on_the_page_with_keras_where_it_differs(visit):
    app = opened(visit("optimizers"), "optimizers", "Formulas")
    formulas = "\n".join(formula.value for formula in app.latex)
    for optimizer in OPTIMIZERS.values():
        assert optimizer.formula in formulas
        assert optimizer.keras_formula in formulas
        assert optimizer.difference in texts(app)


def test_a_moved_start_moves_the_race_and_the_link(visit):
    app = visit("optimizers", surface="beale")
    control(app, "slider", "x0").set_value(2.0).run()
    control(app, "slider", "y0").set_value(-1.0).run()
    race = Race("beale", SHOWN, (2.0, -1.0), steps=100)
    assert moments(app) == [standing(race, step) for step in range(101)]
    assert standing(race, 100) in texts(ended(app))
    assert (app.query_params["x0"], app.query_params["y0"]) == ("2", "-1")


def test_the_race_is_played_step_by_step(visit):
    app = visit("optimizers", moves="20")
    assert "All start at (−4, 1.5), 30.5 above the minimum." in texts(app)
    assert "After 1 step **" in texts(rest(app, 1))
    assert "After 20 steps **" in texts(rest(app, -1))
    for moment in (20, 3):
        rest(app, moment)
        drawn = frame(app).query("role == 'path'")
        for name, path in Race("ravine", SHOWN, (-4, 1.5), steps=20).paths().items():
            np.testing.assert_allclose(drawn[drawn["series"] == LABELS[name]]["x"], path[:moment + 1, 0], rtol=1e-6)


def test_who_leaves_the_chart_is_named(visit):
    assert "Plain GD and Momentum diverged" in texts(ended(visit("optimizers", rate="0.2")))


@pytest.mark.parametrize("setup", ALL_SETUPS, ids=lambda setup: setup.label)
def test_a_set_up_opens_what_it_says(visit, setup):
    query = setup.spec.to_query() if setup.spec else {}
    app = visit("optimizers", **query, **setup.own)
    assert setup.look in every_text(app, "optimizers")
    assert not app.warning
    asked = app.session_state["link"]
    assert setup.spec in (None, asked.spec)
    assert setup.own.items() <= asked.own.items()


@pytest.mark.parametrize(("query", "note"), [
    ({"show": "all"}, "show must be one of surface, network, rates, batches. Received: 'all'. Taken as surface."),
    ({"surface": "hill"}, "surface must be one of bowl, ravine"),
    ({"x0": "far"}, "x0 must be a number from -4.5 to 4.5"),
    ({"y0": "1e999"}, "Taken as 4.5."),
    ({"rate": "7"}, "rate must be one of own, 0.0001"),
    ({"race": "adam,lion"}, "Left out."),
    ({"moves": "1e9"}, "Taken as 600."),
    ({"beta": "1"}, "Taken as 0.99."),
    ({"show": "batches", "samples": "4"}, "test_fraction"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, note):
    app = visit("optimizers", **query)
    assert every_text(app, "optimizers")
    assert note in "\n".join(warning.value for warning in app.warning)


def test_no_optimizer_chosen_shows_those_it_opens_with(visit):
    assert "After 100 steps **" in texts(ended(visit("optimizers", race="")))


@pytest.mark.parametrize("dataset", ["sine", "blobs", "digits"])
def test_every_kind_of_data_has_its_batches(visit, dataset, tensorflow):
    app = visit("optimizers", show="batches", dataset=dataset, widths="4")
    assert "With the initial weights, the gradient of all" in every_text(app, "optimizers")


def test_the_script_ends_where_the_race_does(visit, tmp_path, capsys):
    app = visit("optimizers", surface="rosenbrock", moves="20", x0="-1.2", y0="1", race="adam")
    (code,) = [code.value for code in opened(app, "optimizers", "In Keras").code if "optimizer.apply" in code.value]
    (tmp_path / "race.py").write_text(code)
    runpy.run_path(str(tmp_path / "race.py"))
    printed = capsys.readouterr().out.removeprefix(f"{LABELS['adam']}: (").partition(")")[0]
    end = Race("rosenbrock", ("adam",), SURFACES["rosenbrock"].start, steps=20).paths()["adam"][-1]
    assert [float(number) for number in printed.split(", ")] == pytest.approx(list(end), abs=2e-3)
