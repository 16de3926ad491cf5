"""Training curves as visitors get them: set-ups, early stopping, odd links, a live run, and the Keras file."""

import re

import pytest

from core.lessons.curves import report
from core.lessons.curves.report import by_epoch, early_stop
from core.shipped.opening_runs import SPECS
from pages.ui.setups import SETUPS
from tests import shipped
from tests.pages.reading import control, ended, every_text, plain, played, rest, shows, texts

HISTORIES = shipped.histories()


def test_it_opens_with_the_course_s_run_and_its_reading(visit):
    app = played(visit("curves"))
    every_text(rest(app, -1), "curves")
    for moment in (0, 40, len(HISTORIES[report.SOURCE]) - 1):
        said = report.fit_sentences(report.SOURCE, HISTORIES[report.SOURCE][:moment + 1], 5)[-1]
        assert all(plain(line) in texts(rest(app, moment)) for line in said.split("  \n"))
    assert shows(app, "Loss", "Accuracy, share of examples")
    assert "An epoch is a full pass over 800 training examples: 25 steps." in texts(app)
    assert app.session_state["link"].spec == report.SOURCE


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("curves").exception


READINGS = ("Good fit", "Learning", "Learning", "Overfitting")


@pytest.mark.parametrize(("setup", "word"), list(zip(SETUPS["curves"], READINGS, strict=True)),
                         ids=lambda one: getattr(one, "label", one))
def test_a_set_up_opens_with_its_reading_before_tensorflow_is_there(visit, setup, word):
    assert setup.spec in SPECS
    app = ended(visit("curves", **setup.spec.to_query()))
    assert f"**{word}" in texts(app)
    assert setup.look in every_text(app, "curves")


def test_patience_moves_the_mark_and_is_in_the_link(visit):
    app = ended(visit("curves", **report.TOO_FEW.to_query(), patience="5"))
    control(app, "slider", "patience").set_value(20).run()
    assert app.query_params["patience"] == "20"
    stop = early_stop(by_epoch(report.TOO_FEW, HISTORIES[report.TOO_FEW]), 20)
    assert f"patience of 20 epochs stops after epoch {stop.epoch}" in texts(app)


def test_a_regression_has_no_accuracy(visit):
    app = visit("curves", dataset="diabetes", widths="8", steps="20")
    assert shows(app, "Loss")
    assert not shows(app, "Accuracy, share of examples")


def test_without_validation_the_page_says_so(visit, tensorflow):
    app = visit("curves", dataset="classification", widths="16", activation="relu", optimizer="adam",
                learning_rate="0.01", steps="40", test_fraction="0", v="1")
    shown = every_text(ended(app), "curves")
    assert not any(f"**{word}.** After" in shown for word, _ in report.FITS.values())
    assert "early stopping has nothing to watch" in texts(app)


@pytest.mark.parametrize(("query", "note"), [
    ({"patience": "0"}, "patience must be a whole number from 1 to 50. Received: 0. Taken as 1."),
    ({"patience": "soon"}, "Taken as 5."),
    ({"steps": "1e99"}, "steps must be a whole number"),
    ({"dataset": "irises"}, "dataset must be one of"),
    ({"batch_size": "-1"}, "batch_size must be a whole number"),
    ({"unknown": "1"}, "The link names 'unknown'"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, note):
    app = visit("curves", **query)
    every_text(app, "curves")
    assert note in "\n".join(warning.value for warning in app.warning)


def test_it_trains_live(visit, tensorflow):
    app = visit("curves", **report.TOO_FEW.to_query() | {"seed": "3", "steps": "50"})
    assert "After 10 epochs: training loss" in every_text(ended(app), "curves")


@pytest.mark.nightly
def test_keras_prints_what_the_page_says(keras_output):
    """Kernels and batches are Keras's own there, so the last digits differ: the shape of the curves does not."""
    printed = keras_output("p8_curves")
    assert "800 training and 200 validation examples, 3457 parameters" in printed
    last = HISTORIES[report.SOURCE][-1]
    loss, held, accuracy, right = map(float, re.search(r"^ *50 (.*)$", printed, re.MULTILINE)[1].split())
    assert accuracy == last.accuracy == 1.0
    assert right == pytest.approx(last.validation_accuracy, abs=0.03)  # 6 of 200 examples
    assert held == pytest.approx(last.validation_loss, abs=0.06)
    assert loss == pytest.approx(last.training_loss, abs=0.01)
    lowest = float(re.search(r"smallest validation loss (\S+),", printed)[1])
    assert lowest == pytest.approx(min(point.state.validation_loss for point in by_epoch(
        report.SOURCE, HISTORIES[report.SOURCE])), abs=0.03)
