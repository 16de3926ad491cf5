"""What every test shares."""

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes about the processor are no test output
# As core.tensors sets it up, also where a test is the first to import TensorFlow: else sums are taken in another order.
os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


@pytest.fixture(scope="session", autouse=True)
def nothing_under_way_at_the_end() -> Iterator[None]:
    """A process that ends in the middle of TensorFlow's import is aborted, whatever its tests said."""
    from core.runs import finish_preparing

    yield
    finish_preparing()
