"""The ways into a room, on pages as visitors get them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.gradients.quiz import QUESTIONS as GRADIENTS
from core.rooms import ROOMS, Rooms, code_of
from pages.ui import rooms as bar
from pages.ui.quizzes import QUESTIONS, asked

OWN = next(iter(GRADIENTS.values()))  # the page's own
KEY, PHONE = "0" * 31 + "1", "a" * 32


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch) -> Rooms:
    """The rooms of a server that answers phones, with none of another test's."""
    fresh = Rooms()
    fresh.served = True
    monkeypatch.setattr(bar, "ROOMS", fresh)
    return fresh


def told(app: AppTest) -> dict[str, Any]:
    """What the bar has been told."""
    (found,) = [one.proto.json for one in app.get("bidi_component") if one.key == "room_bar"]
    return json.loads(found)


def test_who_opens_a_room_is_told_its_key_and_nobody_else_is(visit, rooms):
    app = visit("gradients")
    assert told(app)["lead"] is None
    app.button(key="open_room").click().run()
    lead = told(app)["lead"]
    assert lead["code"] == code_of(lead["key"])
    assert lead["hall"].endswith(f"?room={lead['code']}")
    assert lead["mine"].endswith(f"#lead={lead['key']}")
    assert lead["picture"].startswith("data:image/svg+xml")
    assert rooms.look(lead["code"], PHONE)
    assert "open_room" not in {button.key for button in app.button}
    assert told(visit("gradients"))["lead"] is None


def test_the_pages_own_question_is_told_without_its_answer(visit):
    assert told(visit("gradients"))["quiz"] == {"text": OWN.text, "choices": list(OWN.choices)}
    assert told(visit("questions"))["quiz"] is None


def test_a_code_typed_on_the_start_page_is_joined(visit):
    app = visit("home")
    app.text_input(key="room_code").set_value("kqr 34x").run()
    assert told(app)["join"] == "KQR34X"


def test_a_halls_link_opens_its_page_without_a_complaint(visit):
    app = visit("gradients", room="KQR34X")
    assert not app.warning


def test_where_no_phones_are_answered_no_room_is_offered(visit, rooms):
    rooms.served = False
    app = visit("home")
    assert not {"open_room", "room_code"} & {one.key for one in (*app.button, *app.text_input)}


@pytest.mark.parametrize("page", QUESTIONS)
def test_every_question_can_be_asked_and_revealed(rooms, page):
    one, code = next(iter(QUESTIONS[page].values())), rooms.open(KEY)
    rooms.ask(code, KEY, one.text, one.choices)
    answer = asked(page, next(iter(QUESTIONS[page])))
    rooms.reveal(code, KEY, answer.right[0], answer.because)
    question = rooms.look(code, PHONE)["question"]
    assert ((question["right"],), question["because"]) == (answer.right, answer.because)


def test_the_servers_rooms_are_one():
    from pages import routes

    assert routes.ROOMS is ROOMS
