"""One network with many seeds: read from a queue, counted, and drawn, against the runs themselves."""

from dataclasses import replace

import numpy as np
import pytest

from core.diagnosis import KINDS, diagnose
from core.lessons.gradients import charts
from core.lessons.gradients import several_seeds as several
from core.lessons.gradients.several_seeds import PASSES, QUANTITIES, Reading, Seeds, band, drawn, ratios, sentences
from core.runs import SLOTS, Run
from core.spec import RunSpec
from core.spread import SHARES, predict
from core.training import train

RELU = RunSpec(dataset="circles", samples=32, widths=(8,) * 4, activation="relu", initializer="he_normal", steps=20,
               batch_size=1, test_fraction=0.0)
NARROW = replace(RELU, widths=(2,) * 6)


def read(spec: RunSpec, seeds: int, to_the_end: bool = False) -> Seeds:
    """The seeds, from runs that are trained here in place of the queue."""
    found = Seeds(spec, to_the_end)
    while wanted := found.wanted(seeds):
        assert len(wanted) <= (SLOTS if to_the_end else PASSES * SLOTS)
        found.take(Run(one, list(train(one)), phase="finished") for one in wanted)
    return found


@pytest.fixture(scope="module")
def at_start():
    return read(NARROW, 12).readings(12)


def reading(*signal: float, kind: str = "learning") -> Reading:
    return Reading(0, kind, {name: np.array(signal) for name in QUANTITIES}, False, False)


@pytest.mark.parametrize("to_the_end", [False, True])
def test_each_seed_is_read_at_its_step(to_the_end):
    found = read(RELU, 3, to_the_end).readings(3)
    for one, spec in zip(found, RELU.with_seeds(3), strict=True):
        history = list(train(spec))
        history = history if to_the_end else history[:1]
        assert one.seed == spec.seed
        assert one.kind == diagnose(spec, history).kind
        for name, field in QUANTITIES.items():
            np.testing.assert_array_equal(one.sizes[name], getattr(history[-1].layers, field))
        assert one.dead_batch == (history[-1].layers.dead_fraction[:-1] == 1).any()
        assert one.dead_for_all == (history[-1].dead_for_all[:-1] == 1).any()


def test_step_0_is_read_as_soon_as_it_is_there_and_the_end_only_then():
    spec, history = RELU, list(train(RELU))
    young = Run(spec, history[:1], phase="building")
    start, end = Seeds(spec, False), Seeds(spec, True)
    assert (start.moments, end.moments) == (1, None)
    for found in (start, end):
        found.take([Run(spec), young])
    assert [one.seed for one in start.readings(5)] == [0]
    assert end.readings(5) == []
    assert start.wanted(1) == []
    assert end.wanted(1) == [spec]


def test_more_seeds_keep_those_that_are_there():
    found = read(RELU, 2)
    assert found.wanted(2) == []
    assert found.wanted(3) == [replace(RELU, seed=2)]


def test_the_band_is_of_sizes_over_the_last_hidden_layer_s():
    readings = [reading(factor * 2.0, 0.5, 2.0, 8.0) for factor in range(1, 11)]
    found = ratios(readings, "signal")
    np.testing.assert_allclose(found[3], [4.0, 0.25, 1.0, 4.0])
    np.testing.assert_allclose(band(found)[:, 0], [1.0, 5.0, 9.0])
    np.testing.assert_allclose(band(found)[:, 2], 1)


def test_a_seed_without_a_signal_in_the_last_hidden_layer_is_no_part_of_the_band():
    dead, infinite, well = reading(0, 0, 0, 1), reading(np.inf, np.nan, np.inf, 1), reading(0, 2, 4, 1)
    np.testing.assert_allclose(band(ratios([dead, infinite, well], "signal")), [[0, 0.5, 1, 0.25]] * 3)
    assert np.isnan(band(ratios([dead], "signal"))).all()


def test_it_says_in_how_many_the_verdict_is_what(at_start):
    text = sentences(NARROW, at_start, False)
    dead = sum(one.dead_batch for one in at_start)
    for_all = sum(one.dead_for_all for one in at_start)
    assert 0 < for_all < dead < 12
    kinds = [one.kind for one in at_start]
    assert f"{kinds.count('dead')} dead" in text
    assert text.startswith("**At step 0, of 12 seeds: ")
    assert f"off for every training example in {for_all} of 12, for the batch in {dead}." in text
    assert f"about {12 * (1 - 0.75**6):.2g} times in 12, by the chance 1 − Π(1 − 2⁻ⁿ) = {1 - 0.75**6:.2f};" in text
    assert predict(NARROW).reason in text
    assert sentences(RELU, [reading(1, 1, 1, 1, 1, kind="learned")], True).startswith("**At the end, of 1 seed: 1 lea")


def test_theory_is_named_before_anything_is_computed_and_a_batch_is_said_to_narrow_it():
    alone, batch = sentences(RELU, [], False), sentences(replace(RELU, batch_size=16), [], False)
    low, middle, high = predict(RELU).signal[:, 0]
    assert alone == f"For one example theory expects ×{low:.2g} to ×{high:.2g}, with a median of ×{middle:.2g}."
    assert batch.startswith(alone)
    assert "A batch of 16 is an average, so its band is narrower" in batch
    assert sentences(replace(RELU, activation="tanh"), [], False).startswith("Theory knows the spread only for ReLU")
    assert sentences(RELU, [], True) == sentences(replace(RELU, widths=(8,)), [], False) == ""


def test_the_chance_of_a_dead_layer_is_what_one_example_finds():
    """Of 150 networks at step 0, batch size 1, within four standard deviations."""
    spec, seeds = replace(NARROW, widths=(3,) * 4), 150
    found = Seeds(spec, False)
    found.take(Run(one, [next(train(one))]) for one in spec.with_seeds(seeds))
    chance = predict(spec).born_dead
    dead = np.mean([one.dead_batch for one in found.readings(seeds)])
    assert dead == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / seeds))


def test_the_picture_is_drawn_anew_at_a_few_numbers_of_seeds():
    assert [drawn(seeds) for seeds in (0, 4, 5, 9, 60, 200)] == [0, 0, 5, 5, 50, 200]
    assert several.DRAWN[0] == several.LEAST
    assert several.DRAWN[-1] == several.MOST


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_chart_has_the_band_every_seed_and_theory_s_lines(quantity):
    readings, spread = read(RELU, 6).readings(6), predict(RELU) if quantity == "signal" else None
    scale = charts.seeds_scale(readings, quantity, spread)
    frame = charts.seeds_frame(readings, quantity, scale, spread)
    found = ratios(readings, quantity)
    middle = frame[frame["what"] == "band"]
    np.testing.assert_allclose(middle[["lowest", "value", "highest"]].T, band(found))
    for one, values in zip(readings, found, strict=True):
        rows = frame[(frame["what"] == "seed") & (frame["seed"] == one.seed)]
        np.testing.assert_allclose(rows["value"], values)
        assert {*rows["verdict"]} == {KINDS[one.kind].word}
    theory = frame[frame["what"] == "theory"]
    if spread:
        np.testing.assert_allclose(theory["value"].to_numpy().reshape(len(SHARES), -1), spread.signal)
    assert len(theory) == (12 if spread else 0)
    assert np.isfinite(frame[["y", "bottom", "top"]]).all(axis=None)
    assert frame.loc[frame["label"] != "", "layer"].eq(1).all()
    drawn_ = charts.seeds(RELU.depth, scale, quantity, 6)
    assert "6 seeds" in drawn_.alt


def test_zero_is_drawn_at_the_lower_end_and_what_is_no_number_not_at_all():
    readings = [reading(0, 2, 4, 1), reading(0, 0, 0, 1)]
    scale = charts.seeds_scale(readings, "signal", None)
    frame = charts.seeds_frame(readings, "signal", scale, None)
    first = frame[(frame["what"] == "seed") & (frame["layer"] == 1)]
    assert first[["value", "y", "exact"]].to_numpy().tolist() == [[0.0, scale.low, "0"]]
    assert frame["value"].notna().all()
    assert charts.seeds_scale([readings[1]], "signal", None).words == "logarithmic axis from 10⁻¹ to 10"
