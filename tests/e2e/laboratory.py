"""What tests and benchmarks do on a page with a player: press its buttons, read its step, watch its charts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from pages.ui.course import LESSONS
from tests.e2e.conftest import wait_for
from tests.e2e.viewer import Viewer

GRADIENT, HEAT = 0, 1  # the place of these charts among those of the Gradients page
CHARTS = '[data-testid="stVegaLiteChart"]'
WITHOUT_CHART = ("questions",)  # pages that have none
STEP = re.compile(r"step (\d+) of (\d+)")


def address(name: str, query: str = "") -> str:
    """The path of a page with its parameters; the first page of the course map stands at the root."""
    return f"/{'' if name == next(iter(LESSONS)) else name}" + (f"?{query}" if query else "")


# In the browser


def player(page: Page, label: str) -> Locator:
    """The button of the player with that label: Reset, Train, Pause or Step."""
    return page.locator(".st-key-player button:visible").filter(has_text=label)


def slider(page: Page, name: str) -> Locator:
    """The slider of that control: what takes the keyboard and holds the value."""
    return page.locator(f".st-key-control_{name} input[type=range]")


def shown_step(page: Page) -> tuple[int, int]:
    """The step at which the play-head stands, and the last one."""
    found = wait_for(page, lambda: STEP.search(page.locator(".st-key-player_place").inner_text()))
    return int(found[1]), int(found[2])


def plays(page: Page, further_than: int = 0) -> None:
    """Waits until the run is playing and has come further than that step."""
    player(page, "Pause").wait_for(timeout=60_000)
    wait_for(page, lambda: shown_step(page)[0] > further_than, 60)


def at_rest(page: Page, seconds: float = 120) -> None:
    """Waits until nothing plays any more."""
    player(page, "Train").wait_for(timeout=seconds * 1000)


@dataclass
class Watch:
    """Looks at every chart that was drawn in an animation frame, and keeps when it looked different from before.

    Entering it tags the charts and what is drawn in them; `rebuilt` says which of them have been replaced since.
    """

    page: Page

    def __enter__(self) -> Watch:
        self.page.evaluate(
            """charts => {
                const watch = window.watch = {start: performance.now(), pictures: [], last: [], on: true};
                const dirty = new Set();  // looking costs the page time, so only at what was drawn
                const around = node => node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
                const observer = new MutationObserver(
                    changes => changes.forEach(change => dirty.add(around(change.target)?.closest(charts))));
                const clear = CanvasRenderingContext2D.prototype.clearRect;
                CanvasRenderingContext2D.prototype.clearRect = function (...where) {
                    dirty.add(this.canvas.closest(charts));
                    return clear.apply(this, where);
                };
                document.querySelectorAll(charts).forEach((chart, i) => {
                    dirty.add(chart);
                    observer.observe(chart, {subtree: true, childList: true, attributes: true, characterData: true});
                    chart.dataset.watched = i;
                    chart.querySelector('svg, canvas').dataset.watched = i;
                });
                const look = () => {
                    document.querySelectorAll(charts).forEach((chart, i) => {
                        const drawn = chart.querySelector('svg, canvas');
                        if (!drawn || !dirty.delete(chart)) return;
                        const now = drawn.tagName === 'CANVAS' ? drawn.toDataURL() : drawn.innerHTML;
                        if (watch.last[i] !== undefined && watch.last[i] !== now)
                            (watch.pictures[i] ??= []).push(performance.now() - watch.start);
                        watch.last[i] = now;
                    });
                    if (watch.on) requestAnimationFrame(look);
                };
                look();
            }""",
            CHARTS,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.page.evaluate("() => { window.watch.on = false }")

    def pictures(self, chart: int) -> list[float]:
        """Milliseconds since it was entered at which that chart of the page showed something new."""
        return self.page.evaluate("chart => window.watch.pictures[chart] ?? []", chart)

    def rebuilt(self) -> list[int]:
        """The charts of the page that are other nodes, or draw into other nodes, than when it was entered."""
        return self.page.evaluate(
            """charts => [...document.querySelectorAll(charts)].flatMap((chart, i) => {
                const drawn = chart.querySelector('svg, canvas');
                return chart.dataset.watched === `${i}` && drawn?.dataset.watched === `${i}` ? [] : [i];
            })""",
            CHARTS,
        )


# In a viewer


def said_step(viewer: Viewer) -> int:
    """The step of the progress bar, or -1 if nothing plays."""
    texts = [node.proto.text for node in viewer.nodes.values() if node.kind == "progress"]
    found = [STEP.search(text) for text in texts]
    return max((int(one[1]) for one in found if one), default=-1)


def has_button(viewer: Viewer, label: str) -> bool:
    """Whether a button with that label is on the page."""
    return any(node.kind == "button" and node.proto.label == label for node in viewer.nodes.values())


def finished(viewer: Viewer) -> bool:
    """Whether it stands at the last step and nothing plays."""
    scrubbers = [node.proto for node in viewer.nodes.values()
                 if node.kind == "slider" and node.proto.label == "Recorded step"]
    return any(len(one.options) > 1 and list(one.raw_value) == [one.options[-1]] for one in scrubbers)
