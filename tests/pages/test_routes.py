"""What the server answers beside the pages: to phones, to who leads, and to strangers."""

from __future__ import annotations

import ast
import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from core.rooms import MOST_PHONES, MOST_ROOMS, MOST_WRONG, Rooms, code_of
from pages import routes
from pages.ui.course import LESSONS

ROOT = Path(__file__).parents[2]
KEY, PHONE = "0" * 31 + "1", "a" * 32
CODE = code_of(KEY)
JSON = {"content-type": "application/json"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    read: int  # how many parts of what was posted

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch) -> Rooms:
    """No test finds another one's rooms."""
    fresh = Rooms()
    monkeypatch.setattr(routes, "ROOMS", fresh)
    return fresh


def ask(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """What the routes answer, without a socket: the body is sent as JSON, or as the bytes or parts that it is."""
    parts = body if isinstance(body, list) else [body if isinstance(body, bytes) else json.dumps(body).encode()]
    waiting, sent = list(parts), []

    async def receive() -> dict[str, Any]:
        part = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    at = urlsplit(url)
    scope = {"type": "http", "method": method, "path": at.path, "raw_path": at.path.encode(), "root_path": "",
             "query_string": at.query.encode(), "scheme": "http", "server": ("testserver", 80), "http_version": "1.1",
             "client": ("10.0.0.1", 5000),
             "headers": [(name.encode(), value.encode())
                         for name, value in (JSON if headers is None else headers).items()]}
    asyncio.run(Starlette(routes=routes.routes())(scope, receive, send))
    return Answer(sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]},
                  b"".join(message.get("body", b"") for message in sent[1:]), len(parts) - len(waiting))


def look(known: int | str = "", code: str = CODE, phone: str = PHONE) -> Answer:
    return ask("GET", f"/room/{code}?phone={phone}&known={known}")


def lead(said: Any, code: str = CODE, **more: Any) -> Answer:
    return ask("POST", f"/room/{code}/lead", said, **more)


def test_a_poll_that_finds_nothing_new_has_no_body(rooms):
    rooms.open(KEY)
    first = look()
    assert first.status == 200
    again = look(first.said["version"])
    assert (again.status, again.body) == (204, b"")
    lead({"key": KEY, "address": "losses"})
    assert look(first.said["version"]).said["address"] == "losses"
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"


def test_an_answer_is_in_the_tally_of_who_leads(rooms):
    rooms.open(KEY)
    rooms.ask(CODE, KEY, "Which?", ("one", "other"))
    number = look().said["question"]["number"]
    assert ask("POST", f"/room/{CODE}/answer", {"phone": PHONE, "question": number, "choice": 1}).said["mine"] == 1
    assert lead({"key": KEY}).said["tally"] == [0, 1]


def test_the_lecturers_browser_opens_again_what_a_restart_has_lost():
    assert look().status == 404
    assert lead({"key": KEY, "address": "gradients"}).status == 200
    assert look().said["address"] == "gradients"


@pytest.mark.parametrize(("said", "status", "sentence"), [
    ({"key": "f" * 32, "address": "losses"}, 403, "does not lead this room"),
    ({"address": "losses"}, 403, "does not lead this room"),
    ({"key": KEY, "address": "https://elsewhere.org"}, 400, "address must be a page"),
    ({"key": KEY, "head": 5}, 400, "head must be a JSON object"),
    ({"key": KEY, "head": {"run": {}}}, 400, "head must be run"),
    (b"[1, 2]", 400, "must be a JSON object"),
    (b"{", 400, "must be a JSON object"),
    (b"\xff\xfe", 400, "must be a JSON object"),
    (b"", 400, "must be a JSON object"),
    (b"[" * 39_000, 400, "must be a JSON object"),
    (b'{"key": ' + b"9" * 5000 + b"}", 400, "must be a JSON object"),
])
def test_what_is_wrong_gets_a_sentence_and_changes_nothing(rooms, said, status, sentence):
    rooms.open(KEY)
    before = look().said
    found = lead(said)
    assert (found.status, sentence in found.said["error"]) == (status, True), found
    assert look().said == before


@pytest.mark.parametrize("said", [{}, {"phone": PHONE}, {"phone": PHONE, "question": "x", "choice": {}},
                                  {"phone": [PHONE], "question": 1, "choice": 0}])
def test_an_answer_that_is_none_gets_a_sentence(rooms, said):
    rooms.open(KEY)
    rooms.ask(CODE, KEY, "Which?", ("one", "other"))
    found = ask("POST", f"/room/{CODE}/answer", said)
    assert found.status == 400
    assert found.said["error"].endswith(("Received: something else.", "Received: one to another question."))
    assert lead({"key": KEY}).said["tally"] == [0, 0]


def test_a_giant_body_is_not_read_to_its_end(rooms):
    rooms.open(KEY)
    found = lead([b"x" * 10_000] * 1000)
    assert found.status == 413
    assert "40000 bytes" in found.said["error"]
    assert found.read <= 5


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_page_from_elsewhere_can_post_nothing(rooms, kind):
    """A browser sends these kinds to another site without asking it; of JSON it asks first, and is told nothing."""
    rooms.open(KEY)
    assert lead({"key": KEY, "address": "losses"}, headers={"content-type": kind}).status == 400
    asked = ask("OPTIONS", f"/room/{CODE}/lead", headers={"origin": "https://elsewhere.org"})
    assert asked.status == 405
    assert not [name for name in (*asked.headers, *look().headers) if name.startswith("access-control")]


@pytest.mark.parametrize(("way", "method"), [("", "POST"), ("/answer", "GET"), ("/lead", "GET"), ("/lead", "DELETE")])
def test_there_is_no_other_way_in(way, method):
    assert ask(method, f"/room/{CODE}{way}", {}).status == 405


def test_too_many_wrong_codes_are_refused_and_a_full_room_says_so(rooms):
    rooms.open(KEY)
    for number in range(MOST_PHONES):
        rooms.look(CODE, f"{number:032x}")
    assert look().status == 503
    assert [look(code=f"X{number:05}").status for number in range(MOST_WRONG + 1)] == [404] * MOST_WRONG + [429]
    assert look(phone=f"{0:032x}").status == 200


def test_the_fifty_first_room_is_a_sentence(rooms, monkeypatch):
    monkeypatch.setattr("core.rooms.code_of", lambda key: key[-6:])
    for number in range(MOST_ROOMS):
        rooms.open(f"{number:032x}")
    found = lead({"key": f"{MOST_ROOMS:032x}"}, code=f"{MOST_ROOMS:06x}")
    assert found.status == 503
    assert "50 rooms" in found.said["error"]


@pytest.mark.parametrize("known", ["x", "-1", "1e3", "9" * 40, "%00", ""])
def test_a_version_that_is_none_is_as_none(rooms, known):
    rooms.open(KEY)
    assert look(known).status == 200


def test_below_a_base_path_the_routes_are_there_too(monkeypatch, rooms):
    rooms.open(KEY)
    get = config.get_option
    monkeypatch.setattr(routes, "get_option", lambda name: "/lab/" if name == "server.baseUrlPath" else get(name))
    assert ask("GET", f"/lab/room/{CODE}?phone={PHONE}").status == 200
    assert look().status == 404


# --- app.py is both: what the server imports, and what runs for every viewer ------------------------------------------


def test_streamlit_finds_the_server_in_app_py():
    found = discover_asgi_app(ROOT / "app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "app:app")


def test_no_script_run_makes_a_server_and_the_server_draws_nothing():
    """The pages' components are registered with a server that is there; importing them before it would lose them."""
    (choice,) = [node for node in ast.parse((ROOT / "app.py").read_text()).body if isinstance(node, ast.If)]
    served, drawn = ("\n".join(map(ast.unparse, part)) for part in (choice.body, choice.orelse))
    assert ast.unparse(choice.test) == "__name__ != '__main__'"
    assert "st.App" in served
    assert "pages.ui" not in served
    assert "ui" not in served.replace("routes", "")
    assert "st.App" not in drawn


def test_app_py_runs_as_a_script_without_the_routes():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    assert not app.exception
    assert [header.value for header in app.header] == [LESSONS["home"].question]
    assert "open_room" not in {button.key for button in app.button}
