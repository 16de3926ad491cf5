"""The player's bar over a list of states known from the beginning: nothing is trained, and all of it is sent."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.perceptron.rule import NETWORK
from core.runs import RUNS
from tests.pages.reading import bar, control, played, rest, set_up, texts, viewer

STATES = 12


def script() -> None:
    import streamlit as st

    from pages import ui
    from pages.ui import player

    def draw(moment: int) -> None:
        st.markdown(f"state {moment} {moment * moment}")

    def draw_also(moment: int) -> None:
        st.markdown(f"also {moment}")

    st.session_state["routed"] = True
    states = int(ui.page("backprop", own={"states": ui.Number("States", 1, 40, 12, 1)}).value("states"))
    st.button("Play from the start", key="from_start", on_click=player.play_from_start)
    st.button("Look afresh", key="afresh", on_click=player.look_afresh)
    run = ui.replay(states, lambda moment: f"number {moment} of {states}", ui.Pace(250, slow=3, slowly=900))
    run.at_rest(draw)
    run.at_rest(draw_also)
    ui.own_control("states")


def visited(**query: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60)
    app.query_params.update(query)
    return app.run()


def drawn(app: AppTest) -> list[str]:
    texts(app)
    return [text.value for text in app.markdown]


def test_all_of_it_is_known_and_it_stands_at_its_beginning():
    app = visited()
    now = bar(played(app))
    assert (now["known"], now["finished"], now["opens"]) == (STATES, True, 0)
    assert now["pace"] == {"frame": 250, "slow": 3, "slowly": 900, "stride": 1}
    assert (now["begun"], now["plays"], now["waits"]) == (0, False, "")
    assert now["labels"] == [f"number {moment} of 12" for moment in range(STATES)]
    assert drawn(app) == ["state 0 0", "also 0"]
    assert not RUNS._runs


def test_what_only_the_server_draws_is_that_of_the_moment_at_which_the_head_rests():
    app = visited()
    for moment in (7, 11, 2):
        assert drawn(rest(app, moment)) == [f"state {moment} {moment**2}", f"also {moment}"]


@pytest.mark.parametrize(("step", "shown"), [("5", 5), ("11", 11), ("400", 11)])
def test_it_opens_where_its_link_says(step, shown):
    app = visited(step=step)
    assert bar(app)["opens"] == shown
    assert drawn(app)[0] == f"state {shown} {shown**2}"


def test_it_is_played_from_its_start_or_looked_at_there():
    app = rest(visited(), 6)
    app.button(key="from_start").click().run()
    assert [bar(app)[what] for what in ("begun", "plays", "opens")] == [1, True, 0]
    rest(app, 6).button(key="afresh").click().run()
    assert [bar(app)[what] for what in ("begun", "plays", "opens")] == [2, False, 0]
    assert drawn(app)[0] == "state 0 0"


def test_a_list_that_changes_keeps_its_place_as_far_as_it_goes():
    app = rest(visited(), 9)
    names = [bar(app)["run"]]
    for states, place in ((30, 9), (10, 9), (4, 3), (20, 3)):
        control(app, "slider", "states").set_value(states).run()
        names.append(bar(app)["run"])
        assert (bar(app)["known"], len(bar(app)["labels"]), bar(app)["opens"]) == (states, states, place)
        assert drawn(app)[0] == f"state {place} {place**2}"
    assert len(set(names)) == 5
    assert [bar(app)[what] for what in ("begun", "plays")] == [0, False]


def test_a_single_state():
    app = visited(states="1")
    assert (bar(app)["known"], bar(app)["labels"], bar(app)["opens"]) == (1, ["number 0 of 1"], 0)
    assert drawn(app)[0] == "state 0 0"


def test_another_page_opens_at_its_beginning(visit):
    app = rest(visit("perceptron", **NETWORK.to_query()), 30)
    app.query_params.clear()
    app.switch_page("pages/backprop.py").run()
    assert (bar(app)["page"], bar(app)["opens"], viewer(app).at) == ("backprop", 0, 0)
    rest(app, 8)
    app.switch_page("pages/optimizers.py").run()
    assert (bar(app)["page"], bar(app)["opens"], viewer(app).at) == ("optimizers", 0, 0)


def test_a_set_up_of_a_page_that_trains_nothing_plays(visit):
    app = set_up(rest(visit("optimizers"), 40), "Saddle")
    assert [bar(app)[what] for what in ("known", "begun", "plays", "opens")] == [151, 1, True, 0]
    assert "All start at" in texts(app)
    assert not RUNS._runs
