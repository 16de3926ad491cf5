"""A hall full of people: thirty viewers of one link, and thirty who each have settings of their own."""

import asyncio

import pytest

from pages.ui.course import LESSONS
from tests.e2e.laboratory import finished, said_step
from tests.e2e.server import APPS, serve
from tests.e2e.viewer import Viewer, crowd, together

VIEWERS = 30
ONE_LINK = "gradients?widths=16x10&activation=tanh&steps=300&seed=3"
PATIENCE = 300  # seconds, on a machine that is busy with other things


@pytest.fixture(scope="module")
def counted():
    """The app with TensorFlow loaded, telling of every training that begins."""
    with serve(APPS / "counted.py") as server:
        async def warm() -> None:
            async with Viewer(server.url) as viewer:
                await viewer.until(lambda: viewer.texts("TensorFlow is ready"), PATIENCE)

        crowd(warm)
        yield server


def trainings(log: str, seed: int) -> int:
    return sum("begins" in line and line.rstrip(") begins").endswith(f"seed={seed}") for line in log.splitlines())


def test_thirty_viewers_of_one_link_watch_one_training(counted):
    viewers = [Viewer(counted.url, ONE_LINK) for _ in range(VIEWERS)]

    async def watch(viewer: Viewer) -> tuple[int, list[str]]:
        async with viewer:
            await viewer.settled(PATIENCE)
            await viewer.train()
            await viewer.until(lambda: said_step(viewer) >= 100 or finished(viewer), PATIENCE)
            await viewer.until(lambda: finished(viewer), PATIENCE)
            return max(map(len, viewer.pictures().values())), viewer.failures

    seen = crowd(lambda: together(viewers, watch))
    assert [failures for _, failures in seen] == [[]] * VIEWERS
    assert min(pictures for pictures, _ in seen) >= 5
    assert trainings(counted.log(), seed=3) == 1


def test_thirty_viewers_with_seeds_of_their_own_all_arrive(counted):
    """And meanwhile a page without a training is served, and who has to wait is told so."""
    viewers = [Viewer(counted.url, f"gradients?widths=16x10&activation=tanh&steps=100&seed={seed}")
               for seed in range(100, 100 + VIEWERS)]
    told: set[str] = set()

    async def watch(viewer: Viewer) -> list[str]:
        async with viewer:
            await viewer.settled(PATIENCE)
            await viewer.train()
            await viewer.until(lambda: told.update(_waiting(viewer)) or finished(viewer), PATIENCE)
            return viewer.failures

    async def read() -> list[str]:
        await asyncio.sleep(3)
        async with Viewer(counted.url, "activations") as reader:
            await reader.settled(PATIENCE)
            assert reader.texts(LESSONS["activations"].question)
            return reader.failures

    async def all_of_them() -> list[list[str]]:
        reader = asyncio.create_task(read())
        return [*await together(viewers, watch), await reader]

    assert crowd(all_of_them) == [[]] * (VIEWERS + 1)
    assert [trainings(counted.log(), seed) for seed in range(100, 100 + VIEWERS)] == [1] * VIEWERS
    assert any("taking turns with" in sentence for sentence in told)


def _waiting(viewer: Viewer) -> list[str]:
    return [node.proto.text for node in viewer.nodes.values() if node.kind == "progress"]
