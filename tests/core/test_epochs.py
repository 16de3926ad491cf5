"""Charts of training curves: every recorded step with its epoch, and the epochs that early stopping is about."""

import numpy as np
import pytest

from core import curves, shipped
from core.charts.epochs import plots
from core.curves import by_epoch, early_stop

HISTORIES = {run.spec: run.history for run in shipped.load()}


def of(spec, patience=5, steps=10**9):
    return plots(spec, [state for state in HISTORIES[spec] if state.step <= steps], patience)


def test_the_lines_are_the_losses_of_all_examples_by_epoch():
    frame, drawing = of(curves.SOURCE)["loss"]
    lines = frame[frame["segment"] >= 0]
    for series, field in (("training", "training_loss"), ("validation", "validation_loss")):
        line = lines[lines["series"] == series]
        assert line["value"].tolist() == [getattr(state, field) for state in HISTORIES[curves.SOURCE]]
        assert line["epoch"].tolist() == [state.step / 25 for state in HISTORIES[curves.SOURCE]]
        assert line["points"].sum() == 50  # one an epoch, with epoch and step on hover
    assert drawing.spec["title"] == "Loss"
    assert "50 epochs" in drawing.alt


@pytest.mark.parametrize("patience", [1, 5, 30])
def test_the_marks_stand_where_early_stopping_says(patience):
    frame, _ = of(curves.TOO_FEW, patience)["loss"]
    marks = frame[frame["name"] != ""].set_index("series")["epoch"].to_dict()
    read = by_epoch(curves.TOO_FEW, HISTORIES[curves.TOO_FEW])
    assert marks == {"smallest": curves.best(read).epoch, "stop": early_stop(read, patience).epoch}


@pytest.mark.parametrize("spec", [curves.SOURCE, curves.TOO_FEW])
def test_no_name_of_a_mark_is_crossed_by_the_other_mark(spec):
    """A mark is drawn from its own row down, and names go from it to the side with more room."""
    frame, _ = of(spec)["loss"]
    marks = frame[frame["name"] != ""].set_index("epoch").sort_index()
    earlier, later = marks.iloc[0], marks.iloc[1]
    late = marks.index[1] > curves.epochs(spec) / 2
    assert set(marks["align"]) == {"right" if late else "left"}
    assert (later["row"] < earlier["row"]) == late
    assert set(marks["row"]) == {0, 1}


def test_a_run_that_still_improves_has_no_stop():
    frame, _ = of(curves.TOO_SHORT)["loss"]
    assert frame.loc[frame["name"] != "", "name"].tolist() == ["smallest, epoch 10"]


def test_before_the_first_epoch_and_before_the_first_step_nothing_is_marked():
    assert (of(curves.SOURCE, steps=5)["loss"][0]["name"] == "").all()
    assert plots(curves.SOURCE, [], 5)["loss"][0] is None


def test_the_picture_stays_while_the_run_moves():
    assert of(curves.SOURCE, steps=100)["loss"][1] is of(curves.SOURCE)["loss"][1]
    assert of(curves.SOURCE, 3)["accuracy"][1] is of(curves.SOURCE)["accuracy"][1]
    frame = of(curves.TOO_FEW)["loss"][0]
    assert np.isfinite(frame["y"]).all()
