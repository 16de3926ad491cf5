"""What tests/drawings.py asks of every drawing: a fault is found when a drawing is made, and what is right passes."""

from __future__ import annotations

import re

import altair as alt
import pytest

from core.charts.drawing import Drawing, base, colour_of, drawing, number_x, titled, y_of
from core.charts.scales import Scale
from core.charts.theme import GREEN, LABEL, SERIES, sized
from tests.drawings import numbers_of

X, Y = Scale(-3.0, 3.0, pad=0.0), Scale(1e-4, 10.0, log=True)
TEXT = f"Line chart, {Y.words}: training loss for weights from −3 to 3."


def drawn(text: str = TEXT, x: alt.X | None = None, colour: object = None, **mark: object) -> Drawing:
    """A drawing of one layer, like those of core/charts."""
    @drawing
    def one():
        chart = base().mark_text(**mark) if mark else base().mark_line()
        chart = chart.encode(x=x or number_x(X, "weight"), y=y_of("y", Y),
                             color=colour or colour_of([SERIES["training"]]))
        return titled(chart, "Loss, logarithmic axis", 300), text

    return one()


def test_what_is_right_passes():
    assert drawn().alt == TEXT
    assert drawn(color=GREEN, fontSize=sized(LABEL), fontWeight="bold").spec["mark"]["fontSize"] == sized(LABEL)


@pytest.mark.parametrize(("wrong", "fault"), [
    ({"color": "#123456"}, "the colour #123456 is not the theme's"),
    ({"fill": "#fff"}, "the colour #fff is not the theme's"),
    ({"stroke": "red"}, "the colour red is not the theme's"),
    ({"colour": alt.value("rgb(1, 2, 3)")}, "the colour rgb(1, 2, 3) is not the theme's"),
    ({"colour": alt.Color("series:N", scale=alt.Scale(domain=["training"], range=["teal"]))}, "the colour teal"),
    ({"colour": alt.Color("series:N", scale=alt.Scale(domain=["training"], scheme="dark2"))}, "the colour dark2"),
    ({"colour": alt.condition("datum.y > 1", alt.value("black"), alt.value(GREEN))}, "the colour black"),
    ({"colour": alt.condition("datum.y > 1", alt.value(GREEN), alt.value("black"))}, "the colour black"),
    ({"fontSize": 11}, "fontSize: the size 11 is not the theme's"),
    ({"size": 11}, "the size of a text is not the theme's"),
    ({"font": "Courier"}, "font: the font Courier is not the theme's"),
    ({"x": alt.X("x:Q", scale=alt.Scale(domain=[-3, 3]), axis=alt.Axis(titleFontSize=9))}, "titleFontSize: the size 9"),
    ({"x": alt.X("x:Q")}, "x: no layer fixes its range"),
    ({"text": ""}, "alt: no sentence"),
    ({"text": TEXT.removesuffix(".")}, "alt: no sentence"),
    ({"text": TEXT.lower()}, "alt: no sentence"),
    ({"text": "A chart. " * 60 + TEXT}, "alt: no sentence of at most"),
    ({"text": TEXT.replace("loss", "line").replace("logarithmic axis", "log")}, "no word of the title “Loss, log"),
    ({"text": TEXT.replace("weights", "numbers")}, "no word of the title “weight”"),
    ({"text": TEXT.replace("training ", "")}, "“training” is not named"),
    ({"text": TEXT.replace("from −3 to", "up to")}, "no number where an axis ends, from -3 to -2"),
    ({"text": TEXT.replace("to 3", "on")}, "no number where an axis ends, from 2 to 3"),
    ({"text": TEXT.replace("10⁻⁴", "low")}, "no number where an axis ends, from 6.3"),
    ({"text": TEXT.replace("10:", "high:")}, "no number where an axis ends, from 10 to"),
], ids=lambda value: value if isinstance(value, str) else None)
def test_a_fault_is_found_when_a_drawing_is_made(wrong, fault):
    with pytest.raises(AssertionError, match=re.escape(fault)):
        drawn(**wrong)


def test_a_drawing_that_vega_lite_does_not_know_is_refused():
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        drawn(x=alt.X("x:Q", scale=alt.Scale(domain=[-3, 3]), axis=alt.Axis(labelOverlap="never")))


def test_numbers_are_read_as_they_are_written():
    text = "12 steps, −0.5 or -2, 1e-05 or 2e−3, from 10⁻⁸ to 10², 95 % of x2 and 1/1000; 3."
    assert numbers_of(text) == [12, -0.5, -2, 1e-5, 2e-3, 1e-8, 100, 0.95, 1, 1000, 3]
