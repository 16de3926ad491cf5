"""Charts as a hall sees them: text of 22 px and more, and all that goes with it, from the spec of the usual chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.charts.drawing import Drawing
from core.charts.theme import LABEL, WIDE, sized

LEAST = 22  # px of text that is read from the last row
FACTOR = 1.5  # of all sizes: of a LABEL, 22.5 px, and in a wide window 27 px
assert FACTOR * LABEL >= LEAST
# What is a length in px, wherever it stands in a spec, and what an area. Those of a chart as a whole are the window's.
LENGTHS = {"fontSize", "labelFontSize", "titleFontSize", "labelPadding", "titlePadding", "labelLimit", "titleLimit",
           "labelOffset", "tickSize", "strokeWidth", "thickness", "dx", "dy", "xOffset", "x2Offset", "yOffset",
           "y2Offset", "offset", "minExtent", "maxExtent", "limit", "cornerRadius"}
AREAS = {"size"}
CHANNELS = {"x", "x2", "y", "y2", "strokeWidth", "size"}  # whose `value` is in px
_SIZED = re.compile(rf"windowSize\(\)\[0\] < {WIDE} \? ([\d.]+) : ([\d.]+)")


@lru_cache(maxsize=256)
def for_a_hall(drawing: Drawing) -> Drawing:
    """The same chart with all that has a size in px FACTOR times as large; it takes the place that it is given."""
    return Drawing(_larger(drawing.spec, "", area=False), drawing.alt)


def _larger(part: Any, name: str, area: bool) -> Any:
    """One part of a spec, by the name under which it stands; area: whether its expressions are areas."""
    if isinstance(part, Mapping):
        if name in CHANNELS and isinstance(part.get("value"), int | float):
            return {**part, "value": _sized(part["value"], name in AREAS)}
        ticks = part.get("type") == "tick"  # the size of a tick is its length
        return {key: _larger(value, "tickSize" if ticks and key in AREAS else key, area or (key in AREAS and not ticks))
                for key, value in part.items()}
    if isinstance(part, list):
        return [FACTOR * one for one in part] if name == "strokeDash" else [_larger(one, name, area) for one in part]
    if isinstance(part, str):
        factor = FACTOR**2 if area and _SIZED.fullmatch(part) else FACTOR
        return _SIZED.sub(lambda found: f"windowSize()[0] < {WIDE} ? {float(found[1]) * factor:g}"
                                        f" : {float(found[2]) * factor:g}", part)
    if isinstance(part, int | float) and not isinstance(part, bool) and name in LENGTHS | AREAS:
        return _sized(part, name in AREAS)
    return part


def _sized(px: float, area: bool) -> dict[str, str]:
    return sized(px * (FACTOR**2 if area else FACTOR))
