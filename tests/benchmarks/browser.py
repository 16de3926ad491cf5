"""What a viewer of the app sees and waits for, in Chromium, and how a hall of thirty fares. Everything is printed."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pages.ui.course import LESSONS
from tests.e2e.conftest import CHROMIUM_FLAGS, Tabs, settled, warm
from tests.e2e.laboratory import CHARTS, GRADIENT, HEAT, WITHOUT_CHART, Watch, address, at_rest, finished, player, plays
from tests.e2e.server import APPS, ROOT, Server, serve
from tests.e2e.viewer import Viewer, crowd, together

SECONDS = 6  # for which frames are counted
VIEWERS = 30
ROUNDS = 3


def report() -> None:
    path = os.environ.get("CHROMIUM") or subprocess.check_output([ROOT / ".ci/chromium"], text=True).strip()
    with sync_playwright() as playwright:
        tabs = Tabs(playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS))
        with serve() as server:
            warm(server)
            frames(server, tabs)
            first_frames(server, tabs)
            hall(server)
        first_paints(tabs)


def frames(server: Server, tabs: Tabs) -> None:
    """Distinct pictures a second while it trains, charts rebuilt, and what still comes after Pause."""
    page = tabs(server.url + "/gradients?widths=32x20&activation=tanh&steps=5000&seed=11")
    at_rest(page)
    settled(page)
    player(page, "Train").click()
    plays(page, further_than=1)
    with Watch(page) as watch:
        page.wait_for_timeout(SECONDS * 1000)
        gradient, heat = (len(watch.pictures(chart)) / SECONDS for chart in (GRADIENT, HEAT))
        page.evaluate("addEventListener('pointerdown', event => window.pressed = event.timeStamp, {capture: true})")
        player(page, "Pause").click()
        page.wait_for_timeout(3000)
        clicked = page.evaluate("window.pressed - window.watch.start")
        late = [max([0.0, *(at - clicked for at in watch.pictures(chart))]) / 1000 for chart in (GRADIENT, HEAT)]
        print(f"frames a second: gradient {gradient:.1f}, heat map {heat:.1f}; charts rebuilt: {watch.rebuilt()}; "
              f"last new picture after Pause: gradient {late[0]:.2f} s, heat map {late[1]:.2f} s", flush=True)
    page.context.close()


def first_frames(server: Server, tabs: Tabs) -> None:
    """Seconds from the click on a set-up to its first gradient on the screen, in an architecture not seen before."""
    for label, depth in (("Tanh with Glorot trains", 10), ("Explodes", 20), ("ReLU with He, 50 layers", 50)):
        page = tabs(server.url + "/gradients?widths=5x3")
        at_rest(page)
        settled(page)
        print(f"first gradient of {depth} layers {_after_click(page, label, depth):.2f} s after the click", flush=True)
        page.context.close()


def _after_click(page: Page, label: str, depth: int) -> float:
    return page.evaluate("""([charts, label, depth]) => new Promise(resolve => {
        const start = performance.now();
        [...document.querySelectorAll('.st-key-setups_gradients button')]
            .find(button => button.innerText.trim() === label).click();
        const look = () => {
            const said = document.querySelector(charts)?.getAttribute('aria-label') ?? '';
            if (said.includes(`each of ${depth} hidden layers`)) resolve((performance.now() - start) / 1000);
            else requestAnimationFrame(look);
        };
        look();
    })""", [CHARTS, label, depth])


def first_paints(tabs: Tabs) -> None:
    """Seconds from the address to the first chart, first visit to a fresh server, beside an empty page with one."""
    def paint(script: Path, path: str) -> float:
        with serve(script) as server:
            start = time.perf_counter()
            page = tabs(server.url + path, settle=False)
            page.locator(CHARTS).locator("canvas, svg").first.wait_for()
            taken = time.perf_counter() - start
            page.context.close()
            return taken

    paint(APPS / "empty.py", "/")  # the machine has read Streamlit's files
    for name in [name for name in LESSONS if name not in WITHOUT_CHART]:
        times = [(paint(APPS / "empty.py", "/"), paint(ROOT / "app.py", address(name))) for _ in range(ROUNDS)]
        empty, ours = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"first chart of {name:<16}{ours:6.2f} s, of an empty page {empty:5.2f} s: {ours / empty:.2f}×",
              flush=True)


def hall(server: Server) -> None:
    """Thirty viewers of one link, then thirty with seeds of their own, and a reader of another page meanwhile."""
    async def watch(viewer: Viewer) -> list[float]:
        async with viewer:
            await viewer.settled(300)
            await viewer.train()
            await viewer.until(lambda: finished(viewer), 300)
            return viewer.answer_times()

    async def read() -> float:
        await asyncio.sleep(5)
        start = time.monotonic()
        async with Viewer(server.url, "activations") as reader:
            await reader.settled(300)
            return time.monotonic() - start

    async def everybody(links: list[str]) -> tuple[list[list[float]], float]:
        reader = asyncio.create_task(read())
        return await together([Viewer(server.url, link) for link in links], watch), await reader

    one = "gradients?widths=32x20&activation=tanh&steps=300&seed="
    for what, links in (("one link", [one + "7"] * VIEWERS),
                        ("seeds of their own", [f"{one}{seed}" for seed in range(100, 100 + VIEWERS)])):
        start = time.monotonic()
        answers, reading = crowd(lambda links=links: everybody(links))
        ticks = sorted(seconds for viewer in answers for seconds in viewer)
        in_time = sum(seconds <= 0.5 for seconds in ticks) / len(ticks)
        print(f"{VIEWERS} viewers, {what}: all at the end after {time.monotonic() - start:.0f} s; {in_time:.1%} of "
              f"{len(ticks)} ticks answered within 0.5 s, 95 % within {ticks[int(0.95 * len(ticks))]:.2f} s; "
              f"another page meanwhile in {reading:.2f} s", flush=True)
