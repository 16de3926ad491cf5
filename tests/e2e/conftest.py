"""A server, a browser and a page for the tests that look at the app from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.e2e.server import APPS, ROOT, Server, serve
from tests.e2e.viewer import Viewer, crowd

WIDE, PHONE, SIDEWAYS = (1440, 900), (390, 844), (844, 390)
CHROMIUM_FLAGS = [
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
# What `make test` looks at in a browser, by the test's name, and with which parameters (all, if none are named): that
# every kind of thing works once. `make test-all` has the rest: every page in every window, races, odd links, cold
# starts.
ESSENTIAL: dict[str, tuple[str, ...]] = {
    "test_the_empty_page_shows_its_chart_and_no_error": (),
    "test_complaints_are_kept": (),
    "test_an_error_inside_a_page_is_a_sentence_and_there_is_a_way_back": ("13",),
    "test_a_longer_one_is_refused_at_the_door_and_the_server_goes_on": (),
    "test_a_deep_link_as_the_first_request_opens_its_page_with_its_values": ("gradients",),
    "test_thirty_viewers_of_one_link_have_the_whole_run_of_one_training": (),
    "test_every_chart_moves_and_none_is_rebuilt_between_parts": (),
    "test_a_chart_that_nobody_sees_rests_and_stands_at_the_head_when_it_comes_into_sight": (),
    "test_a_bar_of_the_activations_is_one_standard_deviation_to_either_side": (),
    "test_the_charts_of_every_page_that_plays_move_and_so_do_its_words": ("perceptron show=rule", "backprop"),
    "test_what_only_the_server_can_draw_follows_when_the_head_rests": (),
    "test_the_bar_is_played_by_keyboard_alone": (),
    "test_keys_play_step_and_present": (),
    "test_a_clicker_goes_through_a_lecture": (),
    "test_a_presented_page_fits_the_window_and_fills_it": ("gradients -1280 × 720-light",),
    "test_cures_and_set_ups_play_from_the_beginning": (),
    "test_a_run_stays_hidden_until_it_is_predicted_and_its_charts_are_those_that_were_there": (),
    "test_a_slider_moved_at_rest_shows_the_first_step_of_the_new_run_and_starts_nothing": (),
    "test_the_stage_fits_a_projector": (" -1280",),  # the part that each page opens with
    "test_nothing_is_cut_off_and_axe_finds_nothing_serious": ("gradients-light",),
    "test_it_reads_the_page_and_sets_what_it_is_told_to": (),
    "test_a_phone_follows_page_run_and_play_head_and_may_look_around": (),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in item.nodeid:
            wanted = ESSENTIAL.get(item.originalname)
            if wanted is None or (wanted and not any(one in item.callspec.id for one in wanted)):
                item.add_marker(pytest.mark.nightly)


# At /gradients Streamlit's own page looks for its server below /gradients first, is told that there is none, and finds
# it at the root. Nothing in our hands prevents it: no option and no element reaches that code before it has run.
LOOKS_FOR_ITS_SERVER = re.compile(r"http://[\d.:]+(/lab)?/\w+/_stcore/(health|host-config)")


@pytest.fixture(scope="session")
def app() -> Iterator[Server]:
    """The app with TensorFlow loaded, served once for all tests that do not care who visited before."""
    with serve() as server:
        warm(server)
        yield server


def warm(server: Server) -> None:
    """Waits until TensorFlow has been loaded, as somebody does who reads the first page."""
    async def visit() -> None:
        async with Viewer(server.url) as viewer:
            await viewer.until(lambda: viewer.texts("TensorFlow is ready"), 120)

    crowd(visit)


@pytest.fixture
def cold_app() -> Iterator[Server]:
    """The app on a server of its own that nobody has visited."""
    with serve() as server:
        yield server


@pytest.fixture
def cold_empty_app() -> Iterator[Server]:
    """An empty page with one chart on a server of its own: what first paints are compared with."""
    with serve(APPS / "empty.py") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: `$CHROMIUM`, or what .ci/chromium finds or installs."""
    path = os.environ.get("CHROMIUM")
    if not path:
        found = subprocess.run([ROOT / ".ci/chromium"], capture_output=True, text=True, check=False)
        if found.returncode:
            pytest.fail(found.stderr.strip().splitlines()[-1], pytrace=False)
        path = found.stdout.strip()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Traffic:
    """What has gone through a tab's websockets: the messages it sent, and how many bytes it received."""

    sent: list[bytes] = field(default_factory=list)
    received: int = 0

    def watch(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda data: self.sent.append(data if isinstance(data, bytes) else data.encode()))
        socket.on("framereceived", self._note_received)

    def _note_received(self, data: bytes | str) -> None:
        self.received += len(data)

    def events(self, name: str) -> list[Any]:
        """The values of the events of that name that the player's bar has sent, in order."""
        triggers = [json.loads(widget.json_trigger_value) for data in self.sent
                    for widget in BackMsg.FromString(data).rerun_script.widget_states.widgets
                    if widget.WhichOneof("value") == "json_trigger_value"]
        return [one["value"] for events in triggers for one in events if one["event"] == name]


@dataclass
class Tabs:
    """Opens tabs, each a visitor of its own, and keeps what the browser complained of in any of them."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    traffic: dict[Page, Traffic] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, url: str, size: tuple[int, int] = WIDE, dark: bool = False, settle: bool = True) -> Page:
        """A tab at that address, settled unless told otherwise."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            has_touch=size in (PHONE, SIDEWAYS),
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.contexts.append(context)
        context.set_default_timeout(60_000)  # milliseconds; the machine may be busy with other things
        page = context.new_page()
        self.traffic[page] = Traffic()
        page.on("websocket", self.traffic[page].watch)
        page.on("console", self._note_error)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._note_refusal)
        page.goto(url, wait_until="commit")
        if settle:
            settled(page)
        return page

    def _note_error(self, message: Any) -> None:
        if message.type == "error" and not LOOKS_FOR_ITS_SERVER.fullmatch(message.location["url"]):
            self.complaints.append(message.text)

    def _note_refusal(self, response: Any) -> None:
        if response.status >= 400 and not LOOKS_FOR_ITS_SERVER.fullmatch(response.url):
            self.complaints.append(f"{response.status} for {response.url}")


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Tabs]:
    """Opens a tab: `page = open_tab(app.url + "/gradients?depth=20")`. At the end no tab may have had an error."""
    tabs = Tabs(browser)
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.complaints == []


def settled(page: Page, timeout: float = 60) -> Page:
    """The page once its script has rested for 0.3 s and every chart in view is drawn; timeout in seconds.

    Between the two runs of a script that asks to be run again, Streamlit says for a moment that it has finished.
    """
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid="stApp"]');
            const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
            const rests = app?.dataset.testConnectionState === 'CONNECTED'
                && app.dataset.testScriptState === 'notRunning'
                && document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]')
                && !document.querySelector('[data-testid="stSkeleton"]')
                && charts.every(chart => !chart.checkVisibility() || chart.querySelector('canvas, svg'));
            window.restingSince = rests ? window.restingSince ?? performance.now() : undefined;
            return rests && performance.now() - window.restingSince >= 300;
        }""",
        timeout=timeout * 1000,
    )
    return page


def wait_for(page: Page, condition: Callable[[], Any], timeout: float = 30) -> Any:
    """The first true value of a condition of Python's, asked every 20 ms; timeout in seconds."""
    for _ in range(int(timeout / 0.02)):
        if value := condition():
            return value
        page.wait_for_timeout(20)
    raise TimeoutError(f"not within {timeout} s")
