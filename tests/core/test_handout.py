"""Hand-outs: HTML that holds nothing but what it was given, and charts that show the moment that was asked for."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core import charts
from core.charts.picture import DEPTHS, on_paper, pictures
from core.charts.theme import BLUE, LINE_INK
from core.handout import Picture, Station, handout
from core.spec import RunSpec
from tests.shipped import histories

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
HISTORY = histories()[RunSpec()]
SCALE = charts.gradient_scale(HISTORY[0].layers.signal_rms, HISTORY[0].layers.kernel_gradient_norm)


class Read(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_a_hand_out_has_its_stations_in_order():
    page = Read(handout("Deep networks", [
        Station("Watch layer 1.", [Picture(SVG, "Line chart")], "**Vanishing.** Layer 1 gets `1/850 000`.\n\nMore.",
                "https://example.org/gradients?v=1&step=3"), Station("And now ReLU.")]))
    for text in ("Deep networks", "1. Watch layer 1.", "Vanishing.", "1/850 000", "More.",
                 "https://example.org/gradients?v=1&step=3", "2. And now ReLU."):
        assert text in page.text
    (image,), (link,) = page.of("img"), page.of("a")
    assert image["alt"] == "Line chart"
    assert base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode() == SVG
    assert link["href"] == "https://example.org/gradients?v=1&step=3"
    assert len(page.of("strong")) == len(page.of("code")) == 1


def test_what_a_stranger_wrote_stays_text():
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    page = Read(handout(bad, [Station(bad, [Picture(f"<svg><script>{bad}</script></svg>", bad)], bad, bad),
                              Station("", (), "", "javascript:alert(1)")]))
    assert {tag for tag, _ in page.tags} == {
        "html", "head", "meta", "title", "style", "body", "h1", "section", "h2", "img", "p"}
    assert page.text.count(bad) == 5
    assert {name for _, attributes in page.tags for name in attributes} <= {
        "lang", "charset", "name", "content", "http-equiv", "src", "alt", "class"}


def test_nothing_comes_from_elsewhere():
    page = handout("Title", [Station("One.", [Picture(SVG, "Chart")], "Says.", "https://example.org/")])
    assert re.findall(r"(?:src|href)=\"(?!data:)([^\"]*)\"", page) == ["https://example.org/"]
    assert "default-src 'none'" in page
    assert "url(" not in page


def gradient_at(*moments: int) -> list[ElementTree.Element]:
    frame, drawing = charts.gradient_frame(HISTORY, SCALE), charts.gradient(10, SCALE)
    return [ElementTree.fromstring(svg) for svg in pictures([on_paper(frame, drawing, moment) for moment in moments])]


def line_of(svg: ElementTree.Element, colour: str) -> list[tuple[float, float]]:
    """The corners of the line in that colour."""
    (path,) = [one.get("d") for one in svg.iter("{http://www.w3.org/2000/svg}path")
               if one.get("stroke") == colour and one.get("stroke-width") == "2.5"]
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+),([-\d.]+)", path)]


def test_a_picture_shows_the_moment_that_was_asked_for():
    """The line falls by as many px as the logarithm of the signal does: all moments share their axis."""
    for svg, state in zip(gradient_at(0, len(HISTORY) - 1), (HISTORY[0], HISTORY[-1]), strict=True):
        corners = line_of(svg, BLUE)
        logs = np.log10(state.layers.signal_rms)
        assert len(corners) == len(logs)
        px = np.array([y for _, y in corners])
        scale = 360 / np.diff(np.log10(SCALE.domain))[0]
        assert px[0] - px[-1] == pytest.approx((logs[-1] - logs[0]) * scale, rel=0.02)


def test_text_is_dark_on_white_and_nothing_is_blended():
    (svg,) = gradient_at(0)
    words = list(svg.iter("{http://www.w3.org/2000/svg}text"))
    assert {"signal", "kernel gradient"} <= {"".join(word.itertext()) for word in words}
    assert {word.get("fill") for word in words} == {LINE_INK}
    assert "difference" not in ElementTree.tostring(svg, "unicode")


def test_the_drawing_on_the_screen_stays_as_it_is():
    drawing = charts.gradient(10, SCALE)
    before = repr(drawing.spec)
    on_paper(charts.gradient_frame(HISTORY, SCALE), drawing, 3)
    assert repr(drawing.spec) == before


def test_layer_depth_has_the_colours_of_the_theme():
    config = (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text()
    light = config.partition("[theme.light]")[2]
    assert re.findall(r'"(#\w{6})"', light.partition("chartSequentialColors")[2].partition("]")[0]) == [*DEPTHS]


def test_what_is_no_chart_is_an_error():
    with pytest.raises(ValueError, match="could not be made a picture"):
        pictures([{"mark": 3, "data": {"values": []}}])
