"""A hand-out: one HTML page of what was shown, readable offline and on paper. No script, nothing from elsewhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_STYLE = """
body { font: 16px/1.5 "Liberation Sans", Arial, Helvetica, sans-serif; color: #10151d; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 0 0 0.5rem; }
section { margin: 2rem 0; break-inside: avoid; }
img { display: block; max-width: 100%; height: auto; margin: 0.5rem 0; }
.link { font-size: 0.85rem; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } a { color: inherit; } }
"""


class Picture(NamedTuple):
    """A chart as SVG text, and what it shows in words."""

    svg: str
    alt: str


class Station(NamedTuple):
    """A stop of the hand-out: what is said of it, its charts, what the numbers say, and the link that opens it."""

    sentence: str
    pictures: Sequence[Picture] = ()
    verdict: str = ""
    link: str = ""


def handout(title: str, stations: Sequence[Station]) -> str:
    """The stations as one HTML page.

    All texts are escaped; a chart is an image with its SVG inside, in which no script ever runs; a link that is not
    http or https is text.
    """
    body = "\n".join(_section(f"{number}. " if len(stations) > 1 else "", station)
                     for number, station in enumerate(stations, 1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
"""


def _section(number: str, station: Station) -> str:
    lines = [f"<h2>{number}{escape(station.sentence)}</h2>", *map(_image, station.pictures),
             *(f"<p>{_marked(paragraph)}</p>" for paragraph in station.verdict.split("\n\n") if paragraph.strip())]
    if station.link:
        lines.append(f'<p class="link">{_anchor(station.link)}</p>')
    return "\n".join(["<section>", *lines, "</section>"])


def _image(picture: Picture) -> str:
    data = base64.b64encode(picture.svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(picture.alt)}">'


def _anchor(link: str) -> str:
    return f'<a href="{escape(link)}">{escape(link)}</a>' if re.match(r"https?://", link) else escape(link)


def _marked(text: str) -> str:
    """Escaped, with **bold** and `code` as the app's sentences have them."""
    bold = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escape(text))
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", bold)
