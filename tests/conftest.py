"""What every test shares."""

import os
from collections.abc import Iterator

import altair as alt
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes about the processor are no test output
# As core.tensors sets it up, also where a test is the first to import TensorFlow: else sums are taken in another order.
os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


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
