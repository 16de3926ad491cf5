"""A hall in one room: phones that ask once a second, follow a change of station, and answer; and what it costs.

A phone is what room.js is: plain requests to the room's routes, and a websocket for the page, as a tab has it. What is
shown is when the phone has the whole of it.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.rooms import code_of, new_key
from tests.benchmarks.hall import reads, spent
from tests.e2e.conftest import warm
from tests.e2e.server import Server, serve
from tests.e2e.viewer import Viewer, crowd

SIZES = (30, 100, 300)
FIRST, SECOND = "losses", "gradients?v=1&widths=32x20&activation=tanh&seed={seed}"
EVERY, POLLS = 1.0, 10  # s between two polls, as in room.js; polls of each phone that are timed
PROMPT = 0.5  # s


class Line:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, server: Server) -> None:
        self._at = urlsplit(server.url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, said: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer; with `said`, it is posted. One that rested too long is made anew."""
        try:
            return await self._ask(path, said)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._ask(path, said)

    async def _ask(self, path: str, said: Any) -> tuple[int, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._at.hostname, self._at.port)
        reader, writer = self._streams
        body = b"" if said is None else json.dumps(said).encode()
        posted = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        writer.write(f"{'POST' if body else 'GET'} /room/{path} HTTP/1.1\r\nHost: {self._at.netloc}\r\n{posted}\r\n"
                     .encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next((int(line.partition(":")[2]) for line in head.split("\r\n")
                       if line.startswith("content-length")), 0)
        found = await reader.readexactly(length)
        return int(head.split()[1]), json.loads(found) if found else None

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


class Phone:
    """One phone: it polls from a moment of its own, opens what its lecturer opens, and answers when it is asked."""

    def __init__(self, server: Server, code: str, number: int) -> None:
        self.code, self.name = code, f"{number:032x}"
        self.line, self.tab = Line(server), Viewer(server.url, FIRST)
        self.waits: list[float] = []
        self.told: dict[str, Any] = {}
        self.opened = 0.0  # when the second station was there
        self.answered = 0.0

    async def live(self, until: asyncio.Event) -> None:
        await asyncio.sleep(random.random() * EVERY)
        opening = None
        while not until.is_set():
            began = time.monotonic()
            known = f"&known={self.told['version']}" if self.told else ""
            status, told = await self.line.ask(f"{self.code}?phone={self.name}{known}")
            self.waits.append(time.monotonic() - began)
            if status == 200:
                self.told = told
            if self.told.get("address", FIRST) not in (FIRST, None) and opening is None:
                opening = asyncio.create_task(self._open(self.told["address"]))
            question = self.told.get("question")
            if question and "mine" not in self.told:
                _, self.told = await self.line.ask(f"{self.code}/answer", {
                    "phone": self.name, "question": question["number"], "choice": random.randrange(3)})
                self.answered = time.monotonic()
            await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))
        if opening:
            await opening

    async def _open(self, address: str) -> None:
        """As room.js does: the page that the address names, in one run of the script."""
        page, _, query = address.partition("?")
        self.tab._page_hash, self.tab.page, self.tab.query = self.tab.pages[page], page, dict(parse_qsl(query))
        await self.tab.rerun()
        await self.tab.until(lambda: self.tab.bar.get("page") == page and self.tab.bar["known"], 300)
        self.opened = time.monotonic()


def report(sizes: Sequence[int] = SIZES) -> None:
    with serve() as server:
        warm(server)
        for number, size in enumerate(sizes, 1):
            crowd(lambda number=number, size=size: _hall(server, size, number))


async def _hall(server: Server, size: int, number: int) -> None:
    """So many phones at one station, then polls alone, then the next station, then a question."""
    key, leader = new_key(), Line(server)
    code, station = code_of(key), SECOND.format(seed=number)
    await leader.ask(f"{code}/lead", {"key": key, "address": FIRST})
    async with Viewer(server.url, station) as lecturer:
        await lecturer.settled(300)
        await lecturer.play()
        await lecturer.say("said", {"what": "lead", "key": key}, bar="parameter")
        await lecturer.settled(300)
        phones = [Phone(server, code, one) for one in range(size)]
        await asyncio.gather(*(phone.tab.__aenter__() for phone in phones))
        await asyncio.gather(*(phone.tab.settled(300) for phone in phones))
        over = asyncio.Event()
        lives = [asyncio.create_task(phone.live(over)) for phone in phones]
        await asyncio.sleep(2)
        for phone in phones:
            phone.waits.clear()
        before = spent(server)
        await asyncio.sleep(POLLS * EVERY)
        cost = (spent(server) - before) / (POLLS * EVERY)
        waits = sorted(wait for phone in phones for wait in phone.waits)
        before, began = spent(server), time.monotonic()
        await leader.ask(f"{code}/lead", {"key": key, "address": station})
        reader = asyncio.create_task(reads(server))
        while not all(phone.opened for phone in phones) and time.monotonic() - began < 120:
            await asyncio.sleep(0.05)
        seen = sorted(phone.opened - began for phone in phones)
        during = sorted(wait for phone in phones for wait in phone.waits[POLLS:])
        meanwhile, page = await reader, (spent(server) - before) / size
        asked = time.monotonic()
        await lecturer.say("said", {"what": "ask", "page": "gradients"}, bar="parameter")
        tally = 0
        while tally < size and time.monotonic() - asked < 60:
            _, told = await leader.ask(f"{code}/lead", {"key": key})
            tally = sum(told.get("tally", []))
            await asyncio.sleep(0.05)
        complete = time.monotonic() - asked
        over.set()
        await asyncio.gather(*lives)
        await asyncio.gather(*(phone.tab.__aexit__() for phone in phones))
        for phone in phones:
            phone.line.close()
    leader.close()
    print(f"{size:>4} phones: {len(waits)} polls, {_share(waits):.1%} within {PROMPT} s, 95 % within "
          f"{1000 * _most(waits):.0f} ms, {cost:.0%} of a core; station seen by 95 % within {_most(seen):.2f} s, by "
          f"all {seen[-1]:.2f} s, processor {1000 * page:.0f} ms each, polls meanwhile {_share(during):.1%} within "
          f"{PROMPT} s, another page {meanwhile:.2f} s; tally of {tally} complete after {complete:.2f} s; "
          f"memory {server.memory() / 1e6:.0f} MB", flush=True)


def _share(waits: Sequence[float]) -> float:
    return sum(wait <= PROMPT for wait in waits) / len(waits) if waits else float("nan")


def _most(times: Sequence[float]) -> float:
    return times[min(int(0.95 * len(times)), len(times) - 1)]
