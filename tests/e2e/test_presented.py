"""Pages as a hall sees them, and the keys of every page: what fits, how large it is, and what a clicker does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe

from core import lectures
from core.charts.hall import LEAST
from tests.e2e.conftest import settled, wait_for
from tests.e2e.laboratory import CHARTS, DRAWN, address, at_rest, moment, opened, player, plays, slider

WINDOWS = [(1280, 720), (1366, 768), (1920, 1080)]

# Every text that is seen, in charts and components too, with its size in px.
TEXTS = """() => {
    const found = [], walk = root => root.querySelectorAll('*').forEach(node => {
        if (node.shadowRoot) walk(node.shadowRoot);
        const said = [...node.childNodes].filter(one => one.nodeType === Node.TEXT_NODE && one.textContent.trim());
        const {width, height} = node.getBoundingClientRect();
        if (said.length && width > 2 && height > 2 && !node.closest('style, script, option, .katex-mathml, [hidden]')
            && node.checkVisibility({visibilityProperty: true, opacityProperty: true}))
            found.push([said[0].textContent.trim(), parseFloat(getComputedStyle(node).fontSize)]);
    });
    walk(document);
    return found;
}"""
BOXES = """charts => {
    const box = node => { const {left, top, right, bottom} = node.getBoundingClientRect();
                          return [left, top, right, bottom]; };
    const main = [...document.querySelectorAll(`[class*="st-key-main_"] ${charts}`)];
    return {charts: main.map(box), player: [...document.querySelectorAll('.st-key-player')].map(box),
            scrolls: [...document.querySelectorAll('[data-testid="stMain"], [data-testid="stMainBlockContainer"]')]
                .map(node => node.scrollHeight - node.clientHeight)};
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", WINDOWS, ids=[f"{width} × {height}" for width, height in WINDOWS])
@pytest.mark.parametrize(("name", "part"), DRAWN, ids=map(" ".join, DRAWN))
def test_a_presented_page_fits_the_window_and_fills_it(app, open_tab, name, part, size, dark):
    page = open_tab(app.url + address(name, f"{part}&view=present".lstrip("&")), size, dark)
    found, (width, height) = page.evaluate(BOXES, CHARTS), size
    assert found["scrolls"] == [0, 0]
    assert found["charts"]
    foot = found["player"][0][1] if found["player"] else height
    for left, top, right, bottom in found["charts"]:
        assert 0 <= left < right <= width
        assert bottom <= foot
        assert foot - bottom < 0.05 * height
        assert bottom - top > 0.45 * height
    assert found["charts"][0][0] < 0.05 * width
    assert found["charts"][-1][2] > 0.95 * width
    assert all(0 <= other[0] - one[2] < 0.05 * width for one, other in pairwise(found["charts"]))
    assert [text for text in page.evaluate(TEXTS) if text[1] < LEAST] == []
    assert not page.locator("[data-testid=stSidebar]").is_visible()


def test_axe_finds_nothing_serious_in_a_station_of_a_lecture(app, open_tab):
    page = open_tab(app.url + address("gradients", "view=present&lecture=deep_networks&station=6&hide=verdict"))
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_keys_play_step_and_present(app, open_tab):
    page = opened(open_tab, app.url + address("gradients"))
    page.locator("h2").first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    wait_for(page, lambda: moment(page) == 1)
    page.keyboard.press("Space")
    plays(page, further_than=3)
    page.keyboard.press("Space")
    at_rest(page)
    page.keyboard.press("Home")
    wait_for(page, lambda: moment(page) == 0)

    page.keyboard.press("p")
    page.wait_for_url("**view=present**")
    settled(page)
    assert not slider(page, "gradients_gain").count()
    page.keyboard.press("p")
    wait_for(page, lambda: "view=" not in page.url)

    page.keyboard.press("?")
    assert "Page Up, Page Down" in page.get_by_role("dialog", name="Keys").inner_text()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for(state="detached")


def test_keys_are_left_to_what_uses_them_itself_and_to_whoever_types(app, open_tab):
    page = opened(open_tab, app.url + address("gradients"))
    player(page, "Step").focus()
    page.keyboard.press("Space")  # presses the button, and does not play
    wait_for(page, lambda: moment(page) == 1)
    depth = slider(page, "gradients_depth")
    depth.focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: depth.input_value() == "11")
    settled(page)
    wait_for(page, lambda: moment(page) == 0)  # the new run's first one
    assert not player(page, "Pause").count()

    typed = open_tab(app.url + address("questions"))
    typed.get_by_role("textbox", name="Search").click()
    typed.keyboard.type("p ?")
    assert typed.get_by_role("textbox", name="Search").input_value() == "p ?"
    assert not typed.get_by_role("dialog").count()


def test_a_clicker_goes_through_a_lecture(app, open_tab):
    stations = lectures.shipped()["one_unit"].stations
    page = open_tab(app.url + address("home"), WINDOWS[0])
    page.get_by_role("link", name="One unit to one hidden layer").click()
    for number, station in enumerate(stations, 1):
        page.wait_for_url(f"**station={number}")
        settled(page)
        said = page.locator(".st-key-lecture").inner_text()
        assert f"{number} of {len(stations)}" in said
        assert station.say in said
        assert page.locator(".st-key-this_station").count() == 0
        page.keyboard.press("PageDown")
    assert page.url.endswith(f"station={len(stations)}")
    page.keyboard.press("PageUp")
    page.wait_for_url(f"**station={len(stations) - 1}")


def test_a_lecture_is_opened_from_its_file(app, open_tab, tmp_path):
    page = open_tab(app.url + address("gradients"))
    page.get_by_test_id("stPopoverButton").click()
    page.locator(".st-key-make_lecture label").click()
    whole = lectures.written(lectures.shipped()["one_unit"])
    for text, said in (("title = ", "must be a TOML file"), (whole, "1 of 7")):
        (tmp_path / "lecture.toml").write_text(text, encoding="utf-8")
        page.locator("input[type=file]").set_input_files(tmp_path / "lecture.toml")
        page.locator(".st-key-lecture, [data-testid=stToast]").filter(has_text=said).first.wait_for()
    assert lectures.OWN in page.url.partition("lecture=")[2]
