"""A run on the Gradients page in Chromium: it is seen while it trains, and does what the player's buttons say."""

import re
import time

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Tabs, settled, wait_for
from tests.e2e.laboratory import CHARTS, GRADIENT, HEAT, Watch, at_rest, player, plays, shown_step, slider
from tests.e2e.server import Server

LONG = "/gradients?widths=64x50&activation=tanh&samples=512&steps=2000"  # minutes of training


def opened(app: Server, open_tab: Tabs, path: str) -> Page:
    """The page once it shows its first step."""
    page = open_tab(app.url + path)
    page.locator(".st-key-player").wait_for()
    wait_for(page, lambda: page.locator(CHARTS).count() >= 2)
    at_rest(page)
    return settled(page)


DEPTH = "gradients_depth"


def depth_drawn(page: Page) -> int:
    """The number of hidden layers on the axis of the gradient chart; 0 where another chart still stands there."""
    said = page.locator(CHARTS).nth(GRADIENT).get_attribute("aria-label") or ""
    found = re.search(r"each of (\d+) hidden layers", said)
    return int(found[1]) if found else 0


def test_charts_stream_while_it_trains_and_none_is_rebuilt(app, open_tab):
    page = opened(app, open_tab, "/gradients?activation=tanh&steps=400&seed=1")
    with Watch(page) as watch:
        player(page, "Train").click()
        plays(page)
        at_rest(page)
        settled(page)
        assert len(watch.pictures(GRADIENT)) >= 10
        assert len(watch.pictures(HEAT)) >= 3
        assert watch.rebuilt() == []
    assert shown_step(page) == (400, 400)


def test_fifty_layers_show_their_first_step_before_their_trace_is_there(app, open_tab):
    page = opened(app, open_tab, "/gradients?seed=2")
    page.locator(".st-key-setups_gradients").get_by_text("ReLU with He, 50 layers").click()
    wait_for(page, lambda: "preparing this architecture" in page.locator(".st-key-player_place").inner_text())
    wait_for(page, lambda: depth_drawn(page) == 50)
    plays(page)


def test_pause_stops_it_where_it_is_and_train_goes_on(app, open_tab):
    page = opened(app, open_tab, LONG + "&seed=3")
    player(page, "Train").click()
    plays(page, further_than=3)
    player(page, "Pause").click()
    at_rest(page)
    settled(page)
    step = shown_step(page)
    with Watch(page) as watch:
        page.wait_for_timeout(1500)
        assert max(len(watch.pictures(chart)) for chart in (GRADIENT, HEAT)) <= 1  # the last one, if it comes late
    assert shown_step(page) == step
    player(page, "Train").click()
    plays(page, further_than=step[0])


@pytest.mark.parametrize("leave", ["close the tab", "open another page"])
def test_a_run_that_nobody_watches_stops(app, open_tab, leave):
    path = f"{LONG}&seed={len(leave)}"
    page = opened(app, open_tab, path)
    player(page, "Train").click()
    plays(page, further_than=2)
    before = work(app)
    wait_for(page, lambda: work(app) > before + 0.5)  # seconds of the processor: it does train
    if leave == "close the tab":
        page.context.close()
    else:
        page.get_by_role("link", name="Losses").first.click()
        page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()
        settled(page)
    time.sleep(1)
    assert idle(app)
    reached = shown_step(opened(app, open_tab, path))
    assert 2 < reached[0] < reached[1] == 2000  # as far as it came: a run that had finished would be at its end
    time.sleep(1)
    assert shown_step(opened(app, open_tab, path)) == reached  # and nobody's look set it going again


def work(app: Server) -> float:
    """Seconds of the processor that the server has used."""
    times = app.process.cpu_times()
    return times.user + times.system


def idle(app: Server) -> bool:
    """Whether the server, within half a minute, does next to nothing for two seconds."""
    for _ in range(15):
        before = work(app)
        time.sleep(2)
        if work(app) - before < 0.1:
            return True
    return False


@pytest.mark.parametrize(("path", "width"), [
    ("/gradients?widths=16x10&activation=tanh&steps=2000&seed=4", 16), ("/gradients", 32)])  # the second is a set-up
def test_a_slider_moved_during_a_run_is_not_lost(app, open_tab, path, width):
    page = opened(app, open_tab, path)
    player(page, "Train").click()
    plays(page, further_than=2)
    slider(page, DEPTH).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    wait_for(page, lambda: f"widths={width}x14" in page.url)
    wait_for(page, lambda: depth_drawn(page) == 14)
    plays(page, further_than=2)
    assert slider(page, DEPTH).input_value() == "14"
    assert f"widths={width}x14" in page.url
    assert depth_drawn(page) == 14
    player(page, "Pause").click()
    at_rest(page)


@pytest.mark.parametrize(("path", "part", "elsewhere", "control", "value"), [
    ("/perceptron", "One hidden layer", "show=hidden", "perceptron_rate", "0.1"),
    ("/optimizers", "In a network", "show=network", "optimizers_x0", "-4"),
    ("/regularization", "Batch norm", "part=batch_norm", "regularization_dropout", "0.5"),
])
def test_another_part_opened_during_a_run_is_not_lost_and_changes_no_setting(
        app, open_tab, path, part, elsewhere, control, value):
    page = open_tab(app.url + path)
    page.locator(".st-key-player").wait_for()
    settled(page)
    first = page.get_by_role("radio", checked=True).first.inner_text()
    for _ in range(3):
        page.locator(".st-key-player_play button").click()
        player(page, "Pause").wait_for(timeout=60_000)
        page.wait_for_timeout(1500)  # messages of the run are on their way
        page.get_by_role("radio", name=part).click()
        page.wait_for_url(f"**{elsewhere}**")
        settled(page)
        assert elsewhere in page.url
        page.get_by_role("radio", name=first).click()
        wait_for(page, lambda: elsewhere not in page.url)
        settled(page)
        assert slider(page, control).input_value() == value
        asked = {pair.partition("=")[0] for pair in page.url.partition("?")[2].split("&")}
        assert not asked & {"rate", "epochs", "x0", "y0", "beta", "moves", "race", "surface"}
        if player(page, "Pause").count():
            player(page, "Pause").click()
            settled(page)


def test_of_parts_opened_in_quick_succession_the_last_one_is_open(app, open_tab):
    page = open_tab(app.url + "/optimizers")
    settled(page)
    page.locator(".st-key-player_play button").click()
    player(page, "Pause").wait_for(timeout=60_000)
    for part in ("In a network", "Learning rates", "On a surface", "Batch sizes"):
        page.get_by_role("radio", name=part).click()
        page.wait_for_timeout(50)
    page.wait_for_url("**show=batches**")
    settled(page)
    assert "show=batches" in page.url
    assert page.get_by_role("radio", name="Batch sizes", checked=True).count() == 1


def test_fast_clicks_leave_a_player_that_plays(app, open_tab):
    page = opened(app, open_tab, "/gradients?widths=8x6&activation=tanh&steps=120&seed=5")
    for label in ("player_play", "player_step", "player_play", "player_reset"):
        for _ in range(6):
            page.evaluate(f"() => document.querySelector('.st-key-{label} button').click()")
            page.wait_for_timeout(30)
    settled(page)
    if player(page, "Pause").count():
        player(page, "Pause").click()
        at_rest(page)
    player(page, "Reset").click()
    settled(page)
    assert shown_step(page) == (0, 120)
    player(page, "Train").click()
    wait_for(page, lambda: shown_step(page) == (120, 120), 60)
    at_rest(page)
    assert page.locator('[data-testid="stAlert"]').count() == 0


def test_back_and_forward_go_through_settings_and_pages(app, open_tab):
    page = opened(app, open_tab, "/gradients?widths=8x6&steps=50")
    slider(page, DEPTH).focus()
    for depth in (7, 8):
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**widths=8x{depth}**")
        settled(page)
    page.get_by_role("link", name="Losses").first.click()
    page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()
    settled(page)
    for depth in (8, 7, 6):
        page.go_back()
        page.wait_for_url(f"**/gradients?**widths=8x{depth}**")
        wait_for(page, lambda depth=depth: slider(page, DEPTH).input_value() == f"{depth}")
        wait_for(page, lambda depth=depth: depth_drawn(page) == depth)
        settled(page)
    page.go_forward()
    page.wait_for_url("**widths=8x7**")
    wait_for(page, lambda: slider(page, DEPTH).input_value() == "7")
    settled(page)
    page.go_forward()
    page.wait_for_url("**widths=8x8**")
    settled(page)
    page.go_forward()
    page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()
