"""A hall full of people: thirty viewers of one link, and thirty who each have settings of their own."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.spec import RunSpec
from core.training import recorded_steps
from pages.ui.course import LESSONS
from tests.e2e.conftest import warm
from tests.e2e.server import APPS, Server, serve
from tests.e2e.viewer import Viewer, crowd, together

VIEWERS = 30
ONE_LINK = "gradients?v=1&widths=16x10&activation=tanh&seed=3"
LONG = "gradients?v=1&widths=64x50&activation=tanh&batch_size=16&steps=20000&seed=4"  # half a minute and more
PATIENCE = 300  # seconds, on a machine that is busy with other things


@pytest.fixture(scope="module")
def counted():
    """The app with TensorFlow loaded, telling of every training that begins."""
    with serve(APPS / "counted.py") as server:
        warm(server)
        yield server


def trainings(log: str, seed: int) -> int:
    return sum("begins" in line and line.rstrip(") begins").endswith(f"seed={seed}") for line in log.splitlines())


def moments(viewer: Viewer) -> set[int]:
    """Of how many moments each chart that packs its numbers holds them; 1 where none has changed."""
    return {text.count(",") + 1 for frame in viewer.charts() if "values" in frame for text in frame["values"]}


def test_thirty_viewers_of_one_link_have_the_whole_run_of_one_training(counted):
    viewers = [Viewer(counted.url, ONE_LINK) for _ in range(VIEWERS)]
    whole = len(recorded_steps(RunSpec().steps))

    async def watch(viewer: Viewer) -> tuple[list[str], int, bool, int]:
        async with viewer:
            await viewer.settled(PATIENCE)
            await viewer.play(PATIENCE)
            await viewer.settled(PATIENCE)
            return viewer.failures, viewer.bar["known"], viewer.bar["finished"], max(moments(viewer))

    assert crowd(lambda: together(viewers, watch)) == [([], whole, True, whole)] * VIEWERS
    assert trainings(counted.log(), seed=3) == 1


def test_who_opens_a_run_that_is_there_has_all_of_it_at_once(counted):
    async def visit() -> dict:
        async with Viewer(counted.url, ONE_LINK) as viewer:
            await viewer.settled(PATIENCE)
            await viewer.play(PATIENCE)
        async with Viewer(counted.url, ONE_LINK) as viewer:
            await viewer.settled(PATIENCE)
            return viewer.bar

    bar = crowd(visit)
    assert bar["finished"]
    assert (bar["known"], bar["opens"]) == (len(recorded_steps(RunSpec().steps)), 0)


def test_thirty_viewers_with_seeds_of_their_own_all_arrive(counted):
    """And meanwhile a page without a training is served, and who has to wait is told so."""
    viewers = [Viewer(counted.url, f"gradients?v=1&widths=16x10&activation=tanh&steps=100&seed={seed}")
               for seed in range(100, 100 + VIEWERS)]
    told: set[str] = set()

    async def watch(viewer: Viewer) -> list[str]:
        async with viewer:
            await viewer.settled(PATIENCE)
            playing = asyncio.create_task(viewer.play(PATIENCE))
            await viewer.until(lambda: told.add(viewer.bar["waits"]) or playing.done(), PATIENCE)
            await playing
            assert viewer.bar["known"] == len(recorded_steps(100))
            return viewer.failures

    async def read() -> list[str]:
        await asyncio.sleep(1)
        async with Viewer(counted.url, "activations") as reader:
            await reader.settled(PATIENCE)
            assert reader.texts(LESSONS["activations"].question)
            assert reader.charts()
            return reader.failures

    async def all_of_them() -> list[list[str]]:
        reader = asyncio.create_task(read())
        return [*await together(viewers, watch), await reader]

    assert crowd(all_of_them) == [[]] * (VIEWERS + 1)
    assert [trainings(counted.log(), seed) for seed in range(100, 100 + VIEWERS)] == [1] * VIEWERS
    assert any(sentence.startswith("training, in turns with ") for sentence in told)


def test_a_viewer_who_closes_the_tab_or_asks_for_nothing_more_has_nobody_train(counted):
    async def leave_and_look() -> tuple[int, int]:
        async with Viewer(counted.url, LONG) as viewer:
            await viewer.settled(PATIENCE)
            while viewer.bar["known"] <= 1:
                await ask(viewer)
            assert spends(counted, 1)  # it goes on for a while, should the next part be asked for
            assert await rests(counted)  # it is not
            await ask(viewer)
            assert spends(counted, 1)
        assert await rests(counted)
        async with Viewer(counted.url, LONG) as viewer:
            await viewer.settled(PATIENCE)
            assert await rests(counted)  # who opens the link has step 0 and no more computed
            before = trainings(counted.log(), seed=4)
            await ask(viewer)
            return before, viewer.bar["finished"]

    assert crowd(leave_and_look) == (1, False)  # one that had finished would not tell who trains


async def ask(viewer: Viewer) -> None:
    """Asks for one more part, as the bar does."""
    turn = viewer.bar["turn"]
    await viewer.say("more", viewer.bar["known"])
    await viewer.until(lambda: viewer.bar["turn"] != turn, PATIENCE)


def work(server: Server) -> float:
    """Seconds of the processor that it has used."""
    times = server.process.cpu_times()
    return times.user + times.system


def spends(server: Server, seconds: float) -> bool:
    """Whether it does work in that time."""
    before = work(server)
    time.sleep(seconds)
    return work(server) - before > 0.1


async def rests(server: Server) -> bool:
    """Whether within half a minute it does next to nothing for two seconds."""
    for _ in range(15):
        before = work(server)
        await asyncio.sleep(2)
        if work(server) - before < 0.1:
            return True
    return False
