"""A page's prose: a Markdown file beside the page, split at its `##` headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import link
from pages.ui.course import PAGES_FOLDER
from pages.ui.on_stage import stage

_FOLDER = Path(__file__).parent / "player"
_moment = st.components.v2.component("moment", html='<div class="moment"><div class="room" aria-hidden="true"></div>'
                                     '<div class="now" aria-live="off"></div></div>',
                                     css=(_FOLDER / "moment.css").read_text(encoding="utf-8"),
                                     js=(_FOLDER / "moment.js").read_text(encoding="utf-8"))
BADGE, WORDS = ("word", "icon", "colour", "rule"), ("says", "more")
VERDICT = "verdict"  # the key of what is said of the main charts
WAITING = {"says": "The first measurement comes with TensorFlow.", "word": "Waiting", "icon": "hourglass_top",
           "colour": "gray"}


@cache
def sections(page: str) -> dict[str, str]:
    """The text under each `## heading` of pages/<page>.md, in order; what stands before the first has the key ""."""
    text = (PAGES_FOLDER / f"{page}.md").read_text(encoding="utf-8")
    first, *rest = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    return {"": first.strip()} | {head: body.strip() for head, body in zip(rest[::2], rest[1::2], strict=True)}


def pointed_at(text: str, position: int, what: str) -> None:
    """What somebody typed, with a mark under the character that is meant, counted from 1, and what is to be said."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    if line.strip():
        st.code(f"{line}\n{' ' * (position - 1)}^", language=None)
    st.markdown(what[:1].upper() + what[1:])


def escaped(text: str) -> str:
    """A text that somebody wrote, as Markdown that shows it letter by letter."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def as_typed(text: str, most: int = 60) -> str:
    """The same in one line that is no longer than that, without what cannot be printed."""
    line = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return escaped(line if len(line) <= most else line[:most - 3] + "...")


_BADGE = re.compile(r":(\w+)-badge\[:material/(\w+): \*\*(.+?)\*\*\] ?")


def _badged(text: str) -> dict[str, str]:
    """A text as `running_text` takes it: the badge that it begins with, if so, its first line, and what follows."""
    found = _BADGE.match(text)
    badge = dict(zip(("colour", "icon", "word"), found.groups(), strict=True)) if found else {}
    says, _, more = text[found.end() if found else 0:].partition("  \n")
    return badge | {"says": says} | ({"more": more.replace("  \n", "\n\n")} if more else {})


def _numbered(things: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[int]]:
    """Each of the different ones once, and for all of them which one it is."""
    places: dict[str, int] = {}
    different, which = [], []
    for one in things:
        place = places.setdefault(repr(one), len(different))
        if place == len(different):
            different.append(one)
        which.append(place)
    return different, which


def running_text(texts: Sequence[str | Mapping[str, str]], key: str = VERDICT) -> None:
    """What is to be seen at each moment, in words and numbers: the browser shows that of the play-head's.

    texts: one for each moment; a line with a badge is a mapping of `says`, `word`, `icon`, `colour`, `rule` and `more`,
    what is shown on demand.
    """
    assert not isinstance(texts, str)
    if link.current().look.hides("verdict"):
        return
    if key == VERDICT:
        stage().says = partial(_in_paragraphs, texts)
    with st.container(key=key, gap="xxsmall"):
        _moment(key=f"moment_{key}", data=texts.data if isinstance(texts, Texts) else Texts(texts).data)


def _in_paragraphs(texts: Sequence[str | Mapping[str, str]], moment: int) -> str:
    """What is said of a moment, the word of its badge first, with what is shown on demand; empty where nothing is."""
    if not texts:
        return ""
    text = texts[min(moment, len(texts) - 1)]
    found = _badged(text) if isinstance(text, str) else text
    says = f"**{found['word']}.** {found['says']}" if found.get("word") else found["says"]
    return "\n\n".join(part for part in (says, found.get("more")) if part)


class Texts(list[str | Mapping[str, str]]):
    """Texts of moments that are kept for all viewers, with what the browser is told of them."""

    @cached_property
    def data(self) -> dict[str, Any]:
        each = [_badged(one) if isinstance(one, str) else dict(one) for one in self] or [WAITING]
        badges, badge_of = _numbered({name: one.get(name) for name in BADGE} for one in each)
        texts, at = _numbered({name: one.get(name) for name in WORDS} | {"badge": badge}
                              for one, badge in zip(each, badge_of, strict=True))
        return {"badges": badges, "texts": texts, "at": at}
