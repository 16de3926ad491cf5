"""Somebody opens a link on a server that nobody has visited: the page is there before TensorFlow is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from pages.ui.course import LESSONS
from tests.e2e.conftest import settled
from tests.e2e.laboratory import CHARTS, WITHOUT_CHART, address
from tests.e2e.server import APPS, Server, serve

# What each page is asked for, and which control then holds which value; the start page has none.
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


def framed(page: Page, name: str) -> None:
    """The page stands in its frame: its question, and the course map with the page marked in it."""
    lesson = LESSONS[name]
    page.get_by_role("heading", name=lesson.question).wait_for()
    titles = page.locator('[data-testid="stSidebarNavLink"]').all_inner_texts()  # an icon's name may stand before each
    assert all(text.endswith(one.title) for text, one in zip(titles, LESSONS.values(), strict=True))
    assert page.locator('[data-testid="stSidebarNavLink"][aria-current="page"]').inner_text().endswith(lesson.title)


@pytest.mark.parametrize("name", LESSONS)
def test_a_deep_link_as_the_first_request_opens_its_page_with_its_values(cold_app, open_tab, name):
    query, control, value = DEEP_LINKS[name]
    page = open_tab(cold_app.url + address(name, query))
    framed(page, name)
    if control:
        assert float(page.locator(f".st-key-control_{control} input[type=range]").input_value()) == float(value)
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
        page.get_by_role("tab", name="Limits and sources").wait_for()  # the rest of the page follows
    assert page.get_by_text("TensorFlow is loading").count()
    assert page.get_by_text("TensorFlow is ready").count() == 0


def test_the_page_says_when_tensorflow_is_ready(cold_app, open_tab):
    page = open_tab(cold_app.url + "/gradients?activation=tanh")
    page.get_by_text("TensorFlow is loading").wait_for()
    page.get_by_text("TensorFlow is ready").wait_for(timeout=180_000)
    settled(page)
    page.get_by_text("after 0 steps").or_(page.get_by_text("at step 0")).first.wait_for()  # and computes step 0
