"""Charts of training curves: every recorded step with its epoch, and the epochs that early stopping is about."""

import numpy as np
import pandas as pd
import pytest

from core.charts import moving
from core.lessons.curves import report
from core.lessons.curves.charts import NEAR, plots
from core.lessons.curves.report import best, by_epoch, early_stop
from tests import shipped

HISTORIES = shipped.histories()


def of(spec, patience=5, moments=10**9):
    return plots(spec, HISTORIES[spec][:moments], patience)


def marks(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    rows = moving.at(frame, moment)
    return rows[rows["name"] != ""]


@pytest.mark.parametrize("moment", [0, 30, 100, 220])
def test_the_lines_are_the_losses_of_all_examples_by_epoch(moment):
    frame, drawing = of(report.SOURCE)["loss"]
    past, rows = HISTORIES[report.SOURCE][:moment + 1], moving.at(frame, moment)
    for series, field in (("training", "training_loss"), ("validation", "validation_loss")):
        line = rows[(rows["series"] == series) & (rows["segment"] >= 0)]
        assert line["value"].tolist() == [getattr(state, field) for state in past]
        assert line["epoch"].tolist() == [state.step / 25 for state in past]
        # One an epoch, with epoch and step on hover.
        assert line["points"].sum() == len(by_epoch(report.SOURCE, past))
        end = rows[(rows["series"] == series) & (rows["label"] != "")]
        assert end[["step", "label", "points"]].to_numpy().tolist() == [[past[-1].step, series, True]]
    assert drawing.spec["title"] == "Loss"
    assert "50 epochs" in drawing.alt


@pytest.mark.parametrize("patience", [1, 5, 30])
@pytest.mark.parametrize("spec", [report.SOURCE, report.TOO_FEW, report.TOO_SHORT, report.TOO_SMALL])
def test_the_marks_stand_where_early_stopping_says_at_every_moment(spec, patience):
    frame, _ = of(spec, patience)["loss"]
    for moment in range(len(HISTORIES[spec])):
        read = by_epoch(spec, HISTORIES[spec][:moment + 1])
        kept, stop = best(read), early_stop(read, patience)
        expected = ({"smallest": kept.epoch} if kept else {}) | ({"stop": stop.epoch} if stop else {})
        found = marks(frame, moment)
        assert found.set_index("series")["epoch"].to_dict() == expected
        assert found["name"].tolist() == [f"{row.series}, epoch {row.epoch:g}" for row in found.itertuples()]
        if kept:
            assert found.set_index("series")["value"]["smallest"] == kept.state.validation_loss


@pytest.mark.parametrize("patience", [1, 5, 30, 45])
@pytest.mark.parametrize("spec", [report.SOURCE, report.TOO_FEW])
def test_no_name_of_a_mark_is_crossed_by_the_other_mark(spec, patience):
    """A mark is drawn from its own row down; a name goes from it to a side, and the other mark is not there, or begins
    below it, or is farther away than a name is long."""
    frame, _ = of(spec, patience)["loss"]
    for moment in range(len(HISTORIES[spec])):
        found = marks(frame, moment).to_dict("records")
        assert [mark["row"] for mark in found] == list(range(len(found)))
        for mark, other in zip(found, found[::-1], strict=True):
            towards = (other["epoch"] > mark["epoch"]) == (mark["align"] == "left")
            far = abs(other["epoch"] - mark["epoch"]) >= NEAR * spec.epochs
            assert mark is other or not towards or mark["row"] < other["row"] or far


@pytest.mark.parametrize("patience", [1, 5, 30, 45])
@pytest.mark.parametrize("spec", [report.SOURCE, report.TOO_FEW, report.TOO_SHORT])
def test_a_name_has_room_on_its_side(spec, patience):
    """130 px of a chart 560 px wide, of which 52 are the axis's and 102 the labels' after the last epoch."""
    frame, _ = of(spec, patience)["loss"]
    for mark in frame[frame["name"] != ""].to_dict("records"):
        left = 406 * mark["epoch"] / spec.epochs
        assert (left if mark["align"] == "right" else 406 - left + 102) >= 130


def test_a_run_that_still_improves_has_no_stop():
    frame, _ = of(report.TOO_SHORT)["loss"]
    assert marks(frame, 220)["name"].tolist() == ["smallest, epoch 10"]


def test_before_the_first_epoch_and_before_the_first_step_nothing_is_marked():
    frame, _ = of(report.SOURCE)["loss"]
    assert marks(frame, 5).empty
    assert (of(report.SOURCE, moments=6)["loss"][0]["name"] == "").all()
    assert plots(report.SOURCE, [], 5)["loss"][0] is None


def test_the_picture_stays_while_the_run_moves():
    assert of(report.SOURCE, moments=1)["loss"][1] is of(report.SOURCE)["loss"][1]
    assert of(report.SOURCE, 3)["accuracy"][1] is of(report.SOURCE)["accuracy"][1]
    frame = of(report.TOO_FEW)["loss"][0]
    assert np.isfinite(frame["y"]).all()


def test_a_part_of_a_run_is_the_beginning_of_the_whole():
    part, whole = of(report.TOO_FEW, moments=80)["loss"][0], of(report.TOO_FEW)["loss"][0]
    for moment in (0, 20, 50):
        pd.testing.assert_frame_equal(moving.at(part, moment), moving.at(whole, moment))
