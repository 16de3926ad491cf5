"""Bands over several seeds: median, range and number of runs, and what is left out."""

import numpy as np
import pandas as pd
import pytest

from core.charts import moving
from core.charts.bands import band, band_frame
from core.charts.rows import table
from core.charts.scales import Scale
from core.probes import LAYER_FIELDS, Layers
from core.training import Snapshot

SCALE = Scale(0.0, 1.0)


def history(*losses: float | None, every: int = 1) -> list[Snapshot]:
    layers = Layers(**{name: np.zeros(2) for name in LAYER_FIELDS})
    return [Snapshot(i * every, 0.5, 0.5, loss, None, layers, True, None) for i, loss in enumerate(losses)]


RUNS = [history(0.9, 0.5, 0.1), history(0.8, 0.6, 0.3), history(0.7, 0.2, 0.2)]


def at(frame: pd.DataFrame, moment: int, series: str = "plain") -> pd.DataFrame:
    """The line and its band at a moment, without its end point."""
    rows = moving.at(frame, moment)
    return rows[(rows["series"] == series) & (rows["label"] == "")]


def test_the_band_is_median_and_range_over_the_runs():
    frame = band_frame({"plain": RUNS, "dropout": RUNS[:2]}, "validation_loss", SCALE)
    for moment in range(3):
        plain, dropout = at(frame, moment), at(frame, moment, "dropout")
        assert plain["value"].tolist() == [0.8, 0.5, 0.2][:moment + 1]
        assert plain["lowest"].tolist() == plain["bottom"].tolist() == [0.7, 0.2, 0.1][:moment + 1]
        assert plain["highest"].tolist() == plain["top"].tolist() == [0.9, 0.6, 0.3][:moment + 1]
        assert plain["runs"].tolist() == [3, 3, 3][:moment + 1]
        assert dropout["value"].tolist() == pytest.approx([0.85, 0.55, 0.2][:moment + 1])
        assert len(table(frame, moment)) == 2 * (moment + 1)


def test_the_end_of_the_line_has_a_point_its_label_and_its_numbers():
    frame = band_frame({"plain": RUNS}, "validation_loss", SCALE)
    for moment, exact in enumerate(("0.8 (0.7 to 0.9)", "0.5 (0.2 to 0.6)", "0.2 (0.1 to 0.3)")):
        rows = moving.at(frame, moment)
        shown = rows[rows["points"]]
        assert shown[["label", "step", "exact"]].to_numpy().tolist() == [["plain", moment, exact]]


def test_a_run_that_ended_early_counts_as_long_as_it_lasted():
    frame = band_frame({"plain": [*RUNS, history(0.5)]}, "validation_loss", SCALE)
    assert at(frame, 2)["runs"].tolist() == [4, 3, 3]
    assert at(frame, 2)["value"].tolist()[0] == pytest.approx(0.75)


def test_what_is_not_measured_is_left_out():
    assert len(band_frame({"plain": [history(None, None)]}, "validation_loss", SCALE)) == 0
    frame = band_frame({"plain": [history(np.nan, 0.5), history(0.4, np.inf)]}, "validation_loss", SCALE)
    assert at(frame, 1)["value"].tolist() == [0.4, np.inf]
    assert at(frame, 1)["says"].tolist() == ["", "∞"]
    assert np.isfinite(frame[["y", "bottom", "top"]]).all(axis=None)
    late = band_frame({"plain": [history(None, 0.5)]}, "validation_loss", SCALE)
    assert moving.at(late, 0).empty
    assert at(late, 1)["step"].tolist() == [1]


def test_nothing_is_drawn_before_every_run_has_begun():
    assert band_frame({"plain": [RUNS[0], []]}, "validation_loss", SCALE) is None


def test_epochs_are_steps_in_units_of_an_epoch():
    frame = band_frame({"plain": [history(0.9, 0.8, 0.7, every=5)]}, "validation_loss", SCALE, every=10)
    assert at(frame, 2)["epoch"].tolist() == [0.0, 0.5, 1.0]


def test_the_title_says_how_many_seeds_there_are():
    picture = band("Validation loss", 50.0, SCALE, ("plain", "dropout"), 8, "epoch")
    assert picture.spec["title"] == "Validation loss, 8 seeds: median, range"
    assert "8 seeds" in picture.alt
    assert "plain, dropout" in picture.alt
    assert picture is band("Validation loss", 50.0, SCALE, ("plain", "dropout"), 8, "epoch")
    assert {layer["mark"]["type"] for layer in picture.spec["layer"]} == {"area", "line", "point", "rule", "text"}
