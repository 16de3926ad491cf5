"""The tests' own websocket client, on a small app of its own: what it reports must be what the server did."""

import asyncio

import pytest

from tests.e2e.server import APPS, Server, serve
from tests.e2e.viewer import Viewer, crowd, together


@pytest.fixture(scope="module")
def counter():
    with serve(APPS / "counter.py") as server:
        yield server


def count(viewer: Viewer) -> int:
    return int(viewer.texts("count ")[0].removeprefix("count "))


def test_it_reads_the_page_and_sets_what_it_is_told_to(counter: Server):
    async def visit():
        async with Viewer(counter.url, "?name=Ada&depth=20") as viewer:
            await viewer.settled()
            assert viewer.texts("Hello") == ["Hello Ada"]
            assert viewer.texts("depth ") == ["depth 20, relu, norm False, run 1"]

            await viewer.set("slider", "Depth", 30)
            await viewer.settled()
            await viewer.set("selectbox", "Activation", "tanh")
            await viewer.settled()
            await viewer.set("checkbox", "Batch norm", True)
            await viewer.settled()
            assert viewer.texts("depth ") == ["depth 30, tanh, norm True, run 4"]
            assert viewer.query == {"name": "Ada", "depth": "30", "activation": "tanh"}

            await viewer.click("Deepest")  # moves the slider from the server's side
            await viewer.settled()
            await viewer.rerun()
            await viewer.settled()
            assert viewer.texts("depth ") == ["depth 50, tanh, norm True, run 6"]
            assert viewer.query["depth"] == "50"

            with pytest.raises(LookupError, match=r"there are \['Deepest', 'Fail', 'Start', 'Stop'\]"):
                viewer.find("button", "Train")
            assert viewer.failures == []

    crowd(visit)


def test_it_ticks_a_fragment_while_the_server_says_so(counter: Server):
    async def watch():
        async with Viewer(counter.url) as viewer:
            await viewer.settled()
            await asyncio.sleep(0.5)
            assert (count(viewer), viewer.ticks, viewer.texts("at rest")) == (0, 0, ["at rest"])

            await viewer.click("Start")
            await viewer.until(lambda: count(viewer) >= 10)
            assert viewer.texts("at rest") == []
            assert len(viewer.texts("depth ")) == 1  # a fragment's run leaves the rest of the page
            assert viewer.texts("run ") == ["depth 10, relu, norm False, run 2"]

            await viewer.click("Stop")
            await viewer.settled()
            stopped, asked = count(viewer), viewer.ticks
            await asyncio.sleep(0.5)
            assert (count(viewer), viewer.ticks) == (stopped, asked)

            assert viewer.texts("odd") == (["odd"] if stopped % 2 else [])  # what a run did not draw again is gone
            assert [list(chart["y"]) for chart in viewer.charts()] == [[stopped * x for x in range(5)]]
            assert asked >= stopped - 1  # a tick for every count but the first, which came with the page

    crowd(watch)


def test_it_reports_what_went_wrong_and_stays_connected(counter: Server):
    async def fail():
        async with Viewer(counter.url) as viewer:
            await viewer.settled()
            await viewer.click("Fail")
            await viewer.settled()
            assert len(viewer.failures) == 1
            await viewer.rerun()
            await viewer.settled()
            assert viewer.texts("at rest")

    crowd(fail)
    assert "this was asked for" in counter.log()


def test_thirty_of_them_each_see_their_own_page(counter: Server):
    viewers = [Viewer(counter.url, f"?name=viewer{number}&depth={number + 11}&interval=0.5") for number in range(30)]

    async def watch(viewer: Viewer):
        async with viewer:
            await viewer.settled(120)
            await viewer.click("Start")
            await viewer.until(lambda: count(viewer) >= 5, 120)
            await viewer.click("Stop")
            await viewer.settled(120)
            (chart,) = viewer.charts()
            return viewer.texts("Hello")[0], viewer.query["depth"], chart["y"].max() / 4 == count(viewer)

    seen = crowd(lambda: together(viewers, watch))
    assert [name for name, _, _ in seen] == [f"Hello viewer{number}" for number in range(30)]
    assert [depth for _, depth, _ in seen] == [str(number + 11) for number in range(30)]
    assert all(drawn for _, _, drawn in seen)
