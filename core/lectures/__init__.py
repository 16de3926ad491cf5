"""Lectures as data: a list of stations, each a page with its run and a sentence to say. Each file here is one.

    title = "One unit to one hidden layer"
    minutes = 10

    [[stations]]
    page = "perceptron rule / AND"      # a set-up, or an address: "perceptron?show=rule&rate=0.5"
    say = "One unit learns to draw a line."
    hide = ["verdict"]                  # of HIDES; may be left out, as may `question`

A lecture of one's own travels in the browser's address: its text, compressed (`packed`). Whatever comes from there or
from a file is checked by `read`, and nothing of it is ever run.
"""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

HIDES = ("controls", "verdict", "theory")  # what a page can leave out, so that a hall predicts before it sees
OWN = "~"  # before a packed lecture in a link; without it stands the name of one that comes with the app
MOST_STATIONS, MOST_MINUTES = 20, 600
MOST_PACKED, MOST_BYTES = 16 * 1024, 64 * 1024  # letters in a link, and bytes of the text in it
FOLDER = Path(__file__).parent
LETTERS = {"title": 120, "page": 8000, "say": 300, "question": 80}  # at most


@dataclass(frozen=True)
class Station:
    """A page with its run, the sentence to say, what is hidden (of HIDES), and the name of at most one question.

    page: a set-up ("gradients / Explodes"), a part ("optimizers rates"), a page, or an address
    ("gradients?widths=64x20").
    """

    page: str
    say: str
    hide: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True)
class Lecture:
    """A title, how many minutes it takes, and its stations in order."""

    title: str
    minutes: int
    stations: tuple[Station, ...]


def read(text: str) -> Lecture:
    """The lecture that a TOML text describes.

    Raises:
        ValueError: with a sentence that says what was wrong, what is allowed, and what arrived.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise ValueError(f"A lecture may have {MOST_BYTES} bytes of text. Received: more.")
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"A lecture must be a TOML file. Received one that cannot be read: {error}.") from None
    _only(found, ("title", "minutes", "stations"), "A lecture")
    stations = found.get("stations", [])
    if not isinstance(stations, list) or not all(isinstance(one, dict) for one in stations):
        raise ValueError(f"stations must be tables, each under [[stations]]. Received: {_said(stations)}.")
    if not 1 <= len(stations) <= MOST_STATIONS:
        raise ValueError(f"A lecture must have 1 to {MOST_STATIONS} stations. Received: {len(stations)}.")
    return Lecture(_text(found, "title", "The lecture"), _minutes(found.get("minutes")),
                   tuple(_station(one, f"Station {number}") for number, one in enumerate(stations, 1)))


def _station(found: Mapping[str, Any], where: str) -> Station:
    _only(found, ("page", "say", "hide", "question"), where)
    hide = found.get("hide", [])
    if not isinstance(hide, list) or not all(isinstance(one, str) and one in HIDES for one in hide):
        raise ValueError(f"{where}: hide must be a list of {', '.join(HIDES)}. Received: {_said(hide)}.")
    return Station(_text(found, "page", where), _text(found, "say", where), in_order(hide),
                   _text(found, "question", where) if found.get("question") else "")


def in_order(hide: Sequence[str]) -> tuple[str, ...]:
    """Each of HIDES that is among them, in the order of the table."""
    return tuple(one for one in HIDES if one in hide)


def _only(found: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    unknown = [name for name in found if name not in allowed]
    if unknown:
        raise ValueError(f"{where} may have {', '.join(allowed)}. Received: {_said(unknown[0])}.")


def _text(found: Mapping[str, Any], name: str, where: str) -> str:
    value, most = found.get(name), LETTERS[name]
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise ValueError(f"{where}: {name} must be a text of 1 to {most} printable letters on one line. "
                         f"Received: {_said(value)}.")
    return value.strip()


def _minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_MINUTES:
        raise ValueError(f"minutes must be a whole number from 1 to {MOST_MINUTES}. Received: {_said(value)}.")
    return value


def _said(value: Any) -> str:
    """What arrived, short."""
    try:
        text = "nothing" if value is None else repr(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        text = "a number that is too long to write"
    return text if len(text) <= 60 else f"{text[:57]}…"


def written(lecture: Lecture) -> str:
    """The lecture as a TOML text, which `read` reads."""
    lines = [f"title = {_quoted(lecture.title)}", f"minutes = {lecture.minutes}"]
    for station in lecture.stations:
        lines += ["", "[[stations]]", f"page = {_quoted(station.page)}", f"say = {_quoted(station.say)}"]
        lines += [f"hide = [{', '.join(map(_quoted, station.hide))}]"] if station.hide else []
        lines += [f"question = {_quoted(station.question)}"] if station.question else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # of printable text, TOML's basic string as well


def packed(lecture: Lecture) -> str:
    """The lecture as a link has it: OWN, then its text compressed (zlib), in the letters of base64url.

    Raises:
        ValueError: it is too long for a link.
    """
    text = OWN + base64.urlsafe_b64encode(zlib.compress(written(lecture).encode(), 9)).decode().rstrip("=")
    if len(text) > MOST_PACKED:
        raise ValueError(f"A lecture in a link may have {MOST_PACKED} letters. Received: {len(text)}. Shorten it, or "
                         "keep it as a file.")
    return text


def unpacked(text: str) -> Lecture:
    """The lecture that `packed` made the text of; of a text that unpacks to more than MOST_BYTES only so much is.

    Raises:
        ValueError: with a sentence, as `read`.
    """
    if len(text) > MOST_PACKED:
        raise ValueError(f"A lecture in a link may have {MOST_PACKED} letters. Received: {len(text)}.")
    try:
        body = text.removeprefix(OWN).encode("ascii")
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(base64.b64decode(body + b"=" * (-len(body) % 4), b"-_", validate=True),
                                    MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise ValueError(f"A lecture may have {MOST_BYTES} bytes of text. Received: a link that unpacks to more.")
        if not unpacker.eof or unpacker.unused_data:
            raise zlib.error
        return read(found.decode())
    except (UnicodeError, binascii.Error, zlib.error):
        raise ValueError("A lecture in a link must be as this app has written it. Received one that is damaged: "
                         f"{text[:20]!r}…") from None


# --- those that come with the app ------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, Lecture]:
    """The lectures that come with the app, by the name of their file, in the order of their names."""
    return {path.stem: read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


@lru_cache(maxsize=64)
def asked(text: str) -> Lecture:
    """The lecture that a link asks for: the name of one that comes with the app, or a packed one.

    Raises:
        ValueError: there is none of that name, or what is packed is none.
    """
    if text.startswith(OWN):
        return unpacked(text)
    if text not in shipped():
        raise ValueError(f"lecture must be {', '.join(shipped())}, or one of your own. Received: {_said(text)}.")
    return shipped()[text]
