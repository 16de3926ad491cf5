"""The page on regularization as its visitors get it: both parts, set-ups, odd links, a live run, the Keras files."""

import re

import numpy as np
import pytest

from core.lessons.regularization import report
from core.lessons.regularization.report import BATCH_NORM, DROPOUT
from pages.ui.setups import SETUPS
from tests import shipped
from tests.pages.reading import control, ended, every_text, set_up, shows, texts, titles

HISTORIES = shipped.histories()
PARTS = {"dropout": DROPOUT, "batch_norm": BATCH_NORM}


@pytest.mark.parametrize(("part", "label", "count"), [("dropout", "dropout 0.5", "4,097"),
                                                       ("batch_norm", "batch norm", "9,697")])
def test_each_part_opens_with_its_bands_and_its_table(visit, part, label, count):
    app = ended(visit("regularization", part=part))
    assert f"**Lower with {label} in " in texts(app)
    assert shows(app, *(f"{name} loss, 5 seeds: median, range" for name in ("Validation", "Training")))
    # the course's network and the one on the screen
    assert every_text(app, "regularization").count(f"**{count} parameters**") == 2
    assert app.session_state["link"].spec == PARTS[part]


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("regularization").exception


def test_one_pass_and_many(visit, tensorflow):
    app = visit("regularization", passes="1")
    assert shows(app, "A hidden layer, stage by stage", "Before dropout", "This pass: × is dropped", "Mean of 1 pass")
    found = report.one_pass(report.first_layer(DROPOUT), 0.5, 1, 0)
    assert f"**{found.kept.sum()} of 64 units are kept**" in texts(app)
    control(app, "slider", "passes").set_value(500).run()
    assert app.query_params["passes"] == "500"
    assert "over 500 passes" in texts(app)


def test_z_is_shown_before_and_after_at_each_step(visit, tensorflow):
    app = visit("regularization", part="batch_norm", after="200")
    assert shows(app, "A hidden layer, stage by stage", "z before", "z normalised", "z scaled and shifted")
    found = report.normalised_at(BATCH_NORM)[200]
    assert app.table[0].value.to_dict("records") == report.normalised_table(found)


@pytest.mark.parametrize(("part", "setup"), [(part, setup) for part in PARTS
                                             for setup in SETUPS[f"regularization {part}"]],
                         ids=lambda one: getattr(one, "label", one))
def test_a_set_up_opens_as_it_says(visit, part, setup):
    app = visit("regularization", part=part)
    set_up(app, setup.label)
    assert setup.look in every_text(app, "regularization")
    assert app.session_state["link"].spec == setup.spec


@pytest.mark.parametrize(("query", "note"), [
    ({"part": "l2"}, "part must be one of dropout, batch_norm. Received: 'l2'. Taken as dropout."),
    ({"seeds": "99"}, "seeds must be a whole number from 2 to 10. Received: 99. Taken as 10."),
    ({"passes": "many"}, "Taken as 1."),
    ({"part": "batch_norm", "after": "7"}, "after must be one of 0, 1, 10"),
    ({"dropout": "1.5"}, "dropout must be a number"),
    ({"dataset": "tumours"}, "dataset must be one of"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, note):
    app = visit("regularization", **{"steps": "20", "widths": "4"} | query)
    every_text(app, "regularization")
    assert note in "\n".join(warning.value for warning in app.warning)


def test_a_run_with_neither_gets_the_course_s_dropout(visit):
    app = visit("regularization", dataset="moons", widths="8", steps="20", seeds="2")
    assert "2 seeds: median, range" in titles(app)[0]
    assert every_text(app, "regularization")


def test_it_trains_live(visit, tensorflow):
    app = visit("regularization", dataset="moons", samples="60", widths="8", steps="20", seeds="2", optimizer="adam")
    assert "Validation loss after 20 steps, median (range)" in every_text(ended(app), "regularization")


def ends(part: str, label: str) -> tuple[list[float], list[float]]:
    spec = report.with_and_without(part, PARTS[part])[label]
    last = [HISTORIES[one][-1] for one in report.over_seeds({label: spec}, report.SEEDS)]
    return [state.validation_loss for state in last], [state.validation_accuracy for state in last]


@pytest.mark.nightly
@pytest.mark.parametrize(("file", "part", "labels"), [
    ("p5_dropout", "dropout", {"dropout 0.0": "without", "dropout 0.5": "dropout 0.5"}),
    ("p7_batch_norm", "batch_norm", {"batch norm False": "without", "batch norm True": "batch norm"})])
def test_keras_trains_to_what_the_band_shows(keras_output, file, part, labels):
    """Its random numbers are Keras's own, so its run is one more seed: near the band, not on a line of it."""
    printed = keras_output(file)
    for name, label in labels.items():
        loss, right = map(float, re.search(rf"{name}: .*validation loss (\S+), right (\S+)", printed).groups())
        losses, shares = ends(part, label)
        assert min(losses) - 0.06 < loss < max(losses) + 0.06
        assert np.median(shares) == pytest.approx(right, abs=0.04)


@pytest.mark.nightly
def test_keras_counts_and_drops_as_the_page_does(keras_output):
    printed = keras_output("p5_dropout")
    assert re.findall(r"dense\S*: (\S+) parameters", printed) == ["1,984", "2,080", "33"]
    assert "Total: 4,097" in printed
    assert "values [0.0, 2.0]" in printed
    assert "in use: values [1.0]" in printed
    assert float(re.search(r"1000 passes: (\S+)", printed)[1]) == pytest.approx(1, abs=0.02)


@pytest.mark.nightly
def test_keras_counts_and_normalises_as_the_page_does(keras_output):
    printed = keras_output("p7_batch_norm")
    assert "Total: 9,697, trainable 9,505, not 192" in printed
    assert re.findall(r"^\S+: (\S+) parameters", printed, re.MULTILINE) == [
        "1,984", "256", "4,160", "2,080", "128", "1,056", "33"]
    low, high = map(float, re.search(r"in training: means (\S+) to (\S+),", printed).groups())
    assert max(abs(low), abs(high)) < 0.001
