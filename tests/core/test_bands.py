"""Bands over several seeds: median, range and number of runs, and what is left out."""

import numpy as np
import pytest

from core.charts.bands import band, band_frame
from core.charts.scales import Scale
from core.probes import LAYER_FIELDS, Layers
from core.training import Snapshot

SCALE = Scale(0.0, 1.0)


def history(*losses: float | None, every: int = 1) -> list[Snapshot]:
    layers = Layers(**{name: np.zeros(2) for name in LAYER_FIELDS})
    return [Snapshot(i * every, 0.5, 0.5, loss, None, layers, True, None) for i, loss in enumerate(losses)]


RUNS = [history(0.9, 0.5, 0.1), history(0.8, 0.6, 0.3), history(0.7, 0.2, 0.2)]


def test_the_band_is_median_and_range_over_the_runs():
    frame = band_frame({"plain": RUNS, "dropout": RUNS[:2]}, "validation_loss", SCALE)
    plain, dropout = (frame[frame["series"] == name] for name in ("plain", "dropout"))
    assert plain["value"].tolist() == [0.8, 0.5, 0.2]
    assert plain["lowest"].tolist() == [0.7, 0.2, 0.1]
    assert plain["highest"].tolist() == [0.9, 0.6, 0.3]
    assert plain["runs"].tolist() == [3, 3, 3]
    assert dropout["value"].tolist() == pytest.approx([0.85, 0.55, 0.2])
    assert plain["label"].tolist() == ["", "", "plain"]
    assert plain["exact"].tolist()[-1] == "0.2 (0.1 to 0.3)"


def test_a_run_that_ended_early_counts_as_long_as_it_lasted():
    frame = band_frame({"plain": [*RUNS, history(0.5)]}, "validation_loss", SCALE)
    assert frame["runs"].tolist() == [4, 3, 3]
    assert frame["value"].tolist()[0] == pytest.approx(0.75)


def test_what_is_not_measured_is_left_out():
    assert len(band_frame({"plain": [history(None, None)]}, "validation_loss", SCALE)) == 0
    frame = band_frame({"plain": [history(np.nan, 0.5), history(0.4, np.inf)]}, "validation_loss", SCALE)
    assert frame["value"].tolist() == [0.4, np.inf]
    assert np.isfinite(frame[["y", "bottom", "top"]]).all(axis=None)


def test_nothing_is_drawn_before_every_run_has_begun():
    assert band_frame({"plain": [RUNS[0], []]}, "validation_loss", SCALE) is None


def test_epochs_are_steps_in_units_of_an_epoch():
    frame = band_frame({"plain": [history(0.9, 0.8, 0.7, every=5)]}, "validation_loss", SCALE, every=10)
    assert frame["epoch"].tolist() == [0.0, 0.5, 1.0]


def test_the_title_says_how_many_seeds_there_are():
    picture = band("Validation loss", 50.0, SCALE, ("plain", "dropout"), 8, "epoch")
    assert picture.spec["title"] == "Validation loss: median and range of 8 seeds"
    assert "8 seeds" in picture.alt
    assert "plain, dropout" in picture.alt
    assert picture is band("Validation loss", 50.0, SCALE, ("plain", "dropout"), 8, "epoch")
    assert {layer["mark"]["type"] for layer in picture.spec["layer"]} == {"area", "line", "point", "rule", "text"}
