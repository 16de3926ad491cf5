"""A lecturer and a phone in two browsers: what the one does, the other sees; what the other answers, the one counts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from core.lessons.gradients.quiz import QUESTIONS as GRADIENTS
from tests.e2e.conftest import PHONE, Tabs, settled, wait_for
from tests.e2e.laboratory import ended, paused, player, scrubber, setup, shown_step
from tests.e2e.server import Server, serve

OWN = next(iter(GRADIENTS.values()))  # the page's own
LECTURER = (1280, 720)
QUESTION = ".st-key-room .question"


@pytest.fixture(scope="module")
def hall():
    """The app on a server of its own: what stands in it, a room included, is this file's."""
    with serve() as server:
        yield server


def bar(page: Page) -> Locator:
    return page.locator(".st-key-room .line")


def says(page: Page, part: str) -> None:
    wait_for(page, lambda: part in bar(page).inner_text())


def press(page: Page, label: str) -> None:
    page.locator(".st-key-room").get_by_role("button", name=label, exact=True).click()


def kept(page: Page) -> dict[str, str]:
    return page.evaluate("JSON.parse(sessionStorage.getItem('gradient-laboratory-room')) ?? {}")


def opened(tabs: Tabs, server: Server, path: str = "/gradients") -> Page:
    """A lecturer's browser that has opened a room there."""
    page = tabs(server.url + path, LECTURER)
    page.locator(".st-key-heading").get_by_role("button", name="Share").press("Enter")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Open a room").click()
    says(page, "0 phones here")
    page.keyboard.press("Escape")
    return settled(page)


def joined(tabs: Tabs, server: Server, lecturer: Page) -> Page:
    """A phone that has scanned the code, once it is where the lecturer is."""
    page = tabs(f"{server.url}/?room={kept(lecturer)['code']}", PHONE)
    at(page, lecturer)
    says(page, "You follow the lecture.")
    return settled(page)


def at(page: Page, lecturer: Page) -> None:
    """Waits until it shows the lecturer's page with the lecturer's run."""
    def place(one: Page) -> str:
        return re.sub(r"[?&]room=\w+", "", one.url)

    wait_for(page, lambda: place(page) == place(lecturer), 60)
    settled(page)


def close_all(tabs: Tabs) -> None:
    """Before their server stops: they would go on asking it."""
    while tabs.contexts:
        tabs.contexts.pop().close()


def test_a_phone_follows_page_run_and_play_head_and_may_look_around(hall, open_tab):
    lecturer = opened(open_tab, hall)
    phone = joined(open_tab, hall, lecturer)
    setup(lecturer, "Tanh with Glorot trains").click()
    settled(lecturer)
    at(phone, lecturer)
    ended(lecturer)
    wait_for(phone, lambda: shown_step(phone) == shown_step(lecturer))
    scrubber(lecturer).press("Home")
    wait_for(phone, lambda: shown_step(phone)[0] == 0)
    player(lecturer, "Play").click()
    wait_for(phone, lambda: shown_step(phone)[0] > 0)
    paused(lecturer)
    wait_for(phone, lambda: shown_step(phone) == shown_step(lecturer))

    press(phone, "Look around on my own")
    here = phone.url
    lecturer.get_by_test_id("stSidebarNav").get_by_role("link", name="Losses").click()
    wait_for(lecturer, lambda: "/losses" in lecturer.url)
    settled(lecturer)
    phone.wait_for_timeout(2500)  # two polls
    assert phone.url == here
    press(phone, "Back to the lecture")
    at(phone, lecturer)
    lecturer.get_by_test_id("stSidebarNav").get_by_role("link", name="Gradients").click()  # where it was before
    wait_for(lecturer, lambda: "/gradients" in lecturer.url)
    settled(lecturer)
    at(phone, lecturer)
    press(phone, "Leave")
    bar(phone).wait_for(state="hidden")


def test_the_hall_answers_and_a_reload_a_second_tab_and_sleep_keep_it(hall, open_tab):
    lecturer = opened(open_tab, hall)
    phone = joined(open_tab, hall, lecturer)
    press(lecturer, "Ask the hall")
    choices = phone.locator(f"{QUESTION} .choices button")
    wait_for(phone, lambda: choices.all_inner_texts() == list(OWN.choices))
    assert "because" not in phone.evaluate("""async () => (await fetch(`room/${JSON.parse(sessionStorage.getItem(
        'gradient-laboratory-room')).code}?phone=${localStorage.getItem('gradient-laboratory-phone')}`)).text()""")
    choices.nth(0).click()
    choices.nth(1).click()
    wait_for(phone, lambda: choices.nth(1).get_attribute("aria-pressed") == "true")
    says(lecturer, "1 answered")
    press(lecturer, "Show the answers")
    counts = lecturer.locator(f"{QUESTION} .count")
    wait_for(lecturer, lambda: [text[0] for text in counts.all_inner_texts()] == list("010"))

    phone.reload()
    wait_for(phone, lambda: choices.count() == 3 and choices.nth(1).get_attribute("aria-pressed") == "true")
    context: BrowserContext = phone.context
    second = context.new_page()
    second.goto(f"{hall.url}/?room={kept(lecturer)['code']}")
    again = second.locator(f"{QUESTION} .choices button")
    wait_for(second, lambda: again.count() == 3 and again.nth(1).get_attribute("aria-pressed") == "true")
    again.nth(2).click()
    wait_for(lecturer, lambda: [text[0] for text in counts.all_inner_texts()] == list("001"))
    says(lecturer, "1 phone here")

    context.set_offline(True)
    wait_for(phone, lambda: "No connection" in bar(phone).inner_text())
    press(lecturer, "Reveal")
    wait_for(lecturer, lambda: "✓" in lecturer.locator(QUESTION).inner_text())
    context.set_offline(False)
    wait_for(phone, lambda: "Not so." in phone.locator(QUESTION).inner_text()
             or "Right." in phone.locator(QUESTION).inner_text())
    assert choices.nth(2).get_attribute("aria-pressed") == "true"
    assert choices.nth(2).is_disabled()
    open_tab.complaints[:] = [one for one in open_tab.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def test_the_code_fills_a_projector_and_typing_it_on_the_start_page_joins(hall, open_tab):
    lecturer = opened(open_tab, hall)
    press(lecturer, "Show the code")
    picture = lecturer.get_by_role("dialog").get_by_role("img")
    box = picture.bounding_box()
    assert box["height"] > 0.8 * LECTURER[1]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= LECTURER[1]
    assert kept(lecturer)["key"] not in lecturer.get_by_role("dialog").inner_html() + lecturer.url
    lecturer.keyboard.press("Escape")
    phone = open_tab(hall.url, PHONE)
    code = kept(lecturer)["code"]
    field = phone.get_by_label("In a lecture: the code of its room")
    field.fill(f"{code[:3].lower()} {code[3:]}")
    field.press("Enter")
    at(phone, lecturer)


def test_the_private_link_leads_after_a_restart_and_its_key_leaves_the_address(open_tab):
    with serve() as first:
        lecturer = opened(open_tab, first)
        key, code = kept(lecturer)["key"], kept(lecturer)["code"]
        press(lecturer, "Copy my link")
        assert lecturer.evaluate("navigator.clipboard.readText()") == f"{first.url}/#lead={key}"
        close_all(open_tab)
    with serve() as second:
        again = open_tab(f"{second.url}/#lead={key}", LECTURER)
        says(again, f"{code[:3]} {code[3:]}")
        says(again, "0 phones here")
        assert key not in again.url
        joined(open_tab, second, again)
        close_all(open_tab)


def test_below_a_base_path_a_phone_follows_too(open_tab):
    """As behind a proxy that serves several apps: everything lies below /lab."""
    with serve(base="/lab") as server:
        joined(open_tab, server, opened(open_tab, server))
        close_all(open_tab)
