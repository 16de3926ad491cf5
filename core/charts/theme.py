"""The one place from which charts take colours, sizes and shapes; a test holds it to the app's theme.

What depends on light or dark (background, text of axes, grid, the colours of layer depth) is left out of the charts:
Streamlit's theme sets it where the chart is drawn. What a chart names itself has to be seen on both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BLUE, AMBER, GREEN, MAGENTA, TEAL, RUST = CATEGORIES = (
    "#6274d4", "#c3800e", "#207a62", "#f03081", "#299ca9", "#a9542c")
NEUTRAL = "#7d8594"  # theory, reference lines, leaders: 3 : 1 and more on every background
DEPTH = "heatmap"  # Vega's name for the range of colours that the theme sets: layer depth, and sizes in a heat map
# Text on the plot: white, inverted by what is behind it, so black on white and nearly white on the dark background.
INK, INK_BLEND = "#ffffff", "difference"

# Grounds, which are the same in light and dark, and what stands on them.
# Blue for class 0 and negative numbers, amber for class 1 and positive ones, nearly white between them; told apart with
# every kind of colour vision.
FIELD = ("#8495e6", "#f5f5f7", "#eab25e")
INKS = ("#26318a", "#774300")  # of the points of two classes, on both halves of the field
EDGE, LINE_INK = "#ffffff", "#1f2430"  # around points, and of lines on the field
SHARES = ("#232a4d", "#7585dd", "#f6d27a")  # of numbers that are not negative, seen on light and dark: navy to sand
LIGHT, DARK = "#e6e9fa", "#10151d"  # units and what is behind numbers, and what is written on them

EDGE_COLOURS = {"zero": NEUTRAL, "infinite": MAGENTA, "nan": RUST}  # cells of a heat map that have no size

LINE, THIN = 2.5, 1.5  # px
POINT, SMALL_POINT = 55, 22  # px²
LABEL, TITLE, STAR = 15, 16, 20  # px
WIDE = 1600  # px of a window from which texts and lines are larger: a projector's, seen from the last row
LARGER = 1.2  # times
ROW = 19  # px from one direct label to the next
PALE = 0.45  # opacity of an earlier run


def sized(px: float) -> dict[str, str]:
    """A size in px, as the Vega expression that makes it larger in a wide window."""
    return {"expr": f"windowSize()[0] < {WIDE} ? {px:g} : {LARGER * px:g}"}


# In an expression: by what sizes are larger than in a small window, and whether a hall looks (core.charts.hall).
TIMES = f"({sized(1)['expr']})"
IN_A_HALL = f"({TIMES} > {1.1 * LARGER:g})"

_LABEL, _TITLE = sized(LABEL), sized(TITLE)

_INKED = {"blend": INK_BLEND}
CONFIG = {
    "axis": {"labelFontSize": _LABEL, "titleFontSize": _LABEL, "labelPadding": 6, "titlePadding": 8,
             "labelColor": INK, "titleColor": INK},
    "legend": {"labelFontSize": _LABEL, "titleFontSize": _LABEL, "labelColor": INK, "titleColor": INK},
    "title": {"fontSize": _TITLE, "fontWeight": "normal", "color": INK, "offset": 10},
    "style": {"guide-label": _INKED, "guide-title": _INKED, "group-title": _INKED},
    "text": {"fontSize": _LABEL, "color": INK, "blend": INK_BLEND, "baseline": "middle"},
    "mark": {"aria": False},  # a chart has one `alt` and a table; 3 000 announced rectangles help nobody
}


@dataclass(frozen=True)
class Series:
    """One meaning, drawn the same way on every chart."""

    label: str
    colour: str
    shape: str = "circle"
    dash: tuple[int, ...] = (1, 0)
    width: float = LINE


SERIES = {series.label: series for series in (
    Series("signal", BLUE),
    Series("kernel gradient", AMBER, "square"),
    Series("theory", NEUTRAL, dash=(6, 4), width=THIN),
    Series("training", GREEN),
    Series("validation", MAGENTA, "diamond"),
    Series("mean ± std", TEAL),
    Series("saturated", RUST, "square"),
    Series("dead", MAGENTA, "triangle-up"),
    Series("update ratio", TEAL, "diamond"),
    Series("sample", BLUE),
    Series("without it", NEUTRAL, dash=(6, 4), width=THIN),
    Series("rule of thumb", NEUTRAL, dash=(2, 3), width=THIN),
)}

_SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
_DASHES = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3))


def alternatives(labels: Sequence[str], among: Sequence[str] = ()) -> tuple[Series, ...]:
    """Named alternatives in the order of their table: six colours and shapes, then the same again with other dashes.

    `among` is the table when only some of its labels are shown: a name keeps its colour whatever stands beside it.
    """
    order = list(among or labels)
    return tuple(Series(label, CATEGORIES[i % 6], _SHAPES[i % 6], _DASHES[i // 6 % 4])
                 for label in labels for i in (order.index(label),))
