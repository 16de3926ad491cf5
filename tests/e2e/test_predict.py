"""Predict first, in a browser: what is hidden, what is said, what the browser keeps, and that nothing is drawn anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, WIDE, settled
from tests.e2e.laboratory import BAR, Watch, at_rest, opened, plays, settings
from tests.e2e.test_looks import shows_everything

HIDDEN = [".st-key-stage", BAR, ".st-key-controls", "[class*='st-key-below_']"]


def seen(page: Page) -> list[str]:
    """What of the run, its controls and what stands below has anything that can be seen."""
    return [part for part in HIDDEN if page.locator(part).evaluate_all(
        "parts => parts.some(part => [part, ...part.querySelectorAll('*')].some("
        "one => getComputedStyle(one).visibility === 'visible'))")]


def asked(page: Page) -> None:
    page.locator(".st-key-asking .quiz").wait_for()
    settled(page)


def said(page: Page) -> str:
    return page.locator(".st-key-asking .verdict").inner_text()


def test_a_run_stays_hidden_until_it_is_predicted_and_its_charts_are_those_that_were_there(app, open_tab):
    page = opened(open_tab, f"{app.url}/gradients")
    assert seen(page) == HIDDEN
    with Watch(page) as watch:
        page.get_by_role("button", name="Predict first").click()
        asked(page)
        assert seen(page) == []
        assert "ask=times" in settings(page)
        page.get_by_role("button", name="About a thousand times").click()
        plays(page)
        assert seen(page) == HIDDEN
        expect(page.locator(".st-key-asking .verdict")).to_contain_text(
            "You said: About a thousand times. ✗ Not so, it is: About a million times. At step 300 layer 1 gets")
        assert "ask=times" not in settings(page)
        assert watch.rebuilt() == []
    page.get_by_role("button", name="Predict first").click()  # once more, as if for the first time
    page.wait_for_function("() => !document.body.hasAttribute('data-answered')")
    page.get_by_role("button", name="About a million times").click()
    expect(page.locator(".st-key-asking .verdict")).to_contain_text("✓ Right.")


def test_a_browser_keeps_what_was_answered(app, open_tab):
    page = open_tab(f"{app.url}/gradients?ask=little", WIDE)
    asked(page)
    slider = page.locator(".st-key-asking").get_by_role("slider")
    slider.press("Home")
    slider.press("ArrowRight")
    page.locator(".st-key-asking").get_by_role("button", name="Answer", exact=True).click()
    plays(page)
    assert said(page).startswith("You said: 2. ✗ Not so, it is: 5.")
    page.goto(f"{app.url}/gradients?ask=little")
    asked(page)
    at_rest(page)
    assert said(page).startswith("You said: 2.")
    assert seen(page) == HIDDEN
    page.get_by_role("button", name="Answer again").click()
    assert seen(page) == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_lines_are_drawn_and_the_one_that_came_true_is_marked(app, open_tab, size):
    page = open_tab(f"{app.url}/gradients?ask=course", size)
    asked(page)
    buttons = page.locator(".st-key-asking .choices button")
    assert buttons.count() == page.locator(".st-key-asking polyline").count() == 3
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    buttons.nth(2).click()
    plays(page)
    assert [buttons.nth(place).get_attribute("class") for place in range(3)] == ["right", "", "wrong"]


def test_another_set_up_shows_everything_again(app, open_tab):
    page = open_tab(f"{app.url}/gradients?ask=times", WIDE)
    asked(page)
    page.locator(".st-key-setups").get_by_role("radio", name="All zeros", exact=True).click()
    plays(page)
    assert seen(page) == HIDDEN


@pytest.mark.parametrize("name", ["times", "little", "course"])
def test_axe_finds_nothing_serious_while_it_is_asked_and_after(app, open_tab, name):
    page = open_tab(f"{app.url}/gradients?ask={name}", WIDE)
    asked(page)
    shows_everything(page)
    answers = page.locator(".st-key-asking .choices button")
    answers.first.click()
    plays(page)
    at_rest(page)
    shows_everything(page)
