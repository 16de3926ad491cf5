"""What the play-head survives: whatever happens to the page around it, it stays where it is, and a run goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Tabs, settled, wait_for
from tests.e2e.laboratory import (
    BAR,
    CHARTS,
    GRADIENT,
    Watch,
    at_rest,
    moment,
    opened,
    paused,
    picture,
    player,
    plays,
    said,
    scrubber,
    shown_step,
)

LONG = "/gradients?v=1&widths=64x50&activation=tanh&batch_size=16&steps=20000"  # half a minute of training and more
CUT_OFF = "ERR_INTERNET_DISCONNECTED", "Client Error in reaching server endpoint", "connected to the internet"
KEEPS_SOCKETS = """
    const Original = WebSocket;
    window.sockets = [];
    window.WebSocket = class extends Original {
        constructor(...address) { super(...address); window.sockets.push(this); }
    };
"""


def run(seed: int) -> str:
    """A run that takes some seconds of training and 7 s to play."""
    return f"/gradients?v=1&widths=16x10&activation=tanh&steps=2000&seed={seed}"


def somewhere(page: Page) -> int:
    """The moment at which the head rests, in the middle of a run that has come as a whole."""
    player(page, "To the end").click()
    wait_for(page, lambda: shown_step(page) == (2000, 2000), 120)
    scrubber(page).press("Home")
    for _ in range(30):
        scrubber(page).press("ArrowRight")
    wait_for(page, lambda: moment(page) == 30)
    page.wait_for_timeout(300)  # the server is told
    settled(page)
    return 30


def goes_to(page: Page, query: str) -> None:
    """Opens another address of the page in the tab as the back button does, without loading it anew."""
    page.evaluate("""query => {
        history.pushState({}, '', `${location.pathname}?${query}`);
        dispatchEvent(new PopStateEvent('popstate'));
    }""", query)


def test_a_note_that_appears_above_leaves_the_head_where_it_rests(app, open_tab):
    page = opened(open_tab, app.url + run(31))
    at, drawn, words = somewhere(page), picture(page), said(page)
    goes_to(page, run(31).partition("?")[2] + "&nonsense=1")
    page.locator(".st-key-notes").get_by_text("'nonsense'").wait_for()
    settled(page)
    assert moment(page) == at
    assert scrubber(page).input_value() == f"{at}"
    assert (picture(page), said(page)) == (drawn, words)


def test_a_note_that_appears_above_leaves_a_run_that_plays(app, open_tab):
    page = opened(open_tab, app.url + run(32))
    player(page, "Play").click()
    plays(page, further_than=100)
    before = moment(page)
    goes_to(page, run(32).partition("?")[2] + "&nonsense=1")
    page.locator(".st-key-notes").get_by_text("'nonsense'").wait_for()
    assert moment(page) >= before
    at_rest(page)
    assert shown_step(page) == (2000, 2000)


def test_another_control_that_draws_the_page_again_leaves_a_run_that_plays(app, open_tab):
    page = opened(open_tab, app.url + run(33))
    player(page, "Play").click()
    plays(page, further_than=100)
    before = moment(page)
    page.get_by_role("button", name="Pin", exact=True).click()
    wait_for(page, lambda: page.get_by_role("button", name="Unpin").is_enabled())
    assert moment(page) >= before
    plays(page)
    at_rest(page)
    assert shown_step(page) == (2000, 2000)


def test_a_control_that_is_not_the_runs_leaves_the_head_where_it_rests(app, open_tab):
    page = opened(open_tab, app.url + "/curves")
    player(page, "To the end").click()
    wait_for(page, lambda: scrubber(page).get_attribute("aria-valuetext") and moment(page) > 30, 60)
    for _ in range(5):
        scrubber(page).press("ArrowLeft")
    settled(page)
    at = moment(page)
    page.locator(".st-key-control_curves_patience input[type=range]").press("ArrowRight")
    page.wait_for_url("**patience=6**")
    settled(page)
    assert moment(page) == at
    assert scrubber(page).input_value() == f"{at}"


def test_a_chart_in_full_screen_goes_on(app, open_tab):
    page = opened(open_tab, app.url + run(34))
    player(page, "Play").click()
    plays(page, further_than=10)
    chart = page.locator(CHARTS).nth(GRADIENT)
    chart.hover()
    page.get_by_role("button", name="Fullscreen").first.click()
    wait_for(page, lambda: chart.bounding_box()["width"] > 1000)
    before = moment(page)
    with Watch(page) as watch:
        wait_for(page, lambda: len(watch.pictures(GRADIENT)) >= 10)
    assert moment(page) > before
    page.get_by_role("button", name="Close fullscreen").first.click()
    wait_for(page, lambda: chart.bounding_box()["width"] < 1000)
    plays(page)
    at_rest(page)
    assert shown_step(page) == (2000, 2000)


def test_another_theme_leaves_the_head_and_what_is_drawn(app, open_tab):
    page = opened(open_tab, app.url + run(35))
    at, words, lines = somewhere(page), said(page), marks(page)
    page.emulate_media(color_scheme="dark")
    wait_for(page, lambda: ground(page) == "rgb(20, 23, 28)")
    settled(page)
    wait_for(page, lambda: marks(page) == lines)
    assert (moment(page), said(page)) == (at, words)
    assert scrubber(page).input_value() == f"{at}"
    player(page, "Play").click()
    plays(page)
    page.emulate_media(color_scheme="light")
    wait_for(page, lambda: ground(page) == "rgb(255, 255, 255)")
    assert moment(page) >= at
    at_rest(page)
    assert shown_step(page) == (2000, 2000)


def marks(page: Page) -> list[str]:
    """The lines and points of the gradient chart, without their colours."""
    return page.locator(CHARTS).nth(GRADIENT).locator(":is(.mark-line, .mark-symbol) path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d') + path.getAttribute('transform'))")


def ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")


@pytest.fixture
def connected(app, open_tab: Tabs) -> Iterator[Page]:
    """A long run that plays, in a tab whose connection can be cut."""
    page = open_tab(app.url, settle=False)
    page.add_init_script(KEEPS_SOCKETS)
    yield page
    open_tab.complaints[:] = [one for one in open_tab.complaints if not any(said in one for said in CUT_OFF)]


@pytest.mark.parametrize("how", ["close", "offline", "both"])
def test_a_connection_that_is_lost_for_a_while_leaves_the_head_and_the_run_goes_on_to_its_end(app, connected, how):
    page = connected
    page.goto(f"{app.url}{LONG}&seed={len(how)}")
    at_rest(page)
    settled(page)
    player(page, "Play").click()
    plays(page, further_than=20)
    if how != "close":
        page.context.set_offline(True)
    if how != "offline":
        page.evaluate("window.sockets.forEach(socket => socket.close())")
    page.wait_for_timeout(3000)
    before = shown_step(page)
    page.context.set_offline(False)
    assert before[0] < before[1]  # there is something left to come
    wait_for(page, lambda: shown_step(page)[0] > before[0], 90)
    assert player(page, "Pause").count() == 1
    at_rest(page, 240)
    assert shown_step(page) == (20000, 20000)


def test_a_head_that_rests_survives_a_lost_connection(app, connected):
    page = connected
    page.goto(app.url + run(36))
    at_rest(page)
    settled(page)
    at, drawn = somewhere(page), picture(page)
    page.evaluate("window.sockets.forEach(socket => socket.close())")
    page.wait_for_function("window.sockets.length > 1 && window.sockets.at(-1).readyState === 1")
    page.wait_for_timeout(500)
    settled(page)
    assert moment(page) == at
    assert picture(page) == drawn
    player(page, "Step").click()
    wait_for(page, lambda: moment(page) == at + 1)
    assert page.locator(f"{BAR} output").inner_text().startswith("step")
    paused(page)


def test_first_epochs_are_played_example_by_example_and_later_ones_as_a_whole(app, open_tab):
    page = opened(open_tab, app.url + "/perceptron")
    for _ in range(10):
        scrubber(page).press("ArrowRight")
    wait_for(page, lambda: moment(page) == 10)
    page.evaluate("""() => {
        window.moments = [];
        document.body.addEventListener("playhead", () => window.moments.push(+document.body.value));
    }""")
    player(page, "Play").click()
    player(page, "Pause").wait_for()
    player(page, "Play").wait_for(timeout=60_000)  # it has come to the end
    seen = page.evaluate("window.moments")
    last = int(scrubber(page).get_attribute("max"))
    assert seen[-1] == last
    assert set(seen) <= {10, 11, 12, *range(16, last + 1, 4)}
    assert {11, 12} <= set(seen)
