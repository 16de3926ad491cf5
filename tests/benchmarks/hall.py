"""A hall of viewers of one link, by the tests' own client: when each has the run, and what the server spends on it."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence

from tests.e2e.conftest import warm
from tests.e2e.server import Server, serve
from tests.e2e.viewer import Viewer, crowd, together

SIZES = (30, 100, 300)
LINK = "gradients?v=1&widths=32x20&activation=tanh&seed={seed}"
OTHER = "activations"


def report(sizes: Sequence[int] = SIZES) -> None:
    with serve() as server:
        warm(server)
        crowd(lambda: _visit(server, LINK.format(seed=0)))
        for number, size in enumerate(sizes, 1):
            crowd(lambda number=number, size=size: _hall(server, size, number))
        print(f"memory of the server {server.memory() / 1e6:.0f} MB", flush=True)


async def _visit(server: Server, link: str) -> None:
    async with Viewer(server.url, link) as viewer:
        await viewer.settled(300)
        await viewer.play()


async def _hall(server: Server, size: int, number: int) -> None:
    """So many open a finished run; then as many press Play on a new one within a second, then one of their own."""
    await _measured(f"{size} open a finished run", server, [LINK.format(seed=0)] * size, _opens)
    await _measured(f"{size} play a new run", server, [LINK.format(seed=number)] * size, _plays)
    if size <= 30:
        own = [LINK.format(seed=1000 * number + seed) for seed in range(size)]
        await _measured(f"{size} with a seed each", server, own, _plays)


async def _measured(what: str, server: Server, links: list[str],
                    act: Callable[[Viewer], Coroutine[None, None, tuple[float, float]]]) -> None:
    viewers = [Viewer(server.url, link) for link in links]
    if act is _plays:
        await asyncio.gather(*(enter(viewer) for viewer in viewers))
    before, began = spent(server), time.monotonic()
    reader = asyncio.create_task(reads(server))
    times = await together(viewers, act)
    taken, cost = time.monotonic() - began, spent(server) - before
    first, whole = (sorted(column) for column in zip(*times, strict=True))
    meanwhile = await reader
    rest = spent(server)
    await asyncio.sleep(3)
    rest = (spent(server) - rest) / 3
    bytes_ = statistics.median(viewer.received for viewer in viewers)
    print(f"{what:<28} first picture 95 % {first[int(0.95 * len(first))]:6.2f} s, all of it {whole[-1]:6.2f} s; "
          f"processor {1000 * cost / len(links):5.0f} ms each, then {rest:4.0%}; {bytes_ / 1e3:4.0f} kB each; "
          f"another page {meanwhile:.2f} s; in all {taken:.1f} s", flush=True)
    await asyncio.gather(*(viewer.__aexit__() for viewer in viewers))
    failures = sorted({failure for viewer in viewers for failure in viewer.failures})
    if failures:
        print("   failures:", failures[:3], flush=True)


async def enter(viewer: Viewer) -> None:
    """Opens the page and waits until it is there."""
    await viewer.__aenter__()
    await viewer.settled(300)


async def _opens(viewer: Viewer) -> tuple[float, float]:
    began = time.monotonic()
    await viewer.__aenter__()
    await viewer.until(lambda: viewer.bar["known"], 300)
    first = time.monotonic() - began
    await viewer.until(lambda: viewer.bar.get("finished"), 300)
    await viewer.settled(300)
    return first, time.monotonic() - began


async def _plays(viewer: Viewer) -> tuple[float, float]:
    began = time.monotonic()
    task = asyncio.create_task(viewer.play())
    await viewer.until(lambda: viewer.bar["known"] > 1 or task.done(), 300)
    first = time.monotonic() - began
    await task
    await viewer.settled(300)
    return first, time.monotonic() - began


async def reads(server: Server) -> float:
    """Seconds until another page is there, which somebody opens half a second later."""
    await asyncio.sleep(0.5)
    began = time.monotonic()
    async with Viewer(server.url, OTHER) as reader:
        await reader.settled(300)
        return time.monotonic() - began


def spent(server: Server) -> float:
    """Seconds of the processor that it has used."""
    times = server.process.cpu_times()
    return times.user + times.system
