"""What is clicked and moved while a run plays, or faster than the server answers: nothing is lost, nothing is invented.

One rule for starting: set-ups and cures play from step 0; a control neither starts nor stops.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import settled, wait_for
from tests.e2e.laboratory import (
    at_rest,
    depth_drawn,
    log,
    logged,
    opened,
    paused,
    player,
    plays,
    settings,
    setup,
    shown_step,
    slider,
    values,
)

DEPTH = "gradients_depth"


def run(seed: int) -> str:
    """A run that takes some seconds of training and 7 s to play."""
    return f"/gradients?v=1&widths=16x10&activation=tanh&steps=2000&seed={seed}"


def moved(page: Page, keys: int, key: str = "ArrowRight", between: int = 40) -> None:
    """Presses an arrow key on the slider for the depth, so often, with so many ms between."""
    slider(page, DEPTH).focus()
    for _ in range(keys):
        page.keyboard.press(key)
        page.wait_for_timeout(between)


@pytest.mark.parametrize(("path", "width"), [(run(1), 16), ("/gradients", 32)])  # the second is a set-up
def test_a_slider_moved_during_a_run_goes_on_with_the_new_settings_from_the_beginning(app, open_tab, path, width):
    page = opened(open_tab, app.url + path)
    player(page, "Play").click()
    plays(page, further_than=10)
    log(page)
    moved(page, 4, between=100)
    wait_for(page, lambda: f"widths={width}x14" in settings(page))
    wait_for(page, lambda: depth_drawn(page) == 14)
    wait_for(page, lambda: 0 in logged(page, "steps"))
    plays(page, further_than=2)
    assert values(page, DEPTH) == ["14"]
    assert f"widths={width}x14" in settings(page)
    assert depth_drawn(page) == 14
    assert all(logged(page, "plays"))  # and it never stopped
    steps = logged(page, "steps")
    later = steps[steps.index(0):]
    assert max(later[:3]) <= 20  # from the beginning on, not from where the run before stood
    paused(page)


def test_a_slider_moved_at_rest_shows_the_first_step_of_the_new_run_and_starts_nothing(app, open_tab):
    page = opened(open_tab, app.url + run(2))
    player(page, "Play").click()
    plays(page, further_than=10)
    player(page, "Pause").click()
    at_rest(page)
    log(page)
    entries = page.evaluate("history.length")
    moved(page, 12, between=30)
    wait_for(page, lambda: "widths=16x22" in settings(page))
    wait_for(page, lambda: depth_drawn(page) == 22)
    settled(page)
    assert shown_step(page)[0] == 0
    assert values(page, DEPTH) == ["22"]
    page.wait_for_timeout(1500)
    assert logged(page, "plays") == [False]
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    wait_for(page, lambda: values(page, DEPTH) == ["10"])
    wait_for(page, lambda: depth_drawn(page) == 10)
    assert logged(page, "plays") == [False]


def test_an_arrow_key_held_on_a_slider_is_one_entry_of_the_history(app, open_tab):
    page = opened(open_tab, app.url + run(3))
    entries = page.evaluate("history.length")
    log(page)
    slider(page, DEPTH).focus()
    for _ in range(25):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(33)
    page.keyboard.up("ArrowRight")
    wait_for(page, lambda: "widths=16x35" in settings(page))
    wait_for(page, lambda: depth_drawn(page) == 35)
    settled(page)
    assert values(page, DEPTH) == ["35"]
    assert logged(page, "plays") == [False]
    assert page.evaluate("history.length") == entries + 1
    page.wait_for_timeout(1100)
    moved(page, 1, "ArrowLeft")  # a second later it is another one
    wait_for(page, lambda: "widths=16x34" in settings(page))
    settled(page)
    assert page.evaluate("history.length") == entries + 2
    for depth in (35, 10):
        page.go_back()
        wait_for(page, lambda depth=depth: values(page, DEPTH) == [f"{depth}"])
        wait_for(page, lambda depth=depth: depth_drawn(page) == depth)
        settled(page)


def test_moves_of_two_controls_are_two_entries_of_the_history(app, open_tab):
    page = opened(open_tab, app.url + run(9))
    entries = page.evaluate("history.length")
    slider(page, DEPTH).press("ArrowRight")
    wait_for(page, lambda: "widths=16x11" in settings(page))
    slider(page, "gradients_gain").press("ArrowRight")
    wait_for(page, lambda: any(pair.startswith("gain=") for pair in settings(page)))
    settled(page)
    assert page.evaluate("history.length") == entries + 2


def test_states_that_are_known_go_on_from_the_beginning_too_and_at_rest_keep_their_place(app, open_tab):
    page = opened(open_tab, app.url + "/optimizers?moves=600")
    player(page, "Play").click()
    plays(page, further_than=100)
    log(page)
    slider(page, "optimizers_x0").press("ArrowRight")
    wait_for(page, lambda: "x0=-3.99" in settings(page))
    wait_for(page, lambda: 0 in logged(page, "steps"))
    assert all(logged(page, "plays"))
    plays(page, further_than=5)
    player(page, "Pause").click()
    at_rest(page)
    at = shown_step(page)
    assert 5 < at[0] < at[1] == 600
    page.wait_for_timeout(400)  # the server hears of it once the head has rested
    settled(page)
    slider(page, "optimizers_x0").press("ArrowRight")
    wait_for(page, lambda: "x0=-3.98" in settings(page))
    settled(page)
    assert shown_step(page) == at
    assert player(page, "Play").count() == 1


@pytest.mark.parametrize("between", [20, 200])  # ms; the second takes two seconds in all
def test_a_control_put_back_after_a_set_up_is_not_dropped(app, open_tab, between):
    page = opened(open_tab, app.url + "/gradients?v=1")
    setup(page, "Explodes").click()
    wait_for(page, lambda: values(page, DEPTH) == ["20"])
    moved(page, 10, "ArrowLeft", between)
    wait_for(page, lambda: depth_drawn(page) == 10)
    page.wait_for_timeout(4000)
    settled(page)
    assert values(page, DEPTH) == ["10"]
    assert settings(page) >= {"gain=1.5", "activation=relu"}
    assert not any(pair.startswith("widths=32x") for pair in settings(page)) or "widths=32x10" in settings(page)
    assert depth_drawn(page) == 10
    paused(page)


def test_back_and_forward_during_a_run(app, open_tab):
    page = opened(open_tab, app.url + run(4))
    player(page, "Play").click()
    plays(page, further_than=10)
    moved(page, 2)
    wait_for(page, lambda: depth_drawn(page) == 12)
    plays(page, further_than=5)
    for go, depth in ((page.go_back, 10), (page.go_forward, 12), (page.go_back, 10)):
        go()
        wait_for(page, lambda depth=depth: values(page, DEPTH) == [f"{depth}"])
        wait_for(page, lambda depth=depth: depth_drawn(page) == depth)
        plays(page, further_than=5)
        assert f"widths=16x{depth}" in settings(page)
        assert values(page, DEPTH) == [f"{depth}"]
    paused(page)


def test_back_and_forward_go_through_settings_and_pages(app, open_tab):
    page = opened(open_tab, app.url + "/gradients?widths=8x6&steps=50")
    slider(page, DEPTH).focus()
    for depth in (7, 8):
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**widths=8x{depth}**")
        page.wait_for_timeout(1100)  # quicker ones are one entry
        settled(page)
    page.get_by_role("link", name="Losses").first.click()
    page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()
    settled(page)
    for depth in (8, 7, 6):
        page.go_back()
        page.wait_for_url(f"**/gradients?**widths=8x{depth}**")
        wait_for(page, lambda depth=depth: values(page, DEPTH) == [f"{depth}"])
        wait_for(page, lambda depth=depth: depth_drawn(page) == depth)
        settled(page)
    for depth in (7, 8):
        page.go_forward()
        page.wait_for_url(f"**widths=8x{depth}**")
        wait_for(page, lambda depth=depth: values(page, DEPTH) == [f"{depth}"])
        settled(page)
    page.go_forward()
    page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()


@pytest.mark.parametrize(("path", "part", "elsewhere", "control", "value"), [
    ("/perceptron", "One hidden layer", "show=hidden", "perceptron_rate", "0.1"),
    ("/optimizers", "In a network", "show=network", "optimizers_x0", "-4"),
    ("/regularization", "Batch norm", "part=batch_norm", "regularization_dropout", "0.5"),
])
def test_another_part_opened_during_a_run_is_not_lost_and_changes_no_setting(
        app, open_tab, path, part, elsewhere, control, value):
    page = opened(open_tab, app.url + path)
    first = page.locator(".st-key-parts").get_by_role("radio", checked=True).inner_text()
    for _ in range(3):
        player(page, "Play").click()
        player(page, "Pause").wait_for()
        page.wait_for_timeout(700)  # messages of the run are on their way
        page.get_by_role("radio", name=part).click()
        page.wait_for_url(f"**{elsewhere}**")
        settled(page)
        assert elsewhere in page.url
        page.get_by_role("radio", name=first).click()
        wait_for(page, lambda: elsewhere not in page.url)
        settled(page)
        assert values(page, control) == [value]
        asked = {pair.partition("=")[0] for pair in settings(page)}
        assert not asked & {"rate", "epochs", "x0", "y0", "beta", "moves", "race", "surface"}
        paused(page)


def test_of_parts_opened_in_quick_succession_the_last_one_is_open(app, open_tab):
    page = opened(open_tab, app.url + "/optimizers")
    player(page, "Play").click()
    player(page, "Pause").wait_for()
    for part in ("In a network", "Learning rates", "On a surface", "Batch sizes"):
        page.get_by_role("radio", name=part).click()
        page.wait_for_timeout(50)
    page.wait_for_url("**show=batches**")
    settled(page)
    assert "show=batches" in page.url
    assert page.get_by_role("radio", name="Batch sizes", checked=True).count() == 1


def test_fast_clicks_leave_a_player_that_plays(app, open_tab):
    page = opened(open_tab, app.url + "/gradients?v=1&widths=8x6&activation=tanh&steps=120&seed=5")
    for label in ("play", "step", "play", "end", "reset", "play"):
        for _ in range(6):
            page.evaluate("""label => [...document.querySelectorAll('.st-key-player *')].map(node => node.shadowRoot)
                             .find(Boolean).querySelector(`.${label}`).click()""", label)
            page.wait_for_timeout(30)
    settled(page)
    paused(page)
    player(page, "Reset").click()
    wait_for(page, lambda: shown_step(page) == (0, 120))
    settled(page)
    player(page, "Play").click()
    wait_for(page, lambda: shown_step(page) == (120, 120), 60)
    at_rest(page)
    assert page.get_by_test_id("stAlert").count() == 0


def test_of_set_ups_clicked_in_quick_succession_the_last_one_plays(app, open_tab):
    page = opened(open_tab, app.url + "/gradients?v=1&widths=16x7&seed=6")
    for label in ("Sigmoid vanishes", "Explodes", "All zeros", "Explodes, but clipped"):
        setup(page, label).click()
        page.wait_for_timeout(50)
    wait_for(page, lambda: "clip=global_norm" in settings(page))
    wait_for(page, lambda: depth_drawn(page) == 20)
    plays(page, further_than=5)
    assert page.locator(".st-key-setups").get_by_role("radio", checked=True).inner_text() == "Explodes, but clipped"
    assert settings(page) >= {"widths=32x20", "clip=global_norm", "gain=1.5"}
    assert values(page, DEPTH) == ["20"]
    paused(page)
    setup(page, "Explodes, but clipped").click()  # the one that is there opens again, from the beginning
    plays(page)
    assert shown_step(page)[0] < 200
    assert page.locator(".st-key-setups").get_by_role("radio", checked=True).inner_text() == "Explodes, but clipped"
    paused(page)


def test_of_cures_clicked_in_quick_succession_the_first_is_taken(app, open_tab):
    """Each is a change of the run that stood there: a second click is one on a button that is gone."""
    page = opened(open_tab, app.url + "/gradients?v=1&widths=16x8&steps=2000&seed=7")
    log(page)
    for label in ("ReLU with He", "Tanh with Glorot"):
        page.evaluate("""label => [...document.querySelectorAll('.st-key-cures button')].find(
            button => button.innerText.includes(label))?.click()""", label)
    wait_for(page, lambda: settings(page) >= {"activation=relu", "initializer=he_normal"})
    plays(page, further_than=5)
    assert logged(page, "plays") in ([False, True], [True])
    assert settings(page) >= {"activation=relu", "initializer=he_normal", "widths=16x8",
                              "rungs=activation%3D%26initializer%3D"}
    paused(page)
    assert page.get_by_role("button", name="Unpin").is_enabled()


def cure(page: Page, label: str) -> None:
    """Clicks that cure where it is, however the page moves."""
    page.locator(".st-key-cures").get_by_role("button", name=label, exact=True).click(force=True)


def test_cures_and_set_ups_play_from_the_beginning(app, open_tab):
    page = opened(open_tab, app.url + "/gradients?v=1&widths=16x8&steps=500&seed=8")
    player(page, "To the end").click()
    wait_for(page, lambda: shown_step(page) == (500, 500), 120)
    settled(page)
    for click in (lambda: cure(page, "ReLU with He"), lambda: setup(page, "Sigmoid vanishes").click()):
        log(page)
        click()
        plays(page, further_than=3)
        steps = logged(page, "steps")
        assert 0 in steps
        assert max(steps[steps.index(0):]) < 500
        wait_for(page, lambda: player(page, "To the end").is_enabled())
        player(page, "To the end").click()
        wait_for(page, lambda: shown_step(page)[0] == shown_step(page)[1], 120)
        settled(page)
