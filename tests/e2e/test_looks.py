"""Every page as it is seen: on a wide screen and on a phone, in light and dark, and by those who cannot see it."""

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.ui.course import LESSONS
from tests.e2e.conftest import PHONE, WIDE, settled, wait_for
from tests.e2e.laboratory import CHARTS, address

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


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_is_cut_off_and_axe_finds_nothing_serious(app, open_tab, name, dark):
    page = open_tab(app.url + address(name), WIDE, dark)
    page.get_by_role("heading", name=LESSONS[name].question).wait_for()
    for width, height in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        with suppress(TimeoutError):  # a chart follows the width of its column in its own time
            wait_for(page, lambda width=width: not page.evaluate(CUT_OFF, width), 10)
        assert page.evaluate(CUT_OFF, width) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert all(chart.get_attribute("aria-label") for chart in page.locator(CHARTS).all())
        assert [(violation["id"], node["html"][:300], (node["any"] or node["all"] or node["none"])[0]["message"])
                for violation in Axe().run(page, WITHOUT_THE_MENU).response["violations"]
                if violation["impact"] in ("serious", "critical") for node in violation["nodes"]] == []
