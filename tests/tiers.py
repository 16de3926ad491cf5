"""Which tests belong to `make test`, which to `make test-all` alone, and which to `make quick`.

    @pytest.mark.nightly                                         for make test-all alone
    @pytest.mark.parametrize("spec", only_nightly(SPECS, but=FEW))   the others of a long list too

Which tests run in the same process is said in conftest.py.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from typing import Any

import pytest

ALL = os.environ.get("ALL_TESTS") == "1"  # set by make test-all


def only_nightly(cases: Iterable[Any], but: Container[Any]) -> list[Any]:
    """The cases as parameters; all but some of them are for make test-all alone."""
    return [one if one in but else pytest.param(*(one if type(one) is tuple else (one,)), marks=pytest.mark.nightly)
            for one in cases]
