"""What every test shares."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes about the processor are no test output
# As core.tensors sets it up, also where a test is the first to import TensorFlow: else sums are taken in another order.
os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def pytest_configure() -> None:
    """Whatever a test draws is checked, from the collection on: a drawing is made once and kept."""
    from core.charts.drawing import Drawing
    from tests.drawings import check

    make = Drawing.__init__

    def checked(self: Drawing, spec: dict[str, Any], alt: str) -> None:
        check(spec, alt)
        make(self, spec, alt)

    Drawing.__init__ = checked


def pytest_itemcollected(item: pytest.Item) -> None:
    if is_quick(item):
        item.add_marker(pytest.mark.quick)


class ByWhatIsShared(LoadScopeScheduling):
    """Which tests run in the same process: those of a file, because they share what it sets up, and of the matrix those
    of a kind of run, which is compiled once for all pages.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return f"{file}::{test.rpartition('-')[2]}" if "test_every_part_draws" in test else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWhatIsShared:
    return ByWhatIsShared(config, log)


TRAINS = {"train", "Trainer", "RUNS", "backpropagate", "initial_weights", "tensors", "opening_runs", "shipped",
          "keras_script"}


def is_quick(item: pytest.Item) -> bool:
    """Of core what trains nothing, and of the pages each part with one kind of run."""
    if item.get_closest_marker("nightly"):
        return False
    if "tests/core" in item.nodeid:
        return not TRAINS & vars(item.module).keys()
    return item.nodeid.startswith("tests/test_") or ("test_matrix" in item.nodeid and "one unit" in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def nothing_under_way_at_the_end() -> Iterator[None]:
    """A process that ends in the middle of TensorFlow's import is aborted, whatever its tests said."""
    from core import runs

    yield
    for preparation in list(runs._preparing.values()):
        preparation.thread.join()
