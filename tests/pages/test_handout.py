"""What people take home of a page: a hand-out of what is on its stage, at the step at which the head rests."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st

from pages.ui.course import LESSONS
from pages.ui.on_stage import Stage
from tests.pages.reading import moments, named, parts, rest, texts, viewer
from tests.tiers import only_nightly

PARTS = [(page, part) for page, part in parts() if page not in ("home", "questions", "own_network")]


@pytest.fixture
def offered(monkeypatch) -> dict[str, Callable[[], str]]:
    """What the page offers for download, by its label."""
    files: dict[str, Callable[[], str]] = {}
    monkeypatch.setattr(st, "download_button", lambda label, write, *args, **options: files.update({label: write}))
    return files


def written(offered: dict[str, Callable[[], str]]) -> str:
    """As the server writes it: in a thread that knows of no session."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(offered["Hand-out of this page"]).result()


def charts(page: str) -> list[str]:
    return [base64.b64decode(data).decode() for data in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]


def test_it_has_the_question_the_chart_the_verdict_and_the_link_of_the_step(visit, offered):
    app = rest(visit("gradients"), -1)
    page = written(offered)
    assert LESSONS["gradients"].question in page
    (svg,) = charts(page)
    assert "kernel gradient" in svg
    assert "<strong>Vanishing.</strong>" in page
    assert "850\N{NARROW NO-BREAK SPACE}000" in page
    assert "850" in moments(app)[-1]
    assert "step=300" in page
    first = rest(app, 0)
    assert viewer(first).at == 0
    assert charts(written(offered)) != [svg]


@pytest.mark.parametrize(("page", "part"), only_nightly(PARTS, but=PARTS[::6]), ids=named)
def test_every_part_can_be_taken_home(visit, offered, page, part):
    app = visit(page, **part)
    texts(app)
    stage = app.session_state["on_stage"]
    assert isinstance(stage, Stage)
    found = charts(written(offered))
    assert len(found) == len(stage.charts) <= len(app.get("vega_lite_chart"))
    assert all(svg.startswith("<svg") for svg in found)


def test_another_page_takes_nothing_of_the_one_before(visit, offered):
    app = visit("gradients")
    app.switch_page("pages/backprop.py").run()
    assert list(app.session_state["on_stage"].charts) == ["net"]
