"""What a viewer of the app sees and waits for, in Chromium, and what a hall of them costs. Everything is printed."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pages.ui.course import LESSONS
from tests.benchmarks import hall
from tests.e2e.conftest import CHROMIUM_FLAGS, PHONE, Tabs, settled, warm
from tests.e2e.laboratory import (
    BAR,
    CHARTS,
    GRADIENT,
    WITHOUT_CHART,
    Watch,
    address,
    at_rest,
    ended,
    opened,
    player,
    scrubber,
    setup,
    slider,
)
from tests.e2e.server import APPS, ROOT, Server, serve
from tests.e2e.viewer import Viewer, crowd, together

SCREEN, TALL = (1280, 720), (1280, 2700)  # a projector; high enough for all charts of Gradients
RUN = "/gradients?v=1&widths=32x{depth}&activation=tanh&seed={seed}"
VIEWERS = 100
ROUNDS = 3


def report() -> None:
    path = os.environ.get("CHROMIUM") or subprocess.check_output([ROOT / ".ci/chromium"], text=True).strip()
    with sync_playwright() as playwright:
        tabs = Tabs(playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS))
        with serve() as server:
            warm(server)
            for depth in (20, 50):
                pictures(server, tabs, depth, SCREEN)
                pictures(server, tabs, depth, TALL)
                pictures(server, tabs, depth, PHONE, slower=4)
            scrubbing(server, tabs)
            first_pictures(server, tabs)
            size_of_a_run(server, tabs)
            playing(server)
        first_paints(tabs)
    hall.report()


@contextmanager
def visit(tabs: Tabs, url: str, size: tuple[int, int] = SCREEN) -> Iterator[Page]:
    page = opened(tabs, url, size)
    yield page
    page.context.close()


def pictures(server: Server, tabs: Tabs, depth: int, size: tuple[int, int], slower: int = 1) -> None:
    """Pictures a second of the charts in sight while a run of 221 moments is played, and charts rebuilt meanwhile."""
    with visit(tabs, server.url + RUN.format(depth=depth, seed=11), size) as page:
        ended(page)
        seen = page.evaluate("""([charts, bar]) => {
            const foot = document.querySelector(bar).getBoundingClientRect().top;
            return [...document.querySelectorAll(charts)].flatMap((chart, i) => {
                const {top, bottom} = chart.getBoundingClientRect();
                return Math.min(bottom, foot) - top > (bottom - top) / 2 ? [i] : [];
            });
        }""", [CHARTS, BAR])
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        rates = []
        for speed in ("1", "4"):
            page.locator(BAR).get_by_role("combobox", name="Speed").select_option(speed)
            with Watch(page, exactly=False) as watch:
                player(page, "Play").click()
                player(page, "Pause").wait_for()
                at_rest(page)
                times = [watch.pictures(chart) for chart in seen]
                rates.append(min((len(one) - 1) / (one[-1] - one[0]) * 1000 for one in times))
                rebuilt = watch.rebuilt()
        print(f"{depth} layers, {size[0]} × {size[1]}, processor 1/{slower}, {len(seen)} of "
              f"{page.locator(CHARTS).count()} charts in sight: {rates[0]:.1f} pictures a second, at speed 4 "
              f"{rates[1]:.1f}; charts rebuilt: {rebuilt}", flush=True)


def scrubbing(server: Server, tabs: Tabs) -> None:
    """Milliseconds from a move of the scrubber under the mouse to the frame with another picture on the screen."""
    for depth in (20, 50):
        with visit(tabs, server.url + RUN.format(depth=depth, seed=11)) as page:
            ended(page)
            page.evaluate("""chart => {
                window.waits = [];
                let moved = null;
                document.addEventListener('input', event => { moved ??= event.timeStamp; }, {capture: true});
                new MutationObserver(() => {
                    if (moved === null) return;
                    const since = moved, painted = new MessageChannel();
                    moved = null;
                    painted.port1.onmessage = () => window.waits.push(performance.now() - since);
                    requestAnimationFrame(() => painted.port2.postMessage(''));
                }).observe(chart, {subtree: true, attributes: true, childList: true, characterData: true});
            }""", page.locator(CHARTS).nth(GRADIENT).element_handle())
            box = scrubber(page).bounding_box()
            height = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + box["width"] - 8, height)
            page.mouse.down()
            for move in range(100):
                page.mouse.move(box["x"] + box["width"] * (0.95 - 0.009 * move), height)
                page.wait_for_timeout(60)
            page.mouse.up()
            waits = sorted(page.evaluate("window.waits"))
            print(f"scrubbing {depth} layers, input to paint: median {statistics.median(waits):.0f} ms, 95 % within "
                  f"{waits[int(0.95 * len(waits))]:.0f} ms ({len(waits)} moves)", flush=True)


def first_pictures(server: Server, tabs: Tabs) -> None:
    """Seconds from the click on a set-up, and from a key on the slider for the depth, to the gradient at step 0."""
    for label, depth in (("Tanh with Glorot trains", 10), ("Explodes", 20), ("ReLU with He, 50 layers", 50)):
        clicks, keys = [], []
        for seed in range(ROUNDS):
            with visit(tabs, server.url + "/gradients?widths=5x3") as page:
                clicks.append(_until_drawn(page, depth, "click", setup(page, label).click))
            with visit(tabs, server.url + RUN.format(depth=depth - 1, seed=seed)) as page:
                press = partial(slider(page, "gradients_depth").press, "ArrowRight")
                keys.append(_until_drawn(page, depth, "keydown", press))
        print(f"first picture of {depth} layers: {clicks[0]:.2f} s after the click on a set-up, again "
              f"{statistics.median(clicks[1:]):.2f} s; {statistics.median(keys):.2f} s after a key on the slider",
              flush=True)


def _until_drawn(page: Page, depth: int, event: str, act: Callable[[], None]) -> float:
    """Seconds from that event, which `act` brings about, to a gradient chart of so many layers."""
    page.evaluate("""([charts, depth, event]) => {
        const there = () => document.querySelector(charts)?.ariaLabel.includes(`each of ${depth} hidden layers`);
        window.taken = new Promise(resolve => document.addEventListener(event, ({timeStamp}) => {
            const look = () => there() ? resolve((performance.now() - timeStamp) / 1000) : requestAnimationFrame(look);
            look();
        }, {capture: true, once: true}));
    }""", [CHARTS, depth, event])
    act()
    return page.evaluate("window.taken")


def size_of_a_run(server: Server, tabs: Tabs) -> None:
    """Bytes over the websocket for a run of the default settings, from the open page to the end of it."""
    for what, query in (("10 layers (the default)", "v=1&seed=21"), ("20 layers", "v=1&seed=21&widths=32x20"),
                        ("50 layers", "v=1&seed=21&widths=32x50")):
        with visit(tabs, f"{server.url}/gradients?{query}") as page:
            traffic = tabs.traffic[page]
            before, asked = traffic.received, len(traffic.events("more"))
            player(page, "Play").click()
            player(page, "Pause").wait_for()
            at_rest(page)
            settled(page)
            print(f"a run of {what}, all charts: {(traffic.received - before) / 1e6:.2f} MB in "
                  f"{len(traffic.events('more')) - asked} parts; its page {before / 1e6:.2f} MB", flush=True)


def playing(server: Server) -> None:
    """The server's processor while so many viewers play what they have, and when all come to rest at once."""
    async def everybody() -> None:
        viewers = [Viewer(server.url, hall.LINK.format(seed=31)) for _ in range(VIEWERS)]
        await together(viewers, hall.enter)
        await together(viewers, Viewer.play)
        await together(viewers, Viewer.settled)
        before, began = hall.spent(server), time.monotonic()
        await asyncio.sleep(10)
        share = (hall.spent(server) - before) / (time.monotonic() - began)
        before, began = hall.spent(server), time.monotonic()
        await together(viewers, rest)
        taken, cost = time.monotonic() - began, hall.spent(server) - before
        print(f"{VIEWERS} viewers play what they have: the server takes {share:.1%} of a core; all come to rest: "
              f"answered within {taken:.2f} s, {1000 * cost / VIEWERS:.0f} ms of the processor each", flush=True)
        await together(viewers, Viewer.__aexit__)

    async def rest(viewer: Viewer) -> None:
        await viewer.say("rest", {"run": viewer.bar["run"], "at": viewer.bar["known"] - 1})
        await viewer.settled(60)

    crowd(everybody)


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
