"""What holds for every drawing: it is valid, has the theme's colours and sizes, and says what it shows to whoever does
not see it. conftest.py asks this of whatever a test draws, so that there is no list of charts.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Iterator
from typing import Any

import altair as alt

from core.charts import hall, theme

COLOURS = set(re.findall(r"#[0-9a-f]{6}", inspect.getsource(theme)))
SIZES = [theme.sized(factor * px) for px in (theme.LABEL, theme.TITLE, theme.STAR) for factor in (1, hall.FACTOR)]
PLACES = ("color", "fill", "stroke", "background")  # where a colour stands
LONGEST = 500  # letters of a text
ROUNDED = 0.005  # of a number: a text has three digits
Spec = dict[str, Any]
Ends = tuple[float, float]


def check(spec: Spec, text: str) -> None:
    alt.Chart.from_dict(spec, validate=True)  # what the play-head needs included
    found = [*look_faults(spec), *text_faults(spec, text)]
    assert not found, "\n".join([f"“{spec.get('title', '')}”, “{text}”", *found])


def views(spec: Spec) -> Iterator[Spec]:
    """The spec itself, or the layers that it is made of."""
    if "layer" not in spec:
        yield spec
    for layer in spec.get("layer", ()):
        yield from views(layer)


# --- colours and sizes ------------------------------------------------------------------------------------------------


def look_faults(spec: Spec) -> Iterator[str]:
    """What the drawing has of its own that belongs into core/charts/theme.py."""
    for key, value in entries(spec):
        if isinstance(value, str):
            yield from (f"{key}: the colour {one} is not the theme's"
                        for one in re.findall(r"#[0-9a-fA-F]{3,8}\b", value) if one not in COLOURS)
        if key.lower().endswith("fontsize") and value not in SIZES:
            yield f"{key}: the size {value} is not the theme's"
        if key.lower().endswith("font"):
            yield f"{key}: the font {value} is not the theme's"
    for colour in colours(spec):
        if not colour.startswith("#") and colour != theme.DEPTH:
            yield f"the colour {colour} is not the theme's"
    for view in views(spec):
        if view["mark"]["type"] == "text" and "size" in {*view["mark"], *view["encoding"]}:
            yield "the size of a text is not the theme's"


def entries(node: Spec) -> Iterator[tuple[str, Any]]:
    """Every key with its value, and with each member of a list."""
    for key, value in node.items():
        for one in value if isinstance(value, list) else [value]:
            yield key, one
            if isinstance(one, dict):
                yield from entries(one)


def colours(node: Spec, inside: bool = False) -> Iterator[str]:
    """Every text that stands where a colour does."""
    for key, value in node.items():
        here = key in PLACES or key.endswith("Color")
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and key != "resolve":  # that says which layers share a scale
                yield from colours(one, inside or here)
            elif isinstance(one, str) and (here or (inside and key in ("value", "range", "scheme"))):
                yield one


# --- words ------------------------------------------------------------------------------------------------------------


def text_faults(spec: Spec, text: str) -> Iterator[str]:
    """What the text does not say: what is shown, of what, and over which range.

    A title is said by one of its words; a name, of a line or in place of a number on an axis, by all of its words; a
    range by a number at each end of it. 0 and 1 at its beginning go without saying: “over 300 steps”, “of 10 layers”.
    """
    if not re.fullmatch(r"[A-Z0-9].*\.", text) or len(text) > LONGEST:
        yield f"alt: no sentence of at most {LONGEST} letters"
    yield from (f"alt: no word of the title “{title}”" for title in titles(spec)
                if not any(says(text, word) for word in words_of(title)))
    yield from (f"alt: “{name}” is not named" for name in names(spec)
                if not all(says(text, word) for word in words_of(name)))
    yield from (f"{channel}: no layer fixes its range" for channel in unfixed(spec))
    numbers = numbers_of(text)
    for low, high in ranges(spec):
        for (first, last), known in ((low, [0.0, 1.0, *numbers]), (high, numbers)):
            slack = ROUNDED * max(abs(first), abs(last))
            if not any(first - slack <= number <= last + slack for number in known):
                yield f"alt: no number where an axis ends, from {first:g} to {last:g}"


def words_of(text: str) -> list[str]:
    """Its words; without short ones, if it has others."""
    found = re.findall(r"\w+", text.lower())
    return [word for word in found if len(word) > 3] or found


def says(text: str, word: str) -> bool:
    """Whether the text has the word, or another form of it."""
    return re.search(rf"\b{re.escape(word[:4])}" + r"\b" * (len(word) < 3), text.lower()) is not None


NUMBER = re.compile(r"(?:(?<=[^\w.])|^)(?:(10)([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|([-−]?\d+(?:\.\d+)?(?:e[-+−]?\d+)?)(\s?%)?)")
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def numbers_of(text: str) -> list[float]:
    """Its numbers: 12, −0.5, 1e-05, 10⁻⁸, 95 %."""
    return [10.0 ** int(power.translate(RAISED)) if ten else float(number.replace("−", "-")) / (100 if share else 1)
            for ten, power, number, share in NUMBER.findall(text)]


def guides(spec: Spec) -> list[tuple[str, Spec, Spec | None]]:
    """x, y and the colours of every layer that has them from the frame, each with the axis or legend that it is read
    off; None where there is none. An axis that one layer leaves out is not drawn.
    """
    found = [(name, channel, channel.get("axis" if name in "xy" else "legend", {}))
             for view in views(spec) for name, channel in view["encoding"].items()
             if name in ("x", "y", "color", "fill") and "field" in channel]
    without = {name for name, _, guide in found if guide is None and name in "xy"}
    return [(name, channel, None if name in without else guide) for name, channel, guide in found]


def labels_of(guide: Spec) -> list[str]:
    """What is shown in place of values, by an expression: [texts][…] (drawing.looked_up) or {value: 'text', …}[…]."""
    found = re.match(r"(\[.*?\])\[|\{(.*)\}", guide.get("labelExpr", ""))
    texts = ast.literal_eval(found[1] or str(re.findall("'([^']*)'", found[2]))) if found else []
    return [text for text in texts if text]


def is_number(label: str) -> bool:
    return re.fullmatch(r"×?[-−]?[\d.⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+(e[-+−]\d+)?", label) is not None


def titles(spec: Spec) -> set[str]:
    found = [spec.get("title"), *((guide or {}).get("title") for *_, guide in guides(spec))]
    return {title for title in found if title}


def names(spec: Spec) -> set[str]:
    """What stands on an axis or in a legend in place of numbers, and what lines and points are told apart by."""
    found = [name for _, channel, guide in guides(spec)
             for name in labels_of(guide or {}) or channel.get("scale", {}).get("domain", ()) if isinstance(name, str)]
    return {" ".join(re.findall(r"[^\W\d]+", name)) for name in found if not is_number(name)} - {""}


def unfixed(spec: Spec) -> set[str]:
    """The axes and legends whose range would follow from the frame."""
    return ({name for name, _, guide in guides(spec) if guide is not None}
            - {name for name, channel, _ in guides(spec) if "domain" in channel.get("scale", {})})


def ranges(spec: Spec) -> set[tuple[Ends, Ends]]:
    """Of every axis and legend with numbers its lower end and its upper one, each from the last number that is shown to
    the end itself; where the labels are other numbers than those of the scale, from there on.
    """
    found = set()
    for _, channel, guide in guides(spec):
        domain, labels = channel.get("scale", {}).get("domain"), labels_of(guide or {})
        if guide is None or domain is None or channel["type"] != "quantitative":
            continue
        shown = [numbers_of(label.lstrip("×"))[0] for label in labels if is_number(label)]
        ticks = shown if labels else guide.get("values", domain)
        if any(min(abs(tick - value) for value in guide["values"]) > 1e-6 * abs(tick) for tick in shown):
            domain = (-math.inf, math.inf)
        if len({*ticks}) > 1:
            found.add(((min(domain), min(ticks)), (max(ticks), max(domain))))
    return found
