"""The player of runs: what the server sends for each part that is asked for, pins and cures; the browser plays it."""

from __future__ import annotations

import json
import re
from importlib import import_module
from itertools import count, pairwise

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import runs as training
from core import tensors
from core.cures import cure as found_cure
from core.diagnosis import diagnose
from core.runs import RUNS
from core.spec import RunSpec
from core.training import recorded_steps, train
from pages.ui import player
from pages.ui.cures import SHOWN
from pages.ui.link import Link
from pages.ui.pins import labels
from tests.pages.reading import (
    asked,
    bar,
    begun,
    charts,
    control,
    data_of_moments,
    ended,
    frame,
    keys_of_moments,
    moments,
    opened,
    played,
    rest,
    set_up,
    texts,
    titles,
    viewer,
    whole,
)

SHORT = {"widths": "4x3", "activation": "tanh", "steps": "30"}
LONG = SHORT | {"widths": "32x8", "steps": "20000"}  # so long that it is not done between two questions
STEPS = recorded_steps(30)
seeds = count(1000)  # a run of its own for every test


@pytest.fixture
def short(visit, tensorflow) -> AppTest:
    """The Gradients page with a small run that nobody has trained yet."""
    return begun(visit("gradients", **SHORT, seed=str(next(seeds))))


@pytest.fixture
def in_parts(monkeypatch, tensorflow) -> None:
    """A part comes as soon as it is larger than the last, however busy the machine is."""
    monkeypatch.setattr(player, "PATIENCE", 0.0)
    monkeypatch.setattr(player, "LONGEST", 1000.0)
    monkeypatch.setattr(training, "CHUNK", 0.001)


def link_of(app: AppTest) -> Link:
    return app.session_state["link"]


def spec_of(app: AppTest) -> RunSpec:
    return link_of(app).spec


def history(app: AppTest) -> list:
    return RUNS.get(spec_of(app)).history


def said(spec: RunSpec, states: list) -> str:
    """What the page says of the last state."""
    found = diagnose(spec, states)
    what, loss, *more = found.sentences
    return f"**{found.word}** {what} {loss}\n\n{' '.join(more)}"


# --- what comes when -------------------------------------------------------------------------------------------------


def test_a_shipped_run_is_there_as_a_whole_and_stands_at_step_0_without_tensorflow(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("gradients")
    now = bar(app)
    assert (now["known"], now["finished"], now["opens"]) == (len(recorded_steps(300)), True, 0)
    assert (now["begun"], now["plays"]) == (0, False)
    assert (now["labels"][0], now["labels"][-1]) == ("step 0 of 300", "step 300 of 300")
    assert "came with the app" in now["came"]
    assert "Layer 1 gets almost no learning signal" in texts(app)
    assert "**Vanishing**" in moments(app)[-1]
    assert not RUNS._runs  # nothing is trained


def test_a_new_run_shows_step_0_and_is_not_trained_until_somebody_asks(short):
    for _ in range(2):
        now = bar(short)
        assert (now["known"], now["finished"], now["opens"], len(now["labels"])) == (1, False, 0, len(STEPS))
        assert [snapshot.step for snapshot in history(short)] == [0]
        assert not RUNS._needed()
        assert moments(short) == [said(spec_of(short), history(short))]
        short.run()


def test_a_run_comes_in_parts_each_larger_than_the_last(visit, in_parts, monkeypatch):
    app = begun(visit("gradients", **LONG, seed=str(next(seeds))))
    names, known = bar(app)["labels"], [bar(app)["known"]]
    monkeypatch.setattr(player, "PATIENCE", 1000.0)
    while bar(app)["known"] < player.PARTS[1]:  # a machine that is busy says in between what is waited for
        asked(app)
    monkeypatch.setattr(player, "PATIENCE", 0.0)
    for _ in range(2):
        known.append(bar(app)["known"])
        asked(app)
        assert bar(app)["labels"] == names
        assert len(moments(app)) == bar(app)["known"] <= len(history(app))
        assert viewer(app).at == bar(app)["opens"] == 0  # where the head stands is the viewer's
    known.append(bar(app)["known"])
    assert all(after > player.MUCH * before for before, after in pairwise(known))
    assert known[-1] < len(names)
    assert [bar(app)[what] for what in ("finished", "waits", "came")] == [False, "training", ""]


def test_without_tensorflow_a_new_run_waits_for_it_and_says_so(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    monkeypatch.setattr(player, "LONGEST", 0.1)
    app = asked(visit("gradients", **SHORT, seed=str(next(seeds))))
    assert (bar(app)["known"], bar(app)["finished"], bar(app)["opens"]) == (0, False, 0)
    assert bar(app)["waits"] == "TensorFlow is loading, 5 to 20 s, once"
    assert moments(app) == ["**Waiting** The first measurement comes with TensorFlow."]
    waiting = titles(app)  # axes that wait for it
    monkeypatch.undo()
    tensors.tensorflow()
    assert len(moments(played(app))) == len(STEPS)
    assert titles(app) == waiting
    assert waiting


def test_what_comes_is_what_the_engine_computes(short):
    spec = spec_of(short)
    assert bar(played(short))["known"] == len(STEPS)
    fresh = list(train(spec))
    assert [snapshot.step for snapshot in history(short)] == list(STEPS)
    assert [snapshot.loss for snapshot in history(short)] == [snapshot.loss for snapshot in fresh]
    for moment in range(len(STEPS)):
        assert moments(short)[moment] == said(spec, fresh[:moment + 1])
    rest(short, 7)
    signal = frame(short).query("series == 'signal' and run == ''")["value"]
    np.testing.assert_allclose(signal, fresh[7].layers.signal_rms, rtol=1e-6)
    lost = frame(short, titles(short).index("Loss")).query("series == 'training' and label == ''")
    assert lost["step"].tolist() == list(STEPS[:8])
    np.testing.assert_allclose(lost["value"], [snapshot.loss for snapshot in fresh[:8]], rtol=1e-6)


def test_no_chart_is_built_anew_when_a_part_comes(visit, in_parts):
    app = begun(visit("gradients", **LONG | {"clip": "norm"}, seed=str(next(seeds))))
    first = {title: (chart.id, chart.spec) for title, chart in charts(app).items()}
    assert len(first) > 1
    rows, known = [], bar(app)["known"]
    while bar(app)["known"] <= known:  # a machine that is busy says in between what is waited for
        rows.append([len(whole(app, i)) for i in range(len(first))])
        asked(app)
        assert {title: (chart.id, chart.spec) for title, chart in charts(app).items()} == first
    assert rows[0] != [len(whole(app, i)) for i in range(len(first))]


def test_a_default_run_with_all_its_charts_and_words_is_small(visit):
    app = visit("gradients")
    drawn, others = app.get("vega_lite_chart"), app.get("bidi_component")
    assert drawn
    # the bar, the verdict, the words of the prose, the way through the pages, the keys, the room, and what joins steps
    # of the history
    assert len(others) == 7
    assert sum(one.proto.ByteSize() for one in [*drawn, *others]) < 0.6e6


def test_words_and_badges_are_sent_once(visit):
    app = visit("gradients")
    data = data_of_moments(app)
    assert [(badge["word"], badge["icon"], badge["colour"]) for badge in data["badges"]] == [
        ("Vanishing", "trending_down", "blue")]
    assert "at most 1/100" in data["badges"][0]["rule"]
    assert len({json.dumps(text) for text in data["texts"]}) == len(data["texts"])
    assert len(data["at"]) == bar(app)["known"]
    assert keys_of_moments(app) == ["verdict"]


def test_a_run_that_overflows_ends_early_and_says_where(visit, tensorflow):
    app = ended(visit("gradients", widths="8x20", activation="relu", initializer="he_normal", gain="4", steps="30",
                      seed=str(next(seeds))))
    assert not history(app)[-1].finite
    assert bar(app)["known"] == len(history(app)) < len(bar(app)["labels"])
    assert "**Overflow**" in texts(app)


def test_two_viewers_of_one_link_share_one_run(visit, tensorflow, monkeypatch):
    made = []

    class Counted(training.Trainer):
        def __init__(self, spec: RunSpec) -> None:
            made.append(spec)
            super().__init__(spec)

    monkeypatch.setattr(training, "Trainer", Counted)
    seed = str(next(seeds))
    first, second = visit("gradients", **SHORT, seed=seed), begun(visit("gradients", **SHORT, seed=seed))
    rest(played(first), 9)
    assert made == [spec_of(first)]
    assert (bar(second)["known"], viewer(second).at) == (1, 0)  # what one has, and where one stands, is one's own
    assert bar(asked(second))["known"] == len(STEPS)
    third = visit("gradients", **SHORT, seed=seed)
    assert (bar(third)["known"], bar(third)["finished"], viewer(third).at) == (len(STEPS), True, 0)
    assert made == [spec_of(first)]
    assert viewer(first).at == 9


def test_who_comes_while_it_is_trained_gets_how_far_it_has_come_with_the_next_part(visit, tensorflow):
    seed = str(next(seeds))
    first = asked(begun(visit("gradients", **LONG, seed=seed)))
    late = visit("gradients", **LONG, seed=seed)
    assert bar(late)["known"] == 1
    assert bar(asked(late))["known"] >= bar(first)["known"] > 1


# --- where the head stands -------------------------------------------------------------------------------------------


def test_at_rest_the_page_says_and_shares_that_moment(short):
    app = rest(played(short), 7)
    assert bar(app)["opens"] == 7
    assert said(spec_of(app), history(app)[:8]) in texts(app)
    assert [code.value.rpartition("&")[2] for code in app.code][:2] == ["step=7", "v=1"]
    rest(app, 0)
    assert not any("step=" in code.value for code in app.code)


def test_the_numbers_behind_the_charts_are_those_of_the_moment(short):
    app = rest(played(short), 7)
    shown = opened(app, "gradients", "Data").dataframe[0].value.query("series == 'signal'")
    np.testing.assert_allclose(shown["value"], history(app)[7].layers.signal_rms, rtol=1e-6)
    rest(app, 20)
    shown = app.dataframe[0].value.query("series == 'signal'")
    np.testing.assert_allclose(shown["value"], history(app)[20].layers.signal_rms, rtol=1e-6)


@pytest.mark.parametrize(("step", "shown"), [("0", 0), ("150", 150), ("22", 21), ("299", 299), ("9999", 300)])
def test_a_link_with_a_step_opens_there_or_at_the_last_recorded_before_it(visit, step, shown):
    app = visit("gradients", step=step)
    assert bar(app)["labels"][bar(app)["opens"]] == f"step {shown} of 300"
    states = [state for state in history(app) if state.step <= shown]
    assert said(spec_of(app), states) in texts(app)
    assert (bar(app)["begun"], bar(app)["plays"]) == (0, False)


def test_a_link_with_a_step_of_a_run_that_nobody_has_trained_opens_there_when_it_has_come_so_far(visit, tensorflow):
    app = begun(visit("gradients", **SHORT, seed=str(next(seeds)), step="7"))
    assert (bar(app)["known"], bar(app)["opens"]) == (1, 7)  # the browser asks for more
    states = [state for state in history(played(app)) if state.step <= 7]
    assert said(spec_of(app), states) in texts(app)
    assert bar(app)["opens"] == 7


def test_a_control_brings_step_0_of_another_run_and_lets_the_browser_play_on(short):
    before, run = spec_of(short), bar(rest(played(short), 5))["run"]
    control(short, "slider", "depth").set_value(5).run()
    now = bar(begun(short))
    assert spec_of(short).depth == 5
    assert now["run"] != run
    assert (now["page"], now["known"], now["opens"], now["begun"], now["plays"]) == ("gradients", 1, 0, 0, False)
    assert all(len(state.layers.signal_rms) == 6 for state in history(short))  # hidden layers and output
    assert bar(played(short))["known"] == len(STEPS)
    assert all(len(state.layers.signal_rms) == 4 for state in RUNS.get(before).history)


def test_a_control_moved_back_finds_its_run_as_it_was_left(short):
    run = bar(played(short))["run"]
    control(short, "slider", "width").set_value(9).run()
    control(short, "slider", "width").set_value(4).run()
    now = bar(short)
    assert (now["run"], now["known"], now["finished"], now["opens"]) == (run, len(STEPS), True, 0)


def test_a_set_up_plays_from_step_0_also_when_it_is_there_already(visit):
    app = rest(visit("gradients"), 50)
    for times in (1, 2):
        app = rest(set_up(app, "Sigmoid vanishes"), 50)
        assert (bar(app)["begun"], bar(app)["plays"]) == (times, True)
    set_up(app, "Sigmoid vanishes")
    assert bar(app)["opens"] == 0
    assert "Layer 1 gets almost no learning signal" in texts(app)


def test_a_set_up_of_a_run_that_nobody_has_trained_begins_with_step_0(visit, tensorflow):
    app = begun(set_up(rest(visit("gradients"), 50), "All zeros"))
    now = bar(app)
    assert (now["known"], now["finished"], now["opens"], now["begun"], now["plays"]) == (1, False, 0, 1, True)


def test_a_set_up_without_a_run_does_not_play(visit):
    app = rest(visit("backprop"), 20)
    assert bar(app)["begun"] == 0
    set_up(app, "ReLU")
    assert (bar(app)["begun"], bar(app)["plays"], bar(app)["opens"]) == (1, False, 0)
    set_up(app, "The loop")
    assert (bar(app)["begun"], bar(app)["plays"], bar(app)["opens"]) == (2, True, 0)


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_an_error_of_a_run_stands_where_its_bar_was_and_the_next_part_tries_again(short, monkeypatch):
    def broken(self: training.Trainer) -> None:
        raise ValueError("the kernels have run away")

    states, drawn = list(history(short)), titles(short)
    with monkeypatch.context() as patch:
        patch.setattr(training.Trainer, "advance", broken)
        asked(short)
        assert not short.exception
        assert ["the kernels have run away" in error.value for error in short.error] == [True]
        assert short.button(key="afresh_bar")
        assert titles(short) == drawn  # what is known stays
        assert moments(short) == [said(spec_of(short), states)]
    short.run()
    assert bar(played(short))["known"] == len(STEPS)
    assert len(moments(short)) == len(STEPS)


def test_an_error_before_step_0_is_a_sentence_and_the_next_visit_tries_again(visit, tensorflow, monkeypatch):
    def broken(self: training.Trainer, spec: RunSpec) -> None:
        raise ValueError("no kernels today")

    with monkeypatch.context() as patch:
        patch.setattr(training.Trainer, "__init__", broken)
        app = visit("gradients", **SHORT, seed=str(next(seeds)))
        while not app.error:  # a worker has not come to it yet
            app.run()
        assert not app.exception
        assert ["no kernels today" in error.value for error in app.error] == [True]
        assert app.button(key="afresh_page")
    assert len(moments(played(app.run()))) == len(STEPS)


def test_an_error_in_what_is_drawn_stands_in_its_place_alone(visit, tensorflow, monkeypatch):
    def broken(*_: object) -> None:
        raise ValueError("no words today")

    with monkeypatch.context() as patch:
        patch.setattr(import_module("pages.ui.verdict"), "verdicts", broken)
        app = begun(visit("gradients", **SHORT, seed=str(next(seeds))))
        assert ["no words today" in error.value for error in app.error] == [True]
        assert app.button(key="afresh_draw")
        others = titles(app)
    assert titles(played(app.run()))[1:] == others  # all but the one below the words


# --- earlier runs on the chart ---------------------------------------------------------------------------------------


def beside(app: AppTest) -> set[str]:
    """The earlier runs in the first chart; what it draws, it has a name for."""
    rows = whole(app)
    found = set(rows[rows["run"] == "earlier run"]["series"])
    assert all(f'"{label}"' in json.dumps(json.loads(charts(app)[titles(app)[0]].spec), ensure_ascii=False)
               for label in found)
    return found


def domains(app: AppTest) -> list[str]:
    """The ends of the axes of the first chart."""
    return re.findall(r'"domain": (\[[^"\]]+\])', charts(app)[titles(app)[0]].spec)


def cure(app: AppTest, name: str) -> AppTest:
    return app.button(key=f"cure_{name}").click().run()


def offered(app: AppTest) -> list[str]:
    return [button.key.removeprefix("cure_") for button in app.button if button.key.startswith("cure_")]


def test_the_cures_are_those_of_the_verdict_and_a_run_that_has_learned_has_none(visit, tensorflow):
    app = begun(visit("gradients", widths="8x8", steps="30", seed=str(next(seeds))))
    found = diagnose(spec_of(app), history(app))
    assert offered(app) == [one.name for one in found.cures[:SHOWN]]
    learns = {"dataset": "blobs", "widths": "16", "activation": "relu", "steps": "200", "v": "1"}
    app = played(visit("gradients", **learns))
    assert diagnose(spec_of(app), history(app)).kind == "learned"
    assert offered(app) == []


@pytest.mark.parametrize("place", range(SHOWN))
def test_a_cure_changes_what_it_names_keeps_the_old_line_and_plays(visit, tensorflow, place):
    app = begun(visit("gradients", widths="8x8", steps="30", seed=str(next(seeds))))
    before, name = spec_of(app), offered(app)[place]
    cure(app, name)
    assert spec_of(app) == found_cure(before, name).of(before)
    assert link_of(app).rungs == (before,)
    assert (bar(app)["begun"], bar(app)["plays"], bar(app)["opens"]) == (1, True, 0)
    assert beside(played(app)) == set(labels([before], spec_of(app)))


def test_earlier_runs_stand_in_the_link_and_are_trained_for_who_opens_it(visit, tensorflow):
    app = begun(visit("gradients", widths="8x8", steps="30", seed=str(next(seeds))))
    before = spec_of(app)
    cure(app, "relu")
    query = dict(app.query_params)
    assert query["rungs"] == "activation=&initializer="
    RUNS._runs.clear()
    other = played(visit("gradients", **query))
    assert link_of(other).rungs == (before,)
    assert beside(other) == {"Sigmoid"}
    assert RUNS.get(before).finished


@pytest.mark.parametrize(("rungs", "note"), [
    ("activation=nonsense", "In an earlier run: "), ("|".join(["seed=1"] * 9), "may keep 5 earlier runs"),
    ("%%%|=|&&&=|x", "In an earlier run: ")])
def test_a_link_with_odd_earlier_runs_says_what_it_took(visit, tensorflow, rungs, note):
    app = visit("gradients", widths="8x4", steps="20", rungs=rungs)
    assert not app.exception
    assert note in app.warning[0].value


def test_the_ladder_keeps_every_step_and_shows_the_last_or_all(visit, tensorflow):
    app = visit("gradients", widths="8x4", steps="20", seed=str(next(seeds)))
    specs = []
    for change in ({"activation": "relu"}, {"batch_norm": True}, {"skip": True}):
        specs.append(spec_of(app))
        played(app).button(key="pin").click().run()
        ((name, value),) = change.items()
        widget = control(app, "selectbox" if name == "activation" else "toggle", name)
        widget.set_value(value).run()
    names = labels(specs, spec_of(app))
    assert len(set(names)) == len(specs)
    assert link_of(app).rungs == tuple(specs)
    assert beside(played(app)) == {names[-1]}
    app.toggle(key="pins_all").set_value(True).run()
    assert beside(app) == set(names)
    assert set(opened(app, "gradients", "Data").dataframe[0].value["series"]) >= set(names)
    app.button(key="unpin").click().run()
    assert beside(app) == set()
    assert [toggle.key for toggle in app.toggle].count("pins_all") == 0


def test_all_cures_are_tried_on_demand_and_a_rung_is_taken_with_a_click(visit, tensorflow):
    app = played(visit("gradients", widths="8x8", steps="20", seed=str(next(seeds))))
    before = spec_of(app)
    app.button(key="try_cures").click().run()
    for _ in range(300):
        app.run()
        if not app.session_state["trial"].wanted():
            break
    tried = app.session_state["trial"]
    app.run()
    assert not app.exception
    assert [button.key for button in app.button if button.key.startswith("rung_")] == [
        f"rung_{rung.cure.name}" for rung in tried.rungs()]
    assert "**Without a change:**" in texts(app)
    assert {rung.cure for rung in tried.rungs()} == set(tried.cures)
    best = tried.rungs()[0].cure
    app.button(key=f"rung_{best.name}").click().run()
    assert spec_of(app) == best.of(before)
    assert link_of(app).rungs == (before,)
    assert {button.key.removeprefix("rung_"): button.disabled for button in app.button
            if button.key.startswith("rung_")} == {rung.cure.name: rung.cure == best for rung in tried.rungs()}


def test_the_axis_holds_every_pinned_run_whether_it_is_shown_or_not(visit, tensorflow):
    query = {"widths": "8x20", "activation": "relu", "initializer": "he_normal", "steps": "5", "seed": str(next(seeds))}
    app = begun(visit("gradients", **query, gain="3"))
    for gain in (1.0, 0.5):
        app.button(key="pin").click().run()
        control(app, "slider", "gain").set_value(gain).run()
        begun(app)
    wide = domains(app)
    assert wide != domains(begun(visit("gradients", **query, gain="0.5")))
    assert len(beside(app)) == 1
    app.toggle(key="pins_all").set_value(True).run()
    assert len(beside(app)) == 2
    assert domains(app) == wide


def test_of_an_earlier_run_only_its_signal_is_drawn_at_the_step_that_is_shown(visit, tensorflow):
    app = played(visit("gradients", widths="8x8", steps="30", seed=str(next(seeds))))
    before = list(history(app))
    rest(played(cure(app, "relu")), 12)
    rows = frame(app).query("run == 'earlier run'")
    np.testing.assert_allclose(rows["value"], before[12].layers.signal_rms, rtol=1e-6)


def test_a_pinned_run_stays_when_another_is_set_up(short):
    played(short).button(key="pin").click().run()
    assert short.button(key="pin").disabled
    control(short, "selectbox", "activation").set_value("relu").run()
    assert beside(played(short)) == {"Tanh"}


def test_labels_say_what_sets_runs_apart():
    base = RunSpec()
    assert labels([base], RunSpec(activation="relu")) == ["Sigmoid"]
    assert labels([base, RunSpec(activation="relu")], RunSpec(activation="relu", batch_norm=True)) == [
        "Sigmoid", "ReLU"]
    assert labels([RunSpec(widths=(8, 4))], base) == ["8 → 4"]
    there_and_back = [RunSpec(activation=activation, skip=skip)
                      for activation, skip in (("relu", False), ("relu", True), ("tanh", True), ("tanh", False))]
    assert len(set(labels(there_and_back, base))) == 4  # a chart draws one line for each label
