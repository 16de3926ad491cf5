"""What every test shares."""

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes about the processor are no test output


@pytest.fixture(scope="session", autouse=True)
def nothing_under_way_at_the_end() -> Iterator[None]:
    """A process that ends in the middle of TensorFlow's import is aborted, whatever its tests said."""
    from core.runs import finish_preparing

    yield
    finish_preparing()
