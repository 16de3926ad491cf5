"""The Keras code of the practical questions, run as it is shown."""

from pathlib import Path

import pytest

from pages.ui.cards import keras_source
from tests.tiers import only_nightly

FILES = sorted(path.stem for path in (Path(__file__).parents[2] / "pages" / "keras").glob("*.py"))


@pytest.mark.parametrize("name", only_nightly(FILES, but=("p3_xavier", "p6_forward", "p9_clipping", "p11_structure")))
def test_it_runs_as_it_is_shown_and_prints_something(name, keras_output):
    assert keras_output(name).strip()


def test_the_page_shows_the_file():
    assert FILES
    assert all(keras_source(name).startswith('"""') for name in FILES)
