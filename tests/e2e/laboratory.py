"""What tests and benchmarks do on a page with a player: press its buttons, read its step, watch its charts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from pages.ui.course import LESSONS
from tests.e2e.conftest import WIDE, Tabs, settled, wait_for

# The places of these charts among those of the Gradients page; FACTORS is of step 0, and stands still.
GRADIENT, FACTORS, HEAT, SPREAD, SATURATED = 0, 1, 2, 5, 6
CHARTS = '[data-testid="stVegaLiteChart"]'
BAR = ".st-key-player"  # the bar itself is in a shadow root; locators pierce it
WITHOUT_CHART = ("questions", "own_network")  # pages that have none
PARTS = {  # what is opened of each page that has parts; the first is what it opens with
    "activations": ["", "part=deep", "part=layers", "part=softmax", "part=linear"],
    "losses": ["", "show=outlier", "show=mistake", "show=formula"],
    "initializers": ["", "show=kernel", "show=units"],
    "perceptron": ["", "show=hidden"],
    "anatomy": ["", "part=families", "part=counts"],
    "optimizers": ["", "show=network", "show=rates", "show=batches"],
    "regularization": ["", "part=batch_norm"],
}
DRAWN = [(name, part) for name in LESSONS for part in PARTS.get(name, [""])
         if name not in WITHOUT_CHART and part != "part=counts"]
PLAYED = [(name, part) for name, part in DRAWN if (name, part) not in [
    ("activations", ""), ("activations", "part=softmax"), ("activations", "part=linear"), ("anatomy", "part=families"),
    ("losses", ""), ("losses", "show=outlier"), ("initializers", "show=kernel"), ("initializers", "show=units")]]
STEP = re.compile(r"step (\d+) of (\d+)")


def address(name: str, query: str = "") -> str:
    """The path of a page with its parameters; the first page of the course map stands at the root."""
    return f"/{'' if name == next(iter(LESSONS)) else name}" + (f"?{query}" if query else "")


def opened(tabs: Tabs, url: str, size: tuple[int, int] = WIDE) -> Page:
    """A page with a player, once it rests and shows all of its charts."""
    page = tabs(url, size)
    at_rest(page)
    return settled(page)


# The player


def player(page: Page, label: str) -> Locator:
    """The button of the player with that label: Reset, Play, Pause, Step or To the end."""
    return page.locator(BAR).get_by_role("button", name=label, exact=True)


def scrubber(page: Page) -> Locator:
    """The slider of the player: its value is the moment, the number of a recorded step."""
    return page.locator(BAR).get_by_role("slider", name="Recorded step")


def shown_step(page: Page) -> tuple[int, int]:
    """The step at which the play-head stands, and the last one."""
    found = wait_for(page, lambda: STEP.search(page.locator(f"{BAR} output").inner_text()))
    return int(found[1]), int(found[2])


def moment(page: Page) -> int:
    """The moment that every chart shows."""
    return page.evaluate("document.body.value")


def said(page: Page) -> str:
    """The verdict on that moment, or what else the page says of it."""
    return page.locator(".st-key-verdict .now").inner_text()


def waits_for(page: Page) -> str:
    """What the player says is waited for, or where the run is from."""
    return page.locator(f"{BAR} .waits").inner_text()


def plays(page: Page, further_than: int = 0) -> None:
    """Waits until the run is playing and has come further than that step."""
    player(page, "Pause").wait_for(timeout=60_000)
    wait_for(page, lambda: shown_step(page)[0] > further_than, 60)


def at_rest(page: Page, seconds: float = 120) -> None:
    """Waits until nothing plays any more."""
    player(page, "Play").wait_for(timeout=seconds * 1000)


def paused(page: Page) -> Page:
    """The page at rest, whether it played until now or not."""
    if player(page, "Pause").count():
        player(page, "Pause").click()
    at_rest(page)
    return settled(page)


def ended(page: Page) -> Page:
    """The page with its whole run, at the end of it."""
    scrubber(page).press("End")
    wait_for(page, lambda: shown_step(page)[0] == shown_step(page)[1], 60)
    return settled(page)


def log(page: Page) -> None:
    """From now on the page keeps whether the player played, each time that changed, and every step that it showed."""
    page.evaluate("""() => {
        const find = selector => [...document.querySelectorAll('.st-key-player *')].map(node => node.shadowRoot)
            .find(Boolean)?.querySelector(selector);
        const kept = window.log = {plays: [], steps: []};
        const note = (list, value) => { if (value !== undefined && list.at(-1) !== value) list.push(value); };
        const look = () => {
            note(kept.plays, find('.play')?.classList.contains('playing'));
            const step = find('output')?.textContent.match(/step (\\d+)/);
            if (step) note(kept.steps, +step[1]);
            if (window.log === kept) requestAnimationFrame(look);
        };
        look();
    }""")


def logged(page: Page, what: str) -> list[Any]:
    """What it has kept: `plays` or `steps`."""
    return page.evaluate(f"window.log.{what}")


# What stands around it


def settings(page: Page) -> set[str]:
    """The parameters in the address bar."""
    return set(page.url.partition("?")[2].split("&"))


def control(page: Page, name: str) -> Locator:
    """The widget of that control: its key has a number behind it once something else has changed its value."""
    return page.locator(f".st-key-control_{name}, [class*='st-key-control_{name}_']")


def slider(page: Page, name: str) -> Locator:
    """The slider of that control: what takes the keyboard and holds the value."""
    return control(page, name).locator("input[type=range]")


def values(page: Page, name: str) -> list[str]:
    """What the slider of that control says; for a moment there may be the one before beside it, or none."""
    return slider(page, name).evaluate_all("sliders => sliders.map(slider => slider.value)")


def setup(page: Page, label: str) -> Locator:
    """The set-up of that name."""
    return page.locator(".st-key-setups").get_by_role("radio", name=label, exact=True)


def shared(page: Page) -> str:
    """The first link under Share: to what is seen."""
    page.locator(".st-key-heading").get_by_role("button", name="Share").press("Enter")
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").first.inner_text()
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    return link.strip()


# The charts


def depth_drawn(page: Page) -> int:
    """The number of hidden layers on the axis of the gradient chart; 0 where another chart still stands there."""
    said = page.locator(CHARTS).nth(GRADIENT).get_attribute("aria-label") or ""
    found = re.search(r"each of (\d+) hidden layers", said)
    return int(found[1]) if found else 0


def picture(page: Page, chart: int = GRADIENT) -> str:
    """What that chart of the page shows right now: two different texts are two different pictures."""
    return page.locator(CHARTS).nth(chart).evaluate(f"chart => ({PICTURE})(chart)")


PICTURE = """chart => {
    const drawn = chart.querySelector('svg, canvas');
    return drawn?.tagName === 'CANVAS' ? drawn.toDataURL() : drawn?.innerHTML.replace(/clip\\d+/g, 'clip');
}"""


@dataclass
class Watch:
    """Looks at every chart that was drawn in an animation frame, and keeps when it looked different from before.

    Entering it tags the charts and what is drawn in them; `rebuilt` says which of them have been replaced since.
    exactly: whether it compares what is drawn; else every change to it counts, which costs the page nothing.
    """

    page: Page
    exactly: bool = True

    def __enter__(self) -> Watch:
        self.page.evaluate(
            """([charts, picture, exactly]) => {
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
                        if (!dirty.delete(chart)) return;
                        const now = exactly ? eval(picture)(chart) : performance.now();
                        if (watch.last[i] !== undefined && watch.last[i] !== now)
                            (watch.pictures[i] ??= []).push(performance.now() - watch.start);
                        watch.last[i] = now;
                    });
                    if (watch.on) requestAnimationFrame(look);
                };
                look();
            }""",
            [CHARTS, PICTURE, self.exactly],
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
