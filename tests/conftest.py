"""What every test shares."""

import os
from collections.abc import Iterator

import altair as alt
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes about the processor are no test output
# As core.tensors sets it up, also where a test is the first to import TensorFlow: else sums are taken in another order.
os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """What shares a costly beginning runs in one process (`--dist loadgroup`): what the Keras files print, a kind of
    run of the matrix (it is compiled once for all pages), else a file.
    """
    file = item.nodeid.partition("::")[0]
    shared = ("keras files" if "keras_output" in item.fixturenames
              else item.callspec.params.get("kind", file) if "test_matrix" in file else file)
    item.add_marker(pytest.mark.xdist_group(shared))
    if is_quick(item):
        item.add_marker(pytest.mark.quick)


TRAINS = {"train", "Trainer", "RUNS", "backpropagate", "initial_weights", "tensors", "opening_runs", "keras_script"}


def is_quick(item: pytest.Item) -> bool:
    """Of core what trains nothing, and of the pages each part with one kind of run."""
    if "tests/core" in item.nodeid:
        return not TRAINS & vars(item.module).keys() and not item.get_closest_marker("nightly")
    return item.nodeid.startswith("tests/test_") or ("test_matrix" in item.nodeid and "one unit" in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def every_drawing_is_checked() -> Iterator[None]:
    """The app does not hold its charts against Vega-Lite's schema: whatever a test draws, is."""
    from core.charts import drawing

    make = drawing.spec_of

    def checked(chart, *moves):
        spec = make(chart, *moves)
        alt.Chart.from_dict(spec, validate=True)  # what the play-head needs included
        return spec

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "spec_of", checked)
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_under_way_at_the_end() -> Iterator[None]:
    """A process that ends in the middle of TensorFlow's import is aborted, whatever its tests said."""
    from core import runs

    yield
    for preparation in list(runs._preparing.values()):
        preparation.thread.join()
