"""Somebody opens a link on a server that nobody has visited: the page is there before TensorFlow is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from pages.ui.course import LESSONS
from tests.e2e.conftest import settled, wait_for
from tests.e2e.laboratory import (
    CHARTS,
    WITHOUT_CHART,
    address,
    at_rest,
    depth_drawn,
    log,
    logged,
    player,
    plays,
    said,
    settings,
    setup,
    shown_step,
    slider,
    values,
    waits_for,
)
from tests.e2e.server import APPS, Server, serve

# What each page is asked for, and which control then holds which value; the start page has none. Of others, ANY.
DEEP_LINKS = {
    "home": ("widths=16x6&activation=tanh", None, "6"),
    "activations": ("part=softmax&z1=3", "activations_z1", "3"),
    "losses": ("show=outlier&distance=5", "losses_distance", "5"),
    "gradients": ("widths=16x12&activation=tanh", "gradients_depth", "12"),
    "initializers": ("show=kernel&kernel=he_normal&fan_in=100", "initializers_fan_in", "100"),
    "perceptron": ("rate=0.5", "perceptron_rate", "0.5"),
    "backprop": ("x1=1.5&rate=2", "backprop_x1", "1.5"),
    "anatomy": ("widths=5,4&activation=tanh", "anatomy_depth", "2"),
    "optimizers": ("show=batches", None, None),
    "regularization": ("part=batch_norm&seeds=3", "regularization_seeds", "3"),
    "curves": ("patience=8&widths=16,8", "curves_patience", "8"),
    "questions": ("find=xor", None, None),
}
ANY = ("seed=3", None, None)


def framed(page: Page, name: str) -> None:
    """The page stands in its frame: its question, and the course map with the page marked in it."""
    lesson = LESSONS[name]
    page.get_by_role("heading", name=lesson.question).wait_for()
    titles = page.locator('[data-testid="stSidebarNavLink"]').all_inner_texts()  # an icon's name may stand before each
    assert all(text.endswith(one.title) for text, one in zip(titles, LESSONS.values(), strict=True))
    assert page.locator('[data-testid="stSidebarNavLink"][aria-current="page"]').inner_text().endswith(lesson.title)


@pytest.mark.parametrize("name", LESSONS)
def test_a_deep_link_as_the_first_request_opens_its_page_with_its_values(cold_app, open_tab, name):
    query, control, value = DEEP_LINKS.get(name, ANY)
    page = open_tab(cold_app.url + address(name, query))
    framed(page, name)
    if control:  # on a server that has just started it comes after the first paint
        wait_for(page, lambda: [float(number) for number in values(page, control)] == [float(value)])
    elif value:
        page.locator(f'{CHARTS}[aria-label*="each of {value} hidden layers"]').first.wait_for()
    assert set(query.split("&")) <= set(page.url.partition("?")[2].split("&"))
    assert page.locator('[data-testid="stAlert"]').count() == 0


@pytest.fixture(scope="module")
def without_tensorflow() -> Iterator[Server]:
    """A server whose TensorFlow never arrives."""
    with serve(environment={"PYTHONPATH": str(APPS / "never")}) as server:
        yield server


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_shows_a_finished_result_without_waiting_for_tensorflow(without_tensorflow, open_tab, name):
    page = open_tab(without_tensorflow.url + address(name))
    framed(page, name)
    if name not in WITHOUT_CHART:
        assert page.locator(CHARTS).first.locator("canvas, svg").count()
    if name not in ("home", "questions"):
        page.get_by_role("tab", name="Why").wait_for()  # the rest of the page follows
    assert page.get_by_text("TensorFlow is loading").count()
    assert page.get_by_text("TensorFlow is ready").count() == 0


def test_a_run_that_came_with_the_app_plays_to_its_end_without_tensorflow(without_tensorflow, open_tab):
    page = open_tab(without_tensorflow.url + "/gradients")
    player(page, "Play").click()
    plays(page)
    assert waits_for(page) == "came with the app"
    at_rest(page)
    assert shown_step(page) == (300, 300)


def test_the_page_says_when_tensorflow_is_ready(cold_app, open_tab):
    page = open_tab(cold_app.url + "/gradients?activation=tanh", settle=False)
    page.get_by_text("TensorFlow is loading").first.wait_for()
    page.get_by_text("TensorFlow is ready").wait_for(timeout=180_000)
    settled(page)
    wait_for(page, lambda: "before the first step" in said(page))  # and computes step 0
    assert shown_step(page) == (0, 300)


def test_play_on_a_cold_server_says_what_it_waits_for_and_then_plays(cold_app, open_tab):
    page = open_tab(cold_app.url + "/gradients?activation=tanh&seed=9", settle=False)
    player(page, "Play").click()
    wait_for(page, lambda: "TensorFlow is loading" in waits_for(page))
    assert player(page, "Pause").count() == 1
    plays(page, further_than=5)
    at_rest(page)
    assert shown_step(page) == (300, 300)


def test_a_set_up_on_a_cold_server_waits_and_then_plays(cold_app, open_tab):
    page = open_tab(cold_app.url + "/gradients", settle=False)
    setup(page, "Explodes").click()
    wait_for(page, lambda: "TensorFlow is loading" in waits_for(page))
    wait_for(page, lambda: depth_drawn(page) == 20, 180)
    plays(page)
    at_rest(page)
    assert page.locator(".st-key-setups").get_by_role("radio", checked=True).inner_text() == "Explodes"


@pytest.mark.parametrize("path", ["/gradients", "/gradients?activation=tanh"])
def test_quick_keys_right_after_opening_on_a_cold_server_start_nothing(cold_app, open_tab, path):
    page = open_tab(cold_app.url + path, settle=False)
    slider(page, "gradients_depth").focus()
    player(page, "Play").wait_for()
    log(page)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    page.get_by_text("TensorFlow is ready").wait_for(timeout=180_000)
    wait_for(page, lambda: depth_drawn(page) == 15, 60)
    settled(page)
    page.wait_for_timeout(2000)
    assert logged(page, "plays") == [False]
    assert shown_step(page) == (0, 300)
    assert values(page, "gradients_depth") == ["15"]
    assert "widths=32x15" in settings(page)
    assert page.locator(".st-key-setups").get_by_role("radio", checked=True).count() == 0
