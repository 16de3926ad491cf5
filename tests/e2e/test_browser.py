"""The browser fixtures on small apps of their own: they must see what is there, and complain of what is wrong."""

import pytest

from tests.e2e.conftest import PHONE, Tabs, wait_for
from tests.e2e.server import APPS, serve


@pytest.fixture(scope="module")
def counter():
    with serve(APPS / "counter.py") as server:
        yield server


def test_the_empty_page_shows_its_chart_and_no_error(cold_empty_app, open_tab):
    page = open_tab(cold_empty_app.url)
    assert page.locator('[data-testid="stVegaLiteChart"]').locator("canvas, svg").count() >= 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_theme_follows_the_visitors_setting(counter, open_tab, dark):
    page = open_tab(counter.url, PHONE, dark)
    ground = page.evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")
    assert ground == ("rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)")
    assert page.viewport_size == {"width": 390, "height": 844}


def test_a_click_is_answered_and_the_fragment_ticks(counter, open_tab):
    page = open_tab(counter.url + "?name=Ada&interval=0.2")
    assert page.get_by_role("heading", name="Hello Ada").is_visible()
    page.get_by_role("button", name="Start").click()
    wait_for(page, lambda: page.get_by_text("count 5").count())
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("at rest").wait_for()


def test_an_error_shows_no_traceback(counter, open_tab):
    page = open_tab(counter.url)
    page.get_by_role("button", name="Fail").click()
    wait_for(page, lambda: page.locator('[data-testid="stException"]').count())
    shown = page.locator('[data-testid="stApp"]').inner_text()
    assert "counter.py" not in shown
    assert "this was asked for" not in shown
    assert "ValueError" not in shown


def test_complaints_are_kept(counter, browser):
    tabs = Tabs(browser)
    page = tabs(counter.url)
    page.evaluate("console.error('one'); setTimeout(() => { throw new Error('two') })")
    page.evaluate("fetch('/_stcore/health', {method: 'PUT'})")
    wait_for(page, lambda: len(tabs.complaints) >= 3)
    page.context.close()
    assert {"one", "two", f"405 for {counter.url}/_stcore/health"} <= set(tabs.complaints)
