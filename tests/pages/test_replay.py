"""The player's bar over a finished list of states, which nothing trains. A run of the script is one tick."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import RUNS
from pages.ui.player import Player, Replay

LENGTH = 12


def script(length: int = 12, page: str = "squares", opens: int | None = None) -> None:
    import streamlit as st

    from pages import ui
    from pages.ui import player

    st.button("Play from the start", key="from_start", on_click=player.play_from_start)
    st.session_state["now"] = ui.replay(page, length, lambda i: st.markdown(f"state {i} {i * i}"),
                                        say=lambda i: f"number {i}", opens=opens)()
    ui.also(lambda i: st.markdown(f"also {i}"))


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=60, kwargs={"length": LENGTH}).run()


def words(app: AppTest) -> list[str]:
    return [text.value for text in app.markdown]


def finish(app: AppTest) -> AppTest:
    for _ in range(200):
        if not app.session_state["player"].playing:
            return app
        app.run()
    raise AssertionError("It did not end.")


def test_it_opens_at_its_end_and_draws_with_the_index(app):
    assert words(app) == ["state 11 121", "also 11"]
    assert app.session_state["now"] == 11
    assert app.select_slider(key="player_scrub").options[3] == "number 3"


def test_it_opens_where_the_page_wants():
    app = AppTest.from_function(script, default_timeout=60, kwargs={"opens": 4}).run()
    assert words(app) == ["state 4 16", "also 4"]


def test_reset_step_and_scrub_move_the_head(app):
    app.button(key="player_reset").click().run()
    assert words(app)[0] == "state 0 0"
    for expected in (1, 2):
        app.button(key="player_step").click().run()
        assert words(finish(app))[0] == f"state {expected} {expected**2}"
    app.select_slider(key="player_scrub").set_value(9).run()
    assert words(app)[0] == "state 9 81"


def test_play_goes_from_the_start_to_the_end_and_pause_stops(app):
    assert app.button(key="player_play").label == "Play"
    app.button(key="player_play").click().run()
    head = app.session_state["player"].head
    assert 0 < head < LENGTH - 1
    assert RUNS.audience() == 1
    app.button(key="player_play").click().run()
    assert not app.session_state["player"].playing
    assert app.session_state["player"].head >= head
    app.button(key="player_play").click().run()
    assert words(finish(app))[0] == "state 11 121"


def test_a_set_up_plays_it_from_the_start(app):
    app.button(key="from_start").click().run()
    assert app.session_state["player"].busy
    assert app.session_state["player"].head < LENGTH - 1


def test_a_list_that_changes_keeps_its_place_and_another_page_s_opens_anew():
    head = Replay()
    head.follow("a", 10, None)
    assert (head.head, head.playing) == (9, False)
    head.follow("a", 20, None)  # at the end it stays at the end
    assert head.head == 19
    head.head = head.target = 15
    head.follow("a", 8, None)
    assert head.head == 7
    head.head = head.target = 3
    head.follow("a", 5, None)
    assert head.head == 3
    head.start()
    head.follow("a", 6, None)  # it goes on playing
    assert (head.head, head.target) == (3, 5)
    head.follow("b", 6, 2)
    assert (head.head, head.playing) == (2, False)


def test_what_was_to_play_plays_where_another_kind_of_player_follows():
    app = AppTest.from_function(script, default_timeout=60, kwargs={"length": LENGTH})
    app.session_state["player"] = Player(eager=True)
    app.run()
    assert isinstance(app.session_state["player"], Replay)
    assert app.session_state["player"].busy


def test_a_single_state_has_nothing_to_scrub():
    app = AppTest.from_function(script, default_timeout=60, kwargs={"length": 1}).run()
    assert words(app)[0] == "state 0 0"
    assert not app.select_slider
    app.button(key="player_play").click().run()
    assert not app.exception


def test_a_shorter_list_after_a_longer_one():
    app = AppTest.from_function(shrinking, default_timeout=60).run()
    assert words(app) == ["state 29"]
    app.number_input(key="length").set_value(4).run()
    assert not app.exception
    assert words(app) == ["state 3"]
    assert app.select_slider(key="player_scrub").value == 3


def shrinking() -> None:
    import streamlit as st

    from pages import ui

    labels = [f"number {i}" for i in range(st.number_input("Length", 1, 30, 30, key="length"))]
    ui.replay("shrinking", len(labels), lambda i: st.markdown(f"state {i}"), say=lambda i: labels[i])
