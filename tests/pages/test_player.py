"""The player, pins and cures of a live page. AppTest reruns nothing by itself: a run of the script is one tick."""

from __future__ import annotations

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from core.diagnosis import diagnose
from core.runs import RUNS
from core.spec import RunSpec
from core.training import recorded_steps, train
from pages.ui.compare import CURES, labels
from pages.ui.player import Player
from tests.pages.reading import opened

SHORT = {"widths": "4x3", "activation": "tanh", "steps": "30"}
STEPS = recorded_steps(30)
seeds = itertools.count(1000)  # a run of its own for every test


@pytest.fixture
def short(visit, tensorflow) -> AppTest:
    """The Gradients page with a small run that nobody has trained yet."""
    return visit("gradients", **SHORT, seed=str(next(seeds)))


def player(app: AppTest) -> Player:
    return app.session_state["player"]


def play(app: AppTest) -> AppTest:
    app.button(key="player_play").click().run()
    return app


def finish(app: AppTest) -> AppTest:
    for _ in range(1000):
        if not player(app).playing:
            return app
        app.run()
    raise AssertionError("The run did not end.")


def words(app: AppTest) -> str:
    return " ".join(text.value for text in app.markdown)


def test_the_page_opens_with_a_finished_run_without_tensorflow(visit):
    app = visit("gradients")
    assert player(app).runs[0].finished
    assert player(app).step == RunSpec().steps
    assert app.select_slider(key="player_scrub").value == RunSpec().steps
    assert "Vanishing" in words(app)


def test_a_new_run_shows_step_0(short):
    finish(short)
    assert player(short).step == 0
    assert [len(run.history) for run in player(short).runs] == [1]
    assert short.button(key="player_play").label == "Train"


def test_train_plays_to_the_end_and_shows_the_engine_s_numbers(short):
    finish(play(finish(short)))
    run = player(short).runs[0]
    assert player(short).step == 30
    assert [snapshot.step for snapshot in run.history] == list(STEPS)
    fresh = list(train(run.spec))
    assert [snapshot.loss for snapshot in run.history] == [snapshot.loss for snapshot in fresh]
    assert diagnose(run.spec, fresh).sentences[3] in words(short)


def test_pause_stops_where_it_is_and_train_goes_on(short):
    play(finish(short))
    for _ in range(1000):
        if player(short).head >= 3:
            break
        short.run()
    assert short.button(key="player_play").label == "Pause"
    play(short)
    head = player(short).head
    assert not player(short).playing
    assert short.button(key="player_play").label == "Train"
    short.run()
    assert player(short).head == head
    play(short)
    assert player(short).head >= head
    assert player(finish(short)).step == 30


def test_step_moves_on_by_one_recorded_step(short):
    finish(short)
    for expected in (1, 2):
        short.button(key="player_step").click().run()
        finish(short)
        assert player(short).step == expected
    assert player(short).runs[0].history[-1].step == 2  # and trains no further


def test_reset_goes_back_to_step_0_and_train_plays_again(short):
    finish(play(finish(short)))
    short.button(key="player_reset").click().run()
    assert player(short).step == 0
    assert len(player(short).runs[0].history) == len(STEPS)  # retrains nothing
    assert short.select_slider(key="player_scrub").value == 0
    assert player(finish(play(short))).step == 30


def test_the_scrubber_shows_what_was_recorded(short):
    finish(play(finish(short)))
    history = player(short).runs[0].history
    short.select_slider(key="player_scrub").set_value(7).run()
    assert player(short).step == 7
    assert diagnose(player(short).runs[0].spec, history[:8]).sentences[3] in words(short)
    assert len(player(short).runs[0].history) == len(STEPS)


def test_scrubbing_ahead_trains_up_to_there(short):
    finish(short)
    short.select_slider(key="player_scrub").set_value(12).run()
    finish(short)
    assert player(short).step == 12
    assert player(short).runs[0].history[-1].step == 12


def test_a_control_moved_while_it_plays_starts_the_new_run(short):
    play(finish(short))
    before = player(short).runs[0].spec
    short.slider(key="control_gradients_depth").set_value(5).run()
    now = player(short)
    assert now.runs[0].spec.depth == 5
    assert now.busy
    assert all(len(s.layers.signal_rms) == 6 for s in now.runs[0].history)  # hidden layers and output
    finish(short)
    assert all(len(s.layers.signal_rms) == 4 for s in RUNS.get(before).history)


def test_a_control_moved_at_rest_shows_step_0_of_the_new_run(short):
    finish(play(finish(short)))
    short.slider(key="control_gradients_width").set_value(9).run()
    finish(short)
    assert player(short).step == 0
    assert player(short).runs[0].spec.widths == (9, 9, 9)


def test_a_run_that_overflows_ends_early_and_says_where(visit, tensorflow):
    app = visit("gradients", widths="8x20", activation="relu", initializer="he_normal", gain="4", steps="30",
                seed=str(next(seeds)))
    finish(play(finish(app)))
    assert not player(app).runs[0].history[-1].finite
    assert player(app).head == len(player(app).runs[0].history) - 1
    assert "Overflow" in words(app)
    assert not app.exception
    assert not app.error


def test_two_viewers_of_one_link_share_one_run(visit, tensorflow):
    seed = str(next(seeds))
    first, second = visit("gradients", **SHORT, seed=seed), visit("gradients", **SHORT, seed=seed)
    finish(play(finish(first)))
    assert player(second).runs[0] is player(first).runs[0]
    assert player(second).step == 0  # a play-head of one's own
    assert player(finish(play(second))).step == 30


def under_way(visit):
    """A viewer who watches a long run, and the parameters of its link."""
    long = SHORT | {"steps": "20000", "seed": str(next(seeds))}
    first = visit("gradients", **long)
    play(finish(first))
    while player(first).head < 3:
        first.run()
    return first, long


def test_who_comes_while_it_is_trained_watches_with_the_others(visit, tensorflow):
    _, long = under_way(visit)
    late = visit("gradients", **long)
    assert player(late).busy
    assert 3 <= player(late).head < player(late).last
    assert late.button(key="player_play").label == "Pause"
    assert player(late.run()).note == "with others"
    late.button(key="player_reset").click().run()
    assert (player(late).step, player(late).busy) == (0, False)
    assert player(late.run()).step == 0  # who has stopped is left alone


def test_who_comes_to_a_run_that_was_left_sees_how_far_it_came(visit, tensorflow):
    first, long = under_way(visit)
    run = player(first).runs[0]
    run.viewers.clear()  # as if the tab had been closed long ago
    late = visit("gradients", **long)
    assert not player(late).busy
    assert player(late).step == run.history[-1].step > 0
    assert late.button(key="player_play").label == "Train"
    assert player(play(late)).busy


@pytest.mark.parametrize("cure", CURES, ids=lambda cure: cure.label)
def test_a_cure_changes_what_it_names_keeps_the_old_line_and_trains(visit, tensorflow, cure):
    app = visit("gradients", widths="8x4", steps="30", seed=str(next(seeds)))
    before = app.session_state["link"].spec
    app.button(key=f"cure_{cure.label}").click().run()
    after = app.session_state["link"].spec
    assert {name: getattr(after, name) for name in cure.values} == cure.values
    assert [run.spec for run in app.session_state["pins"]] == [before]
    assert player(app).busy
    assert app.button(key=f"cure_{cure.label}").disabled
    finish(app)
    assert not app.exception
    assert not app.error


def test_the_ladder_keeps_every_step(visit, tensorflow):
    app = visit("gradients", widths="8x4", steps="20", seed=str(next(seeds)))
    specs = []
    for cure in CURES:
        specs.append(app.session_state["link"].spec)
        app.button(key=f"cure_{cure.label}").click().run()
        finish(app)
    assert [run.spec for run in app.session_state["pins"]] == specs
    rows = lines(app)
    assert len({run for run in rows["run"]}) == len(CURES) + 1  # the run on the stage has no label
    app.button(key="unpin").click().run()
    assert set(lines(app)["run"]) == {""}


def test_a_pinned_run_stays_when_another_is_set_up(short):
    finish(play(finish(short)))
    short.button(key="pin").click().run()
    assert short.button(key="pin").disabled
    short.selectbox(key="control_gradients_activation").set_value("relu").run()
    finish(short)
    assert set(lines(short)["run"]) == {"", "Tanh"}


def test_labels_say_what_sets_runs_apart():
    base = RunSpec()
    assert labels([base], RunSpec(activation="relu")) == ["Sigmoid"]
    assert labels([base, RunSpec(activation="relu")], RunSpec(activation="relu", batch_norm=True)) == [
        "Sigmoid", "ReLU"]
    assert labels([RunSpec(widths=(8, 4))], base) == ["8 → 4"]
    there_and_back = [RunSpec(activation=activation, skip=skip)
                      for activation, skip in (("relu", False), ("relu", True), ("tanh", True), ("tanh", False))]
    assert len(set(labels(there_and_back, base))) == 4  # a chart draws one line for each label


def lines(app: AppTest):
    """The rows that are offered behind the first chart."""
    return opened(app, "gradients", "Data").dataframe[0].value
