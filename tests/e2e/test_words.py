"""The words of the glossary in a page's prose: their sentence on hover, tap and focus, and nothing is drawn anew."""

import pytest

from tests.e2e.conftest import wait_for
from tests.e2e.laboratory import opened

PROSE = '[class*="st-key-prose_why"]'
WORDS = f"{PROSE} .words"
FIRST = """([prose, word]) => {
    const texts = document.createTreeWalker(document.querySelector(prose), NodeFilter.SHOW_TEXT), range = new Range();
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const at = text.data.indexOf(word);
        if (at < 0) continue;
        range.setStart(text, at);
        range.setEnd(text, at + word.length);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x, y, width, height };
    } }"""


def test_a_word_says_its_sentence_on_hover_focus_and_tap_until_escape(app, open_tab):
    page = opened(open_tab, f"{app.url}/backprop")
    layer, sentence = page.locator(f"{WORDS} button[aria-label='Layer']"), page.locator(f"{WORDS} [role=tooltip]")
    said = "Layer: Units that read the same inputs, and whose outputs the next layer reads."
    for show in (layer.hover, layer.focus, layer.click):
        show()
        sentence.wait_for(state="visible")
        assert sentence.inner_text() == said
        assert layer.get_attribute("aria-describedby") == sentence.get_attribute("id")
        page.keyboard.press("Escape")
        sentence.wait_for(state="hidden")
        page.mouse.move(0, 0)
        layer.evaluate("one => one.blur()")


def test_a_mark_lies_over_its_word_and_stays_through_a_rerun(app, open_tab):
    page = opened(open_tab, f"{app.url}/backprop")
    mark = page.locator(f"{WORDS} button[aria-label='Bias']")
    mark.wait_for(state="visible")
    mark.evaluate("one => { one.kept = true; }")
    assert mark.bounding_box() == pytest.approx(page.evaluate(FIRST, [PROSE, "biases"]), abs=3)
    page.get_by_role("radio", name="ReLU").first.click()
    wait_for(page, lambda: "f=relu" in page.url)
    page.wait_for_timeout(1000)
    assert mark.evaluate("one => one.kept")
