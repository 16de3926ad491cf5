"""The charts of the Losses page as data: one colour a loss, the same drawing while only numbers change."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts import moving
from core.charts.rows import table
from core.lessons.losses import charts, confident_mistake, line_fits
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES
from tests import shipped

every = pytest.mark.parametrize("sweep", SWEEPS.values(), ids=list(SWEEPS))


def colours(drawing) -> dict[str, str]:
    """The colour of each series of its lines."""
    scale = next(layer["encoding"]["color"]["scale"] for layer in drawing.spec["layer"]
                 if layer["mark"]["type"] == "line")
    return dict(zip(scale["domain"], scale["range"], strict=True))


def histories():
    runs = shipped.histories()
    both, _ = confident_mistake.pair(confident_mistake.CONFIDENT)
    return {label: runs[spec] for label, spec in zip(confident_mistake.LABELS, both, strict=True)}


@every
def test_value_and_slope_are_drawn_as_they_are(sweep):
    target = sweep.target.first if sweep.target else 0.0
    plots = charts.curve_plots(sweep, sweep.losses, sweep.x.first, target)
    for name, function in (("loss", sweep.value), ("slope", sweep.slope)):
        frame, drawing = plots[name]
        assert set(frame["series"]) == set(colours(drawing)) == {LOSSES[loss].short for loss in sweep.losses}
        assert np.isfinite(frame["y"]).all()
        for loss in sweep.losses:
            rows = frame[frame["series"] == LOSSES[loss].short]
            np.testing.assert_allclose(rows["value"], function(loss, rows["x"].to_numpy(), target))
            point = rows[rows["points"]]
            assert list(point["x"]) == [sweep.x.first]


@every
def test_a_moved_point_is_new_data_in_the_same_drawing(sweep):
    first, moved = (charts.curve_plots(sweep, sweep.first, x, sweep.target.first if sweep.target else 0.0)
                    for x in (sweep.x.low, sweep.x.high))
    assert all(first[name][1] is moved[name][1] for name in first)


def test_a_loss_has_one_colour_on_every_chart():
    drawn = [charts.curve_plots(sweep, sweep.first, sweep.x.first, 1.0)["loss"][1] for sweep in SWEEPS.values()]
    drawn += [plot[1] for plot in charts.fit_plots(line_fits.FITTED, 11.0, 12.0).values()]
    drawn += [plot[1] for plot in charts.race_plots(histories(), 6, 100).values()]
    drawn += [plot[1] for plot in charts.output_gradient_plots(confident_mistake.NAMES, -6, 1).values()]
    for label in charts.TABLE:
        assert len({colours(drawing)[label] for drawing in drawn if label in colours(drawing)}) <= 1


def test_the_fitted_lines_are_those_of_the_fits():
    frame, drawing = charts.fit_plots(line_fits.FITTED, 11.0, 12.0)["fits"]
    for name in line_fits.FITTED:
        rows = frame[frame["series"] == LOSSES[name].short]
        np.testing.assert_allclose(rows["value"], line_fits.disturbed(name, 11.0, 12.0).at(rows["x"]))
    outlier = frame[frame["series"] == "outlier"]
    assert list(zip(outlier["x"], outlier["value"], strict=True)) == [(11.0, 23.0)]
    assert (frame["series"] == "data").sum() == line_fits.POINTS
    assert charts.fit_plots(line_fits.FITTED, 5.0, -15.0)["fits"][1] is drawing


def test_the_point_on_the_pull_is_the_pull():
    frame, _ = charts.fit_plots(line_fits.FITTED, 11.0, 12.0)["pull"]
    for name in line_fits.FITTED:
        point = frame[(frame["series"] == LOSSES[name].short) & frame["points"]]
        assert point["value"].item() == pytest.approx(line_fits.pull(name, 11.0, 12.0), abs=1e-6)


@pytest.mark.parametrize("moment", [0, 7, 100])
def test_the_race_shows_both_runs(moment):
    runs = histories()
    plots = charts.race_plots(runs, 6, 100)
    signals = moving.at(plots["signal"][0], moment)
    accuracy = table(plots["accuracy"][0], moment)
    for label, history in runs.items():
        np.testing.assert_allclose(signals[signals["series"] == label]["value"],
                                   history[moment].layers.signal_rms, rtol=1e-6)
        assert accuracy[accuracy["series"] == label]["value"].tolist() == [
            state.accuracy for state in history[:moment + 1]]


def test_the_drawings_stay_however_far_the_runs_are():
    runs = histories()
    short = {label: history[:1] for label, history in runs.items()}
    for plots in (charts.race_plots, charts.typed_run_plots):
        whole, begun = plots(runs, 6, 100), plots(short, 6, 100)
        assert list(whole) == list(begun)
        assert all(whole[name][1] is begun[name][1] for name in whole)


def test_a_typed_loss_is_shown_step_by_step_beside_the_usual_one():
    runs = histories()
    plots = charts.typed_run_plots(runs, 6, 100)
    assert list(plots) == ["your loss", "signal", "accuracy"]
    rows = table(plots["your loss"][0], 20).query("series == 'training'")
    assert rows["value"].tolist() == [state.loss for state in next(iter(runs.values()))[:21]]
    nothing = charts.typed_run_plots({label: [] for label in runs}, 6, 100)
    assert all(frame is None for frame, _ in nothing.values())


def test_before_the_first_measurement_the_axes_are_there():
    plots = charts.race_plots({label: [] for label in confident_mistake.LABELS}, 6, 100)
    assert all(frame is None and drawing.spec["layer"] for frame, drawing in plots.values())


def test_a_run_that_overflowed_is_still_drawn():
    runs = histories()
    squared, cross = runs.values()
    broken = replace(squared[-1].layers, signal_rms=np.full(7, np.nan))
    plots = charts.race_plots({"MSE": [*squared[:5], replace(squared[5], layers=broken)], "Binary CE": cross}, 6, 100)
    frame = plots["signal"][0]
    for moment in (5, 6, 100):
        now = moving.at(frame, moment)
        assert (now[now["series"] == "MSE"]["mark"] == "nan").all()
    assert frame[frame["series"] == "MSE"]["kinds"].str[-1].tolist() == ["N", *"nnnnnn"]
