"""Every page as it is seen: on a projector and on a phone, in light and dark, by keyboard, and by those who cannot see.

Charts are measured as they are drawn; what stands under another is asked of the browser by the point.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from pages.ui.course import LESSONS
from tests.e2e.conftest import PHONE, SIDEWAYS, WIDE, settled, wait_for
from tests.e2e.laboratory import BAR, CHARTS, DRAWN, PARTS, PLAYED, address

# Streamlit's own menu, where no page can reach: a section's heading stands in the list of its pages.
WITHOUT_THE_MENU = {"exclude": [['[data-testid="stSidebarNav"]']]}

CUT_OFF = """width => {
    const scrolls = node => /auto|scroll/.test(getComputedStyle(node).overflowX);
    const inScroller = node => {
        for (; node.dataset.testid !== "stMain"; node = node.parentElement) if (scrolls(node)) return true;
    };
    const words = 'h1, h2, h3, h5, p, li, td, th, button, label, canvas';
    return [...document.querySelectorAll(`[data-testid="stMain"] :is(${words})`)]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > width + 1
                        && !inScroller(node))
        .slice(0, 3).map(node => node.outerHTML.slice(0, 200));
}"""

# [left, top, right, bottom] of the places of a page that there are; main charts by number, the first one where none is.
BOXES = """charts => {
    const box = node => { const {left, top, right, bottom} = node.getBoundingClientRect();
                          return [left, top, right, bottom]; };
    const places = ['heading', 'parts', 'setups', 'verdict', 'cures', 'player'].flatMap(name =>
        [...document.querySelectorAll(`.st-key-${name}`)].filter(node => node.getBoundingClientRect().height)
            .map(node => [name, box(node)]));
    const main = [...document.querySelectorAll(`[class*="st-key-main_"] ${charts}`)];
    const shown = main.length ? main : [...document.querySelectorAll(charts)].slice(0, 1);
    return Object.fromEntries([...places, ...shown.map((chart, i) => [`chart ${i}`, box(chart)])]);
}"""

# Buttons and links in the window that a click in their middle would not reach, and what lies there.
OUT_OF_REACH = """bar => [...document.querySelectorAll('button:enabled, a, [role="switch"]')].flatMap(node => {
    const there = node.getAttribute('role') === 'switch' ? node.closest('label') : node;
    const {left, top, width, height} = there.getBoundingClientRect(), [x, y] = [left + width / 2, top + height / 2];
    const foot = document.querySelector(bar)?.getBoundingClientRect().top ?? innerHeight;
    if (!there.checkVisibility({visibilityProperty: true, opacityProperty: true}) || width < 2) return [];
    if (x < 0 || y < 0 || x > innerWidth || y > foot - 20) return [];  // has to be scrolled to
    for (let around = node; around = around.parentElement;) {
        const {left, right} = around.getBoundingClientRect();
        if (/auto|scroll/.test(getComputedStyle(around).overflowX) && (x < left || x > right)) return [];  // pushed to
    }
    const hit = document.elementFromPoint(x, y);
    return hit && there.contains(hit) ? [] : [[node.innerText || node.ariaLabel, hit?.outerHTML.slice(0, 120)]];
})"""

# From now on a page keeps the size in px of every text that is drawn into a canvas of a chart.
KEEPS_SIZES = """charts => {
    const drawn = CanvasRenderingContext2D.prototype.fillText;
    window.sizes = [];
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        const {a, b} = this.getTransform();
        if (this.canvas.closest(charts) && String(text).trim())
            window.sizes.push([parseFloat(/([\\d.]+)px/.exec(this.font)[1]) * Math.hypot(a, b) / devicePixelRatio,
                               text]);
        return drawn.call(this, text, ...place);
    };
}"""
SIZES = """charts => [...[...document.querySelectorAll(`:is(${charts}) svg text`)].filter(
    text => text.textContent.trim() && text.checkVisibility()).map(text => {
        const {a, b} = text.getScreenCTM();
        return [parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b), text.textContent];
    }), ...window.sizes]"""


def boxes(page: Page) -> dict[str, tuple[float, float, float, float]]:
    """Where the places of the page are: left, top, right and bottom."""
    return {name: tuple(box) for name, box in page.evaluate(BOXES, CHARTS).items()}


def floor(page: Page) -> float:
    """Down to where a page is seen: the window's end, or the player at its foot."""
    height = page.viewport_size["height"]
    bar = page.locator(BAR)
    return bar.bounding_box()["y"] if bar.count() else height


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_is_cut_off_and_axe_finds_nothing_serious(app, open_tab, name, dark):
    page = open_tab(app.url + address(name), WIDE, dark)
    page.get_by_role("heading", name=LESSONS[name].question).wait_for()
    shows_everything(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    shows_everything(page)
    shows_everything(open_tab(app.url + address(name), SIDEWAYS, dark))


def shows_everything(page: Page) -> None:
    """Nothing is cut off at the right, every chart is described, and axe has nothing serious to say."""
    width = settled(page).viewport_size["width"]
    with suppress(TimeoutError):  # a chart follows the width of its column in its own time
        wait_for(page, lambda: not page.evaluate(CUT_OFF, width), 10)
    assert page.evaluate(CUT_OFF, width) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert all(chart.get_attribute("aria-label") for chart in page.locator(CHARTS).all())
    assert [(violation["id"], node["html"][:300], (node["any"] or node["all"] or node["none"])[0]["message"])
            for violation in Axe().run(page, WITHOUT_THE_MENU).response["violations"]
            if violation["impact"] in ("serious", "critical") for node in violation["nodes"]] == []


@pytest.mark.parametrize("name", PARTS)
def test_all_parts_of_a_page_are_looked_at_here(app, open_tab, name):
    page = open_tab(app.url + address(name))
    assert page.locator(".st-key-parts").get_by_role("radio").count() == len(PARTS[name])


@pytest.mark.parametrize("size", [(1280, 720), (1366, 768)], ids=["1280 × 720", "1366 × 768"])
@pytest.mark.parametrize(("name", "part"), DRAWN, ids=map(" ".join, DRAWN))
def test_the_stage_fits_a_projector(app, open_tab, name, part, size):
    """Question, parts, set-ups, main charts, verdict, cures and player without scrolling, none under another."""
    page = open_tab(app.url + address(name, part), size)
    found = boxes(page)
    expected = {"heading", "chart 0"} | ({"player"} if (name, part) in PLAYED else set()) | (
        set() if name == "home" else {"setups"}) | ({"cures", "verdict"} if name == "gradients" else set())
    assert set(found) >= expected
    assert {place: box for place, box in found.items()
            if min(box) < 0 or box[2] > size[0] or box[3] > size[1]} == {}
    above = {place: box for place, box in found.items() if place != "player"}
    assert {place: box for place, box in above.items() if box[3] > floor(page) + 1} == {}
    assert [(one, other) for one in above for other in above if one < other and overlap(above[one], above[other])] == []


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes share more than a pixel of their edges."""
    return (min(one[2], other[2]) - max(one[0], other[0]) > 1) and (min(one[3], other[3]) - max(one[1], other[1]) > 1)


@pytest.mark.parametrize("size", [PHONE, SIDEWAYS], ids=["upright", "on its side"])
@pytest.mark.parametrize(("name", "part"), DRAWN, ids=map(" ".join, DRAWN))
def test_the_chart_is_on_the_screen_of_a_phone(app, open_tab, name, part, size):
    page = open_tab(app.url + address(name, part), size)
    left, top, right, bottom = boxes(page)["chart 0"]
    assert left >= 0
    assert right <= size[0]
    main = page.locator("[class*='st-key-main_']")  # takes the height that there is; four rows of panels need more
    panels = page.locator(".st-key-main_panels").count() > 0
    fits = main.count() > 0 and not panels
    seen = (min(bottom, floor(page)) - max(top, 0)) / (bottom - top)
    assert seen >= (0.99 if fits or size == PHONE else 0.5 if panels else 0.6)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]


def test_opened_controls_leave_the_chart_in_sight_on_a_phone(app, open_tab):
    page = open_tab(app.url + "/gradients", PHONE)
    page.locator(".st-key-show_controls").get_by_text("Controls").tap()
    page.locator(".st-key-controls").wait_for()
    settled(page)
    _, top, _, bottom = boxes(page)["chart 0"]
    assert (floor(page) - top) / (bottom - top) > 1 / 3
    assert page.locator(".st-key-controls").bounding_box()["height"] <= 0.45 * PHONE[1]


@pytest.mark.parametrize(("width", "least"), [(1280, 15), (1600, 18), (1920, 18)])
@pytest.mark.parametrize(("name", "part"), DRAWN, ids=map(" ".join, DRAWN))
def test_text_in_charts_is_large_enough_for_the_last_row(app, open_tab, name, part, width, least):
    page = open_tab(app.url + address(name, part), (width, 801))
    page.evaluate(KEEPS_SIZES, CHARTS)
    page.set_viewport_size({"width": width + 1, "height": 800})  # canvases are drawn again
    settled(page)
    page.wait_for_timeout(500)
    sizes = page.evaluate(SIZES, CHARTS)
    assert len(sizes) > 5
    assert [(round(size, 1), text) for size, text in sizes if size < least - 0.1] == []


@pytest.mark.parametrize("size", [(1280, 720), PHONE], ids=["projector", "phone"])
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_lies_over_a_button(app, open_tab, name, size):
    page = open_tab(app.url + address(name), size)
    assert page.evaluate(OUT_OF_REACH, BAR) == []


@pytest.mark.parametrize(("name", "order"), [
    ("gradients", ["setups", "player", "controls", "verdict", "chart", "cures", "chart"]),
    ("optimizers", ["parts", "setups", "player", "controls", "chart"]),
    ("curves", ["setups", "player", "controls", "verdict", "chart"]),
])
def test_the_tab_key_comes_to_set_ups_player_and_controls_before_the_charts(app, open_tab, name, order):
    page = open_tab(app.url + address(name), (1280, 720))
    places = []
    for _ in range(70):
        page.keyboard.press("Tab")
        places.append(page.evaluate("""charts => {
            const node = document.activeElement;
            if (node.closest(`${charts}, [data-testid="stFullScreenFrame"]`) && !node.closest('.st-key-controls'))
                return 'chart';
            return ['parts', 'setups', 'player', 'controls', 'verdict', 'cures']
                .find(name => node.closest(`.st-key-${name}`)) ?? '';
        }""", CHARTS))
    assert [place for place, _ in groupby(places) if place][:len(order)] == order
