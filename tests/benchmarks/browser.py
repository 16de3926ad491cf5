"""What a viewer of the app sees and waits for, in Chromium, and how a hall fares. Everything is printed."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pages.ui.course import LESSONS
from tests.benchmarks import hall
from tests.e2e.conftest import CHROMIUM_FLAGS, Tabs, settled, warm
from tests.e2e.laboratory import CHARTS, WITHOUT_CHART, Watch, address, player, plays
from tests.e2e.server import APPS, ROOT, Server, serve

PROJECTOR, PHONE = (1280, 720), (390, 844)
SECONDS = 4  # for which pictures are counted
DRAGS = 30
ROUNDS = 3
RUN = "/gradients?v=1&widths={widths}&activation=tanh&steps=2000&seed=11"


def report() -> None:
    path = os.environ.get("CHROMIUM") or subprocess.check_output([ROOT / ".ci/chromium"], text=True).strip()
    with sync_playwright() as playwright:
        tabs = Tabs(playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS))
        with serve() as server:
            warm(server)
            pictures(server, tabs, "32x20", PROJECTOR)
            pictures(server, tabs, "64x50", PROJECTOR)
            pictures(server, tabs, "32x20", PHONE, slower=4)
            first_pictures(server, tabs)
        first_paints(tabs)
    hall.report()


def pictures(server: Server, tabs: Tabs, widths: str, size: tuple[int, int], slower: int = 1) -> None:
    """Distinct pictures a second of the charts in sight while it plays, and ms from a drag to the next picture."""
    page = tabs(server.url + RUN.format(widths=widths), size=size)
    if slower > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    player(page, "Play").click()
    plays(page, further_than=100)
    with Watch(page) as watch:
        page.wait_for_timeout(SECONDS * 1000)
        in_sight = page.evaluate("""charts => [...document.querySelectorAll(charts)].flatMap((chart, i) => {
            const { top, bottom } = chart.getBoundingClientRect();
            return bottom > 0 && top < innerHeight - 60 ? [i] : [];
        })""", CHARTS)
        shown = {chart: len(watch.pictures(chart)) / SECONDS for chart in in_sight}
        rebuilt = watch.rebuilt()
    player(page, "Pause").click()
    said = ", ".join(f"{rate:.1f}" for rate in shown.values())
    where = f"{size[0]} px" + f", processor {slower} times slower" * (slower > 1)
    print(f"{widths}, {where}: pictures a second {said}; "
          f"charts rebuilt {rebuilt}; drag to picture {_dragged(page):.0f} ms (median)", flush=True)
    page.context.close()


def _dragged(page: Page) -> float:
    """Milliseconds from an input of the scrubber to the animation frame in which the first chart has changed."""
    times = page.evaluate("""async ([charts, drags]) => {
        const bars = [...document.querySelectorAll('.st-key-player *')].map(node => node.shadowRoot).filter(Boolean);
        const range = bars[0].querySelector('input'), chart = document.querySelector(charts + ' :is(svg, canvas)');
        const look = () => chart.tagName === 'CANVAS' ? chart.toDataURL() : chart.innerHTML;
        const frame = () => new Promise(requestAnimationFrame), times = [];
        for (let i = 0; i < drags; i++) {
            const before = look(), began = performance.now();
            range.value = 20 + 3 * i;
            range.dispatchEvent(new Event('input', {bubbles: true}));
            while (look() === before && performance.now() - began < 2000) await frame();
            times.push(performance.now() - began);
            await frame();
        }
        return times;
    }""", [CHARTS, DRAGS])
    return statistics.median(times)


def first_pictures(server: Server, tabs: Tabs) -> None:
    """Seconds from the click on a set-up to its first gradient on the screen, in an architecture not seen before."""
    for label, depth in (("Tanh with Glorot trains", 10), ("Explodes", 20), ("ReLU with He, 50 layers", 50)):
        page = tabs(server.url + "/gradients?widths=5x3")
        settled(page)
        print(f"first gradient of {depth} layers {_after_click(page, label, depth):.2f} s after the click", flush=True)
        page.context.close()


def _after_click(page: Page, label: str, depth: int) -> float:
    return page.evaluate("""([charts, label, depth]) => new Promise(resolve => {
        const start = performance.now();
        [...document.querySelectorAll('.st-key-setups button')]
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
