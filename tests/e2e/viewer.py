"""One browser tab without the browser: a client of Streamlit's own websocket protocol.

It does what Streamlit's frontend (1.67) does with the messages: it holds the tree of elements, sends what a widget is
set to, and reruns a fragment at its `run_every` interval whether or not the last answer has come. Thirty of them fit
into one event loop:

    async with Viewer(server.url, "gradients?depth=20") as viewer:
        await viewer.settled()
        await viewer.play()
        assert viewer.bar["finished"]
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import pandas as pd
import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

Place = tuple[int, ...]
ANY = "*"  # in place of a fragment: what answers to an event is what the page says


@dataclass
class Node:
    """An element at its place on the page, with the run that last sent it."""

    element: Element
    run: str
    fragment: str
    query_key: str = ""

    @property
    def kind(self) -> str:
        return self.element.WhichOneof("type")

    @property
    def proto(self) -> Any:
        """The message of that kind: Button, Slider, Markdown, VegaLiteChart, …"""
        return getattr(self.element, self.kind)


@dataclass
class Viewer:
    """A tab that opens `link` (page and query, as after the host name) when it is entered, and closes when left.

    Attributes:
        nodes: what is on the page, by place.
        query: the parameters in the address bar.
        pages: page_script_hash by the page's path in the address bar.
        ticks: how many automatic reruns were asked for.
        received: how many bytes came.
        failures: messages of the exceptions shown on the page, and of scripts that did not compile.
    """

    url: str
    link: str = ""
    nodes: dict[Place, Node] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    ticks: int = 0
    received: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = urlsplit(self.link)
        self.page = parts.path.strip("/")
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._page_hash = ""
        self._run = ""
        self._blocks: dict[Place, str] = {}
        self._states: dict[str, WidgetState] = {}
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._asked: str | None = None  # the fragment ("" for the page) whose run was asked for and has not finished
        self._awaited = ""  # that run, once it has started
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            address, subprotocols=[Subprotocol("streamlit")], origin=Origin(self.url), max_size=None, open_timeout=60
        )
        self._reader = asyncio.create_task(self._read())
        await self.rerun()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    # What a person does

    async def rerun(self, fragment: str = "", trigger: WidgetState | None = None, automatic: bool = False,
                    answer: str | None = None) -> None:
        """Ask for a run of the script, or of one fragment, with what every widget is set to.

        answer: the fragment whose run is the answer, where it is another one.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string = urlencode(self.query)
        state.widget_states.widgets.extend([*self._states.values(), *([trigger] if trigger else [])])
        state.page_script_hash = self._page_hash
        state.page_name = "" if self._page_hash else self.page
        state.fragment_id = fragment
        state.is_auto_rerun = automatic
        state.context_info.url = f"{self.url}/{self.page}"
        state.context_info.locale, state.context_info.timezone = "en-US", "UTC"
        if not automatic:
            self._asked, self._awaited = fragment if answer is None else answer, ""
        await self._socket.send(message.SerializeToString())

    async def click(self, label: str) -> None:
        """Press the button with that label."""
        node = self.find("button", label)
        await self.rerun(node.fragment, trigger=WidgetState(id=node.proto.id, trigger_value=True))

    async def play(self, timeout: float = 300) -> None:
        """Press Play, and ask for one part of the run after the other, as the player's bar does, to its end."""
        while not self.bar["finished"]:
            answer = self.bar["turn"]
            await self.say("more", self.bar["known"])
            await self.until(lambda answer=answer: self.bar["turn"] != answer, timeout)

    async def say(self, event: str, value: Any, bar: str = "known") -> None:
        """An event of the player's bar, or of another one whose data begin with that name."""
        (node,) = [node for node in self.nodes.values() if _is_bar(node, bar)]
        name = f"$$STREAMLIT_INTERNAL_KEY_{node.proto.id}__events"
        await self.rerun(node.fragment, trigger=WidgetState(
            id=name, json_trigger_value=json.dumps([{"event": event, "value": value}])), answer=ANY)

    async def set(self, kind: str, label: str, value: Any) -> None:
        """Move a slider, number input, checkbox, select box, radio or text input; its parameter in the link follows."""
        node = self.find(kind, label)
        widget = node.proto
        state = WidgetState(id=widget.id)
        if kind == "slider":
            state.double_array_value.data.extend([float(value)])
        elif kind == "number_input":
            state.double_value = float(value)
        elif kind == "checkbox":
            state.bool_value = bool(value)
        else:  # a choice travels as its text
            state.string_value = str(value)
        self._states[widget.id] = state
        if widget.query_param_key:
            self.query[widget.query_param_key] = str(value).lower() if kind == "checkbox" else str(value)
        await self.rerun(node.fragment)

    async def open_page(self, path: str) -> None:
        """Follow the link of that page in the navigation."""
        self._page_hash, self.page, self.query = self.pages[path], path, {}
        await self.rerun()

    # What a person sees

    def find(self, kind: str, label: str) -> Node:
        """The one element of that kind with that label; LookupError says which there are."""
        labels = {path: node.proto.label for path, node in self.nodes.items() if node.kind == kind}
        found = [path for path, text in labels.items() if text == label]
        if len(found) != 1:
            raise LookupError(f"{len(found)} of kind {kind} with label {label!r}; there are {sorted(labels.values())}")
        return self.nodes[found[0]]

    def texts(self, part: str = "") -> list[str]:
        """Every text on the page that contains the part, from top to bottom."""
        bodies = (getattr(self.nodes[path].proto, "body", "") for path in sorted(self.nodes))
        return [body for body in bodies if body and part in body]

    @property
    def bar(self) -> dict[str, Any]:
        """What the player's bar has been told: how many moments are `known`, whether the run is `finished`, …"""
        return next((json.loads(node.proto.json) for node in self.nodes.values() if _is_bar(node)), {"known": 0})

    def charts(self) -> list[pd.DataFrame]:
        """The data of every chart on the page, from top to bottom."""
        protos = [node.proto for _, node in sorted(self.nodes.items()) if node.kind == "vega_lite_chart"]
        sent = [proto.data.data or next((named.data.data for named in proto.datasets), b"") for proto in protos]
        return [pa.ipc.open_stream(data).read_pandas() if data else pd.DataFrame() for data in sent]

    async def until(self, condition: Callable[[], Any], timeout: float = 30) -> Any:
        """The first true value of the condition, asked after every message."""
        async with asyncio.timeout(timeout):
            while not (value := condition()):
                if self._reader.done():
                    self._reader.result()
                    raise ConnectionError("The server closed the connection.")
                self._changed.clear()
                await self._changed.wait()
            return value

    async def settled(self, timeout: float = 30) -> None:
        """Wait until everything asked for, but for automatic reruns, has been answered."""
        await self.until(lambda: self._asked is None, timeout)

    # The protocol

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                self.received += len(data)
                message = ForwardMsg.FromString(data)
                kind = message.WhichOneof("type")
                handle = getattr(self, f"_on_{kind}", None)
                if handle:
                    handle(message)
                self._changed.set()
        finally:
            self._stop_timers()
            self._changed.set()

    def _on_new_session(self, message: ForwardMsg) -> None:
        fragments = message.metadata.run.fragment_ids
        self._run = message.metadata.run.script_run_id
        if not fragments or self._asked in (ANY, *fragments):
            self._awaited = self._run
        if fragments:
            return
        self._stop_timers()
        if self._page_hash != message.new_session.page_script_hash:
            self._page_hash = message.new_session.page_script_hash
            self.nodes.clear()
            self._blocks.clear()

    def _on_navigation(self, message: ForwardMsg) -> None:
        self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        self._page_hash = message.navigation.page_script_hash

    def _on_page_info_changed(self, message: ForwardMsg) -> None:
        self.query = dict(parse_qsl(message.page_info_changed.query_string, keep_blank_values=True))

    def _on_delta(self, message: ForwardMsg) -> None:
        path: Place = tuple(message.metadata.delta_path)
        delta = message.delta
        kind = delta.WhichOneof("type")
        if kind == "new_element":
            self.nodes[path] = Node(delta.new_element, self._run, delta.fragment_id)
            self._notice(self.nodes[path])
        elif kind == "add_block":
            block = delta.add_block.WhichOneof("type") or ""
            if self._blocks.get(path) != block:  # a container of another kind starts empty
                self.nodes = {place: node for place, node in self.nodes.items() if place[: len(path)] != path}
            self.nodes.pop(path, None)
            self._blocks[path] = block

    def _notice(self, node: Node) -> None:
        widget = node.proto
        if node.kind == "exception":
            self.failures.append(f"{widget.type}: {widget.message}")
        elif getattr(widget, "set_value", False):  # the server moved the widget: what we had set is out of date
            self._states.pop(widget.id, None)

    def _on_auto_rerun(self, message: ForwardMsg) -> None:
        fragment, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
        if fragment in self._timers and self._timers[fragment][0] == interval:
            return
        self._stop_timers(fragment)
        self._timers[fragment] = interval, asyncio.create_task(self._tick(fragment, interval))

    def _on_stop_auto_rerun(self, message: ForwardMsg) -> None:
        self._stop_timers(*message.stop_auto_rerun.fragment_ids)

    async def _tick(self, fragment: str, interval: float) -> None:
        due = time.monotonic()
        while True:
            due += interval
            await asyncio.sleep(due - time.monotonic())
            self.ticks += 1
            await self.rerun(fragment, automatic=True)

    def _stop_timers(self, *fragments: str) -> None:
        for fragment in fragments or tuple(self._timers):
            if fragment in self._timers:
                self._timers.pop(fragment)[1].cancel()

    def _on_script_finished(self, message: ForwardMsg) -> None:
        run = message.metadata.run
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.failures.append("the script did not compile")
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:  # another run follows
            return
        self.nodes = {path: node for path, node in self.nodes.items() if not self._is_stale(node, run)}
        shown = {getattr(node.proto, "id", "") for node in self.nodes.values()}
        self._states = {name: state for name, state in self._states.items() if name in shown}
        if run.script_run_id == self._awaited:
            self._asked = None

    @staticmethod
    def _is_stale(node: Node, run: Any) -> bool:
        """Was it there before the run, belongs to what the run drew anew, and was not drawn again?"""
        return node.run != run.script_run_id and (not run.fragment_ids or node.fragment in run.fragment_ids)


def _is_bar(node: Node, begins: str = "known") -> bool:
    return node.kind == "bidi_component" and f'"{begins}"' in node.proto.json[:40]


def crowd(task: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine function to its end in an event loop of its own: Playwright's has the main thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(task())).result()


async def together(viewers: list[Viewer], act: Callable[[Viewer], Awaitable[Any]]) -> list[Any]:
    """The same act by every viewer at the same time; what each returned."""
    return list(await asyncio.gather(*(act(viewer) for viewer in viewers)))
