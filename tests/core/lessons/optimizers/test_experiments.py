"""The networks of the Optimizers page, the noise of a batch's gradient, and the charts as data."""

from dataclasses import replace

import numpy as np
import pytest

from core.charts import moving
from core.charts.rows import table
from core.lessons.optimizers import charts
from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import LABELS, SHOWN, Race
from core.lessons.optimizers.surfaces import SURFACES
from core.network import backpropagate, initial_weights
from core.optimizers import OPTIMIZERS
from core.spec import RunSpec
from core.training import batch_rows, train

SMALL = RunSpec(dataset="moons", samples=40, widths=(5, 4), activation="tanh", steps=8)


def test_each_optimizer_has_its_rate_and_all_else_is_equal():
    specs = runs.under_each(SMALL, tuple(OPTIMIZERS), 0.02)
    assert list(specs) == list(LABELS.values())
    for name, spec in zip(OPTIMIZERS, specs.values(), strict=True):
        rate = 0.02 if OPTIMIZERS[name].adaptive else SMALL.learning_rate
        assert spec == replace(SMALL, optimizer=name, learning_rate=rate)


def test_each_batch_size_that_there_are_examples_for():
    specs = runs.with_each_batch(SMALL)
    assert list(specs) == ["single", "8", "all 32"]  # 32 of 32 is all
    assert [spec.batch for spec in specs.values()] == [1, 8, 32]


def test_the_noise_of_a_gradient_is_that_of_batches_run_through_the_network():
    spec = replace(SMALL, batch_size=8)
    split, weights = spec.data(), initial_weights(spec)

    def gradient(rows) -> np.ndarray:
        found = backpropagate(spec, weights, split.x_train[rows], split.y_train[rows])
        pairs = zip(found.kernel_gradients, found.bias_gradients, strict=True)
        return np.concatenate([part.ravel() for pair in pairs for part in pair])

    full = gradient(np.arange(32))
    each = np.array([gradient(batch_rows(spec, update)) for update in range(1, 121)])
    expected = np.sqrt(((each - full) ** 2).sum(axis=1).mean()) / np.linalg.norm(full)
    sizes, measured, theory = runs.noise(SMALL)
    assert sizes == (1, 2, 4, 8, 16)
    assert measured[3] == pytest.approx(expected, rel=0.1)
    np.testing.assert_allclose(measured, theory, rtol=0.1)
    assert "times its size (theory: " in runs.noise_sentence(SMALL)


def test_the_noise_of_single_examples_is_exact():
    """With B = 1 every example comes as often: σ / |g| itself."""
    split, weights = SMALL.data(), initial_weights(SMALL)
    found = [backpropagate(SMALL, weights, split.x_train[i:i + 1], split.y_train[i:i + 1]) for i in range(32)]
    each = np.array([np.concatenate([part.ravel() for part in (*one.kernel_gradients, *one.bias_gradients)])
                     for one in found])
    full = each.mean(axis=0)
    assert runs.noise(SMALL)[2][0] == pytest.approx(
        np.sqrt(((each - full) ** 2).sum(axis=1).mean()) / np.linalg.norm(full), rel=1e-4)


@pytest.fixture(scope="module")
def raced():
    specs = runs.under_each(replace(runs.DEEP, steps=30), SHOWN, runs.ADAPTIVE_RATE)
    return {label: list(train(spec)) for label, spec in specs.items()}


def test_adam_moves_the_layer_that_gradient_descent_leaves_behind(raced):
    move = {label: runs.usual_move(history) for label, history in raced.items()}
    assert move["Adam"] > 100 * move["Plain GD"]
    said = runs.race_sentence(raced)
    assert said.startswith("After 30 steps **Adam** has the lowest loss: Plain GD 0.69")
    assert runs.race_sentence({label: history[:1] for label, history in raced.items()}).startswith("At step 0")
    assert runs.race_sentence({label: [] for label in raced}) == ""


@pytest.mark.parametrize("moment", [0, 1, 12, 30])
def test_charts_of_the_race_in_a_network(raced, moment):
    plots = charts.network_plots(raced, runs.DEEP)
    ratios, losses = moving.at(plots["update ratio"][0], moment), table(plots["loss"][0], moment)
    for label, history in raced.items():
        found = ratios[ratios["series"] == label]["value"]
        np.testing.assert_allclose(found, history[moment].layers.update_ratio if moment else [], rtol=1e-6)
        assert losses[losses["series"] == label]["value"].tolist() == [state.loss for state in history[:moment + 1]]


def test_the_drawings_of_runs_stay_however_far_they_are(raced):
    begun = {label: history[:1] for label, history in raced.items()}
    of_rates = dict(zip(("0.1", "1", "3", "10"), raced.values(), strict=True))
    for plots, histories, short in (
            (lambda found: charts.network_plots(found, runs.DEEP), raced, begun),
            (lambda found: charts.batch_plots(found, runs.DEEP), raced, begun),
            (charts.rate_plots, of_rates, {label: history[:1] for label, history in of_rates.items()})):
        whole, start = plots(histories), plots(short)
        assert all(whole[name][1] is start[name][1] for name in whole)
        nothing = plots({label: [] for label in histories})
        assert all(frame is None for frame, _ in nothing.values())


def test_a_rate_too_large_is_not_among_those_that_learn():
    specs = runs.at_each_rate(replace(SMALL, steps=20))
    histories = {label: list(train(specs[label])) for label in ("0.001", "0.1", "1")}
    loud = replace(specs["10"], dataset="sine", activation="relu", initializer="he_normal", gain=3)
    histories["10"] = list(train(loud))
    assert not runs.learns(histories["10"])
    said = runs.rates_sentence(histories)
    assert "lower than at step 0 for rates from 0.001 to 1, not for 10. Best is **1**" in said
    frame = charts.rate_plots(histories)["loss by rate"][0]
    for moment in range(21):
        past = {label: history[:moment + 1] for label, history in histories.items()}
        rows = moving.at(frame, moment)
        shown = rows[rows["series"] == "loss"]
        assert list(shown["x"]) == [0.001, 0.1, 1, 10]
        np.testing.assert_allclose(shown["value"], [runs.last_loss(history) for history in past.values()], rtol=1e-6)
        good = [float(label) for label, history in past.items() if runs.learns(history)]
        stable = rows[rows["x2"].notna()]
        assert stable[["x", "x2", "name"]].to_numpy().tolist() == ([[good[0], good[-1], "stable"]] if good else [])
        level = rows[(rows["series"] == charts.AT_START) & (rows["name"] == "")]
        np.testing.assert_allclose(level["value"], histories["0.1"][0].loss, rtol=1e-6)
    assert (stable["x"].item(), stable["x2"].item()) == (0.001, 1.0)


def test_a_full_batch_never_strays_and_a_single_example_does():
    specs = runs.with_each_batch(SMALL)
    histories = {label: list(train(spec)) for label, spec in specs.items()}
    strays = {label: runs.stray(history) for label, history in histories.items()}
    assert strays["all 32"] == pytest.approx(0, abs=1e-6)
    assert strays["single"] > strays["8"] > 1e-3
    said = runs.batch_sentence(histories, specs)
    assert said.startswith("After 8 steps each, by batch: the loss of all examples is ")
    assert said.endswith("Epochs seen: 0.25 (single), 2 (8), 8 (all 32).")
    uneven = {label: replace(spec, samples=44) for label, spec in specs.items()}  # 35 to train on: 4 batches of 8 and 3
    assert runs.batch_sentence(histories, uneven).endswith("Epochs seen: 0.229 (single), 1.6 (8), 8 (all 32).")


def test_each_batch_size_has_its_panel_with_both_losses():
    specs = runs.with_each_batch(SMALL)
    histories = {label: list(train(spec)) for label, spec in specs.items()}
    frame, drawn = charts.batch_plots(histories, SMALL)["loss by batch size"]
    assert ", ".join(specs) in drawn.alt
    places = frame.query("series == ''").set_index("run")["label"]
    assert dict(places) == {label: f"batch: {label}" for label in specs}
    corners = set()
    for label, history in histories.items():
        for moment in (0, 3, len(history) - 1):
            shown = table(frame, moment).query(f"run == '{label}'")
            for series, field in (("batch", "loss"), ("all examples", "training_loss")):
                values = shown[shown["series"] == series]["value"].tolist()
                assert values == [getattr(state, field) for state in history[:moment + 1]]
        mine = frame[(frame["run"] == label) & (frame["series"] != "")]
        corner = np.floor(mine["across"].min()), np.floor(mine["y"].min())
        assert ((mine["across"] >= corner[0]) & (mine["across"] < corner[0] + 1)).all()
        assert ((mine["y"] >= corner[1]) & (mine["y"] < corner[1] + 1)).all()
        corners.add(corner)
    assert len(corners) == len(histories)
    whole = frame[(frame["run"] == "all 32") & (frame["segment"] != -1)]
    both = (whole[whole["series"] == series].sort_values("step")["y"] for series in ("batch", "all examples"))
    np.testing.assert_allclose(*both, atol=1e-5)


# --- charts of the surfaces -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SURFACES)
def test_lines_of_equal_height_are_what_they_say(name):
    entry, pieces = SURFACES[name], charts.levels(name)
    assert {piece[4] for piece in pieces} == set(range(charts.LEVELS))
    middles = np.array([[(x + x2) / 2, (y + y2) / 2] for x, y, x2, y2, _ in pieces])
    heights = np.log10(entry.value(middles) - entry.least + charts.FLOOR)
    span = heights.max() - heights.min()
    for level in range(charts.LEVELS):
        same = heights[[piece[4] == level for piece in pieces]]
        assert np.quantile(np.abs(same - np.median(same)), 0.9) < 0.1 * span


def test_paths_end_where_they_are_at_the_step_and_outside_at_the_edge():
    race = Race("ravine", ("sgd", "adam"), (-4.0, 1.5), rate=0.2, steps=50)
    whole = charts.paths_frame(race)
    for step in (0, 1, 5, 12, 50):
        frame = moving.at(whole, step)
        now = frame[frame["role"] == "now"].set_index("series")
        assert tuple(now.loc["Adam", ["x", "y"]]) == pytest.approx(tuple(race.paths()["adam"][step]))
        walked = frame[frame["role"] == "path"].groupby("series")["step"].max().to_dict()
        last = len(race.paths()["sgd"]) - 1  # the step at which it diverged
        assert walked == {"Plain GD": min(step, last), "Adam": step}
        assert now["step"].to_dict() == walked
        assert now.loc["Plain GD", "value"] == race.heights()["sgd"][min(step, last)]
    assert now.loc["Plain GD", "label"] == "outside"
    assert abs(now.loc["Plain GD", "y"]) == race.entry.high[1]
    assert len(table(whole, 50)) == len(frame)


def test_what_is_outside_is_said_once_where_several_are_near_each_other():
    race = Race("ravine", ("sgd", "momentum"), (-4.0, 1.5), rate=0.2, steps=60)
    whole, size = charts.paths_frame(race), np.subtract(race.entry.high, race.entry.low)
    together = 0
    for step in range(61):
        now = moving.at(whole, step).query("role == 'now'")
        gone, said = now[now["mark"] == "outside"], now[now["label"] != ""]
        assert bool(len(gone)) == bool(len(said))
        if len(gone) == 2:
            apart = np.abs(np.diff(gone[["x", "y"]], axis=0)[0]) / size
            assert len(said) == (1 if (apart < charts.NEAR).all() else 2)
            together += len(said) == 1
    assert together


@pytest.mark.parametrize("step", [0, 7, 50])
def test_heights_are_those_of_the_race(step):
    race = Race("saddle", SHOWN, (-2.0, 0.01), steps=50)
    frame = charts.heights_frame(race)
    rows, now = table(frame, step), moving.at(frame, step).query("label != ''").set_index("label")
    for name, values in race.heights().items():
        np.testing.assert_array_equal(rows[rows["series"] == LABELS[name]]["value"], values[:step + 1])
        assert now.loc[LABELS[name], "step"] == step
    assert charts.heights_frame(Race("saddle", (), (-2.0, 0.01))) is None
    assert charts.paths_frame(Race("saddle", (), (-2.0, 0.01))).empty


def test_a_height_of_0_has_its_sign_and_no_hundred_marks():
    race = Race("saddle", ("rmsprop",), (-2.0, 0.01), steps=200)
    frame = charts.heights_frame(race)
    zero = np.flatnonzero(race.heights()["rmsprop"] == 0)[0]
    along = moving.at(frame, 200).query("label == ''")
    assert along[along["points"]][["step", "says"]].to_numpy().tolist()[0] == [zero, "0"]
    assert along["points"].sum() == (along["says"] != "").sum()


def test_theory_stands_beside_the_sweep_where_there_is_one():
    for surface, rules in (("ravine", ["Plain GD: 0.1", "Momentum: 0.19"]), ("beale", [])):
        frame = charts.sweep_plots(Race(surface, SHOWN, (1.0, 1.0), steps=40))["end by rate"][0]
        assert list(frame["name"][frame["name"] != ""]) == rules
        assert frame["x2"].isna().all()


def test_every_drawing_is_a_chart_with_a_description():
    race = Race("beale", SHOWN, (1.0, 1.0), steps=20)
    for plots in (charts.race_plots(race), charts.sweep_plots(race), charts.noise_plots(SMALL)):
        for frame, drawing in plots.values():
            assert len(frame)
            assert drawing.alt.endswith("The data table has the numbers.")
            assert drawing.spec["height"] > 200
